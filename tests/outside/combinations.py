"""Everything that the grayscale chain depends on, crossed with everything else.

``RADSAL_CROSS=1`` selects the whole product; without it, as many as let any two features meet.
"""

import itertools
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from .closed_form import (
    Gray,
    Rescale,
    Table,
    Values,
    Whole,
    Window,
    after_modality,
    after_voi,
    low_is_white,
    turned,
)
from .films import BIG, EXPLICIT, IMPLICIT, Film, Format

POLARITIES = tuple(itertools.product(("MONOCHROME1", "MONOCHROME2"), (None, "IDENTITY", "INVERSE")))
FORMATS = tuple(
    Format(bits, allocated, high, signed)
    for bits, allocated, high in (
        (8, 8, 7), (7, 8, 7), (8, 16, 7), (8, 16, 14), (10, 16, 9), (10, 16, 12), (12, 16, 11),
        (12, 16, 15), (15, 16, 14), (15, 16, 15), (16, 16, 15),
    )
    for signed in (False, True)
)  # fmt: skip
RESCALES = {
    "none": None,
    "slope above 0": Rescale("2", "-1024"),
    "fractional slope": Rescale("0.0371", "-7.25"),
    "slope below 0": Rescale("-1", "0"),
    "fractional slope below 0": Rescale("-0.75", "100.5"),
    "intercept": Rescale("1", "300"),
}
MODALITIES = (*RESCALES, "LUT of 8 bits", "LUT of 16 bits")
PADDINGS = ("none", "value", "range")
LUTS = {  # bits of an entry, entries in bytes, first value mapped is below 0
    "LUT of 8 bits": (8, False, False),
    "LUT of 8 bits in bytes": (8, True, False),
    "LUT of 10 bits": (10, False, False),
    "LUT of 12 bits from below 0": (12, False, True),
    "LUT of 16 bits": (16, False, False),
    "LUT of 16 bits from below 0": (16, False, True),
}
WINDOWS = (
    *("LINEAR", "LINEAR of fractions", "LINEAR 1 wide", "LINEAR about a center below 0"),
    *("LINEAR_EXACT", "LINEAR_EXACT under 1 wide", "SIGMOID"),
)
CHOICES = (
    *("automatic", "the first LUT before windows", "--voi: second LUT", "--voi: second window"),
    *("--voi: second SIGMOID", "--no-lut: first window", "--no-lut: automatic"),
    *("--window C,W", "--window C,W,SIGMOID", "--window C,W,LINEAR_EXACT"),
)
VOIS = (*WINDOWS, *LUTS, *CHOICES)
SYNTAXES = (EXPLICIT, IMPLICIT, BIG)
ALL = os.environ.get("RADSAL_CROSS") == "1"


