"""``radsal render`` against the closed form over everything that the chain depends on, crossed.

Every film holds every value that its bits can store, so each combination checks the whole chain.
``RADSAL_CROSS=1`` runs the whole product; without it, as many as let any two features meet.
"""

import itertools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .closed_form import after_modality, after_voi, away, low_is_white, turned
from .combinations import SYNTAXES, VOIS, Combination, enough, everything

Command = Callable[..., int]

ALL = os.environ.get("RADSAL_CROSS") == "1"
ASKED = ("SIGMOID", "LUT of 12 bits from below 0", "--voi: second window", "--window C,W")
ROUNDED = 0.5 + 1e-6  # levels: what rounding costs; promised is one of 65,535


@pytest.fixture(scope="module")
def crossed() -> dict[str, list[Combination]]:
    """Combinations by their VOI stage."""
    found: dict[str, list[Combination]] = {voi: [] for voi in VOIS}
    for combination in everything() if ALL else enough():
        found[combination.voi].append(combination)
    return found


def pixels(path: Path) -> NDArray[np.int64]:
    with Image.open(path) as picture:
        return np.asarray(picture).astype(np.int64)


def largest_difference(combination: Combination, shown: NDArray[np.int64], white: int) -> float:
    """Between what is shown and the closed form, in levels; padding must be black."""
    stored = combination.format.stored()
    assert combination.chosen is not None
    gray = after_voi(after_modality(stored, combination.film("").modality), combination.chosen)
    if low_is_white(*combination.polarity):
        gray = turned(gray)
    off = away(shown, gray, white)
    if combination.padded is not None:
        first, last = combination.padded
        padding = (stored >= first) & (stored <= last)
        assert not shown[padding].any(), "padding is not black"
        off = off[~padding]
    return float(off.max())


@pytest.mark.parametrize("voi", [voi for voi in VOIS if "automatic" not in voi])
def test_that_what_is_rendered_is_the_closed_form(
    radsal: Command, crossed: dict[str, list[Combination]], voi: str, tmp_path: Path
) -> None:
    film, out, worst, wrong = tmp_path / "film.dcm", tmp_path / "film.png", 0.0, []
    turns = itertools.cycle(itertools.product((16, 16, 16, 8), SYNTAXES))
    for combination, (bits, syntax) in zip(crossed[voi], turns, strict=False):
        combination.film(syntax).write(film)
        status = radsal("render", film, "--out", out, "--bits", bits, *combination.options)
        assert status == 0, combination
        off = largest_difference(combination, pixels(out), 2**bits - 1)
        worst = max(worst, off)
        if off > ROUNDED:
            wrong.append((off, bits, syntax, combination))
    print(f"{voi}: {len(crossed[voi])} combinations, off by at most {worst:.9f} levels")
    assert not wrong, f"{len(wrong)} of {len(crossed[voi])}, the first: {wrong[:5]}"
    assert crossed[voi]


@pytest.mark.parametrize("voi", [voi for voi in VOIS if "automatic" in voi])
def test_that_an_automatic_window_keeps_order_polarity_and_both_ends(
    radsal: Command, crossed: dict[str, list[Combination]], voi: str, tmp_path: Path
) -> None:
    film, out = tmp_path / "film.dcm", tmp_path / "film.png"
    for combination, syntax in zip(crossed[voi], itertools.cycle(SYNTAXES), strict=False):
        combination.film(syntax).write(film)
        assert radsal("render", film, "--out", out, "--bits", 16, *combination.options) == 0
        stored, shown = combination.format.stored(), pixels(out)
        image = np.ones(stored.shape, bool)
        if combination.padded is not None:
            image = (stored < combination.padded[0]) | (stored > combination.padded[1])
            assert not shown[~image].any(), combination
        values = after_modality(stored, combination.film("").modality).top[image]
        steps = np.diff(shown[image][np.argsort(values, kind="stable")])
        rising = not low_is_white(*combination.polarity)
        assert (steps >= 0).all() if rising else (steps <= 0).all(), combination
        assert shown[image].min() == 0, combination
        assert shown[image].max() == 65535, combination
    assert crossed[voi]


@pytest.mark.parametrize("number", range(len(ASKED)))
def test_that_the_installed_command_draws_the_same(number: int, tmp_path: Path) -> None:
    asked = next(c for c in enough() if c.voi == ASKED[number])
    film = asked.film(SYNTAXES[number % 3]).write(tmp_path / "film.dcm")
    script = Path(sys.executable).with_name("radsal")
    command = [script] if script.exists() else [sys.executable, "-m", "radsal"]
    out = tmp_path / "film.png"
    subprocess.run(
        [*command, "render", film, "--out", out, "--bits", "16", *asked.options],
        check=True,
        timeout=120,
    )
    assert largest_difference(asked, pixels(out), 65535) <= ROUNDED
