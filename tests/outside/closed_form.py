"""Gray as PS3.3 C.11 states it, worked out exactly for every pixel.

Written from the text of the standard and from what a generated file says, without RadSal's code.
Stored values are whole numbers and the decimals of a header are fractions, so gray is a fraction
too: a numerator for every pixel over one denominator. Only the sigmoid is a float64.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Table:
    """An item of a Modality or VOI LUT Sequence (C.11.1.1.1, C.11.2.1.1)."""

    first: int
    bits: int
    entries: Whole
    packed: bool = False  # entries of 8 bits, two in a word

    def at(self, place: Whole) -> Whole:
        """Values below the first one mapped take the first entry, those above the last."""
        return self.entries[np.clip(place - self.first, 0, len(self.entries) - 1)]


@dataclass(frozen=True)
class Rescale:
    """Rescale Slope (0028,1053) and Intercept (0028,1052), as the file's decimal strings."""

    slope: str = "1"
    intercept: str = "0"


@dataclass(frozen=True)
class Window:
    """Window Center and Width (0028,1050), (0028,1051) with a VOI LUT Function (0028,1056)."""

    center: str
    width: str
    function: str = "LINEAR"


@dataclass(frozen=True)
class Values:
    """``top / bottom`` for every pixel."""

    top: Whole
    bottom: int

    def over(self, bottom: int) -> Whole:
        """Numerators over a multiple of the denominator."""
        return self.top * (bottom // self.bottom)


Gray = Values | NDArray[np.float64]


def after_modality(stored: Whole, modality: Rescale | Table | None) -> Values:
    """C.11.1: output units = slope * stored + intercept, or the entry of the table."""
    if isinstance(modality, Table):
        return Values(modality.at(stored), 1)
    said = modality or Rescale()
    slope, intercept = Fraction(said.slope), Fraction(said.intercept)
    bottom = math.lcm(slope.denominator, intercept.denominator)
    return Values(stored * int(slope * bottom) + int(intercept * bottom), bottom)


def after_voi(values: Values, voi: Window | Table) -> Gray:
    """C.11.2, 0 to 1."""
    if isinstance(voi, Table):
        nearest = (2 * values.top + values.bottom) // (2 * values.bottom)
        return Values(voi.at(nearest), 2**voi.bits - 1)
    center, width = Fraction(voi.center), Fraction(voi.width)
    if voi.function == "SIGMOID":
        return _sigmoid(values, center, width)
    one = math.lcm(values.bottom, center.denominator, width.denominator)
    x, c, w = values.over(one), int(center * one), int(width * one)
    return _linear_exact(x, c, w) if voi.function == "LINEAR_EXACT" else _linear(x, c, w, one)


def _linear(x: Whole, c: int, w: int, one: int) -> Values:
    """C.11.2.1.2.1, doubled where it halves."""
    if w == one:  # a threshold: both ends are c - 0.5
        return Values((2 * x > 2 * c - one).astype(np.int64), 1)
    line = 2 * x - (2 * c - one) + (w - one)
    black = 2 * x <= 2 * c - one - (w - one)
    white = 2 * x > 2 * c - one + (w - one)
    return Values(np.where(black, 0, np.where(white, 2 * (w - one), line)), 2 * (w - one))


def _linear_exact(x: Whole, c: int, w: int) -> Values:
    """C.11.2.1.3.2, doubled where it halves."""
    black, white = 2 * x <= 2 * c - w, 2 * x > 2 * c + w
    return Values(np.where(black, 0, np.where(white, 2 * w, 2 * (x - c) + w)), 2 * w)


def _sigmoid(values: Values, center: Fraction, width: Fraction) -> NDArray[np.float64]:
    """C.11.2.1.3.1; ``1 / (1 + exp(-2t))`` is ``(1 + tanh(t)) / 2``, which never overflows."""
    away = values.top.astype(np.float64) / values.bottom - float(center)
    return (1 + np.tanh(2 * away / float(width))) / 2


def turned(gray: Gray) -> Gray:
    """Low values are white: C.7.6.3.1.2 (MONOCHROME1), C.11.6.1.2 (INVERSE)."""
    return Values(gray.bottom - gray.top, gray.bottom) if isinstance(gray, Values) else 1 - gray


def low_is_white(photometric: str, shape: str | None) -> bool:
    """A Presentation LUT Shape says it all; without one the photometric interpretation does."""
    return photometric == "MONOCHROME1" if shape is None else shape == "INVERSE"


def away(shown: NDArray[np.integer], gray: Gray, white: int) -> NDArray[np.float64]:
    """How far displayed levels, 0 to ``white``, are from the closed form, in levels."""
    if isinstance(gray, Values):
        off = shown.astype(np.int64) * gray.bottom - white * gray.top
        return np.abs(off) / gray.bottom
    return np.abs(shown - gray * white)