@dataclass(frozen=True)
class Combination:
    """One film and one way to ask for it."""

    polarity: tuple[str, str | None]
    format: Format
    modality: str
    padding: str
    voi: str

    @property
    def features(self) -> tuple[object, ...]:
        return self.polarity, self.format, self.modality, self.padding, self.voi

    @property
    def possible(self) -> bool:
        """A first value mapped below 0 needs an input that may be below 0 (C.11.2.1.1)."""
        return "from below 0" not in self.voi or self._ends[0] < 0

    @property
    def chosen(self) -> Window | Table | None:
        """What is applied: the file's first LUT, else its first window, or what is asked for."""
        return self._said[2]

    @property
    def options(self) -> list[str]:
        return self._said[3]

    def film(self, syntax: str) -> Film:
        windows, luts, *_ = self._said
        low, high = self.format.ends
        pads = {"none": (), "value": (low + 3,), "range": (high - 9, high)}[self.padding]
        return Film(self.format, *self.polarity, self._modality, windows, luts, tuple(pads), syntax)

    @property
    def image(self) -> NDArray[np.bool_]:
        """Where the film shows something: not in its padding, both ends included (C.7.5.1.1.2)."""
        stored, (low, high) = self.format.stored(), self.format.ends
        padding = {"none": stored < low, "value": stored == low + 3, "range": stored >= high - 9}
        return ~padding[self.padding]

    @property
    def values(self) -> Values:
        """After the modality stage."""
        return after_modality(self.format.stored(), self._modality)

    @property
    def gray(self) -> Gray:
        """What is shown, from the closed form."""
        if self.chosen is None:
            raise ValueError("an automatic window has no closed form")
        gray = after_voi(self.values, self.chosen)
        return turned(gray) if low_is_white(*self.polarity) else gray

    @property
    def _modality(self) -> Rescale | Table | None:
        if self.modality in RESCALES:
            return RESCALES[self.modality]
        low, high = self.format.ends
        bits = 8 if "8" in self.modality else 16
        size = (high - low + 1) * 3 // 4  # ends within the range of the image
        return Table(low + size // 6, bits, _steps(size, bits))

    @property
    def _ends(self) -> tuple[int, int]:
        """Lowest and highest value after the modality stage."""
        modality = self._modality
        if isinstance(modality, Table):
            return 0, 2**modality.bits - 1
        said = modality or Rescale()
        ends = [Fraction(said.slope) * end + Fraction(said.intercept) for end in self.format.ends]
        return int(min(ends)), int(max(ends))

    @cached_property
    def _said(
        self,
    ) -> tuple[tuple[Window, ...], tuple[Table, ...], Window | Table | None, list[str]]:
        """The file's windows, its LUTs, what is applied of them, and the options to ask for it."""
        first, second = self._window("LINEAR"), self._window("LINEAR of fractions")
        if self.voi in WINDOWS:
            window = self._window(self.voi)
            return (window,), (), window, []
        if self.voi in LUTS:
            lut = self._lut(self.voi)
            return (), (lut,), lut, []
        one, two = self._lut("LUT of 12 bits"), self._lut("LUT of 16 bits")
        if self.voi == "automatic":
            return (), (), None, []
        if self.voi.startswith("--window"):
            function = self.voi.removeprefix("--window C,W")
            asked = Window(second.center, second.width, function.lstrip(",") or "LINEAR")
            options = ["--window", f"{asked.center},{asked.width}{function}"]
            return (first,), (one,), asked, options
        if self.voi == "--voi: second SIGMOID":
            pair = tuple(Window(w.center, w.width, "SIGMOID") for w in (first, second))
            return pair, (), pair[1], ["--voi", "2"]
        return {
            "the first LUT before windows": ((first, second), (one, two), one, []),
            "--voi: second LUT": ((first, second), (one, two), two, ["--voi", "2"]),
            "--voi: second window": ((first, second), (one, two), second, ["--voi", "4"]),
            "--no-lut: first window": ((first, second), (one, two), first, ["--no-lut"]),
            "--no-lut: automatic": ((), (one, two), None, ["--no-lut"]),
        }[self.voi]

    def _window(self, kind: str) -> Window:
        low, high = self._ends
        middle, third = (low + high) // 2, max((high - low) // 3, 2)
        if kind == "LINEAR 1 wide":
            return Window(str(middle), "1")
        if kind == "LINEAR about a center below 0":
            return Window(str(-third), str(4 * third))
        if kind == "LINEAR of fractions":
            return Window(f"{middle}.375", f"{third}.8")
        if kind == "LINEAR_EXACT under 1 wide":
            return Window(f"{middle}.5", "0.5", "LINEAR_EXACT")
        return Window(str(middle + 1), str(third), kind)

    def _lut(self, kind: str) -> Table:
        """Begins and ends within the values that reach it; never a straight line."""
        bits, packed, below = LUTS.get(kind, (12, False, False))
        low, high = (max(-32768, self._ends[0]), min(65535, self._ends[1]))
        size = max((high - low) * 2 // 3, 4) & ~1
        first = low + (high - low) // 6
        first = min(first, -1) if below else max(first, 0)
        return Table(first, bits, _steps(min(size, 65536), bits), packed)


@lru_cache
def _steps(size: int, bits: int) -> Whole:
    """Entries that rise, fall and jump, with both ends of their range among them."""
    place = np.arange(size, dtype=np.int64)
    entries = (place * 40503 + place * place * 13) % 2**bits
    entries[size // 3], entries[size // 2] = 0, 2**bits - 1
    return entries


def everything() -> Iterator[Combination]:
    """The whole cross product, without what cannot be."""
    crossed = itertools.product(POLARITIES, FORMATS, MODALITIES, PADDINGS, VOIS)
    return (c for c in itertools.starmap(Combination, crossed) if c.possible)


@cache
def selected() -> dict[str, list[Combination]]:
    """Combinations by their VOI stage."""
    found: dict[str, list[Combination]] = {voi: [] for voi in VOIS}
    for combination in everything() if ALL else enough():
        found[combination.voi].append(combination)
    return found


@cache
def enough() -> list[Combination]:
    """A part of it in which any two features that can meet do so."""
    drawn = list(everything())
    random.Random(11).shuffle(drawn)
    met: set[tuple[int, object, int, object]] = set()
    kept = []
    for combination in drawn:
        named = list(enumerate(combination.features))
        pairs = {(i, a, j, b) for (i, a), (j, b) in itertools.combinations(named, 2)}
        if not pairs <= met:
            met |= pairs
            kept.append(combination)
    return kept
