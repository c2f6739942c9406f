"""``radsal render`` against the closed form over everything that the chain depends on, crossed.

Every film holds every value that its bits can store, so each combination checks the whole chain.
"""

import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from .closed_form import away, low_is_white
from .combinations import SYNTAXES, VOIS, Combination, enough, selected
from .pictures import levels

Command = Callable[..., int]

ROUNDED = 0.5 + 1e-6  # levels: what rounding costs; promised is one of 65,535
BY_SCRIPT = ("SIGMOID", "LUT of 12 bits from below 0", "--voi: second window", "--window C,W")


def largest_difference(combination: Combination, shown: NDArray[np.int64], white: int) -> float:
    """Between what is shown and the closed form, in levels; padding must be black."""
    image = combination.image
    assert not shown[~image].any(), f"padding is not black: {combination}"
    return float(away(shown, combination.gray, white)[image].max())


@pytest.mark.parametrize("voi", [voi for voi in VOIS if "automatic" not in voi])
def test_that_what_is_rendered_is_the_closed_form(
    radsal: Command, voi: str, tmp_path: Path
) -> None:
    film, out, worst, wrong = tmp_path / "film.dcm", tmp_path / "film.png", 0.0, []
    turns = itertools.cycle(itertools.product((16, 16, 16, 8), SYNTAXES))
    for combination, (bits, syntax) in zip(selected()[voi], turns, strict=False):
        combination.film(syntax).write(film)
        status = radsal("render", film, "--out", out, "--bits", bits, *combination.options)
        assert status == 0, combination
        off = largest_difference(combination, levels(out), 2**bits - 1)
        worst = max(worst, off)
        if off > ROUNDED:
            wrong.append((off, bits, syntax, combination))
    print(f"{voi}: {len(selected()[voi])} combinations, off by at most {worst:.9f} levels")
    assert not wrong, f"{len(wrong)} of {len(selected()[voi])}, the first: {wrong[:5]}"
    assert selected()[voi]


@pytest.mark.parametrize("voi", [voi for voi in VOIS if "automatic" in voi])
def test_that_an_automatic_window_keeps_order_polarity_and_both_ends(
    radsal: Command, voi: str, tmp_path: Path
) -> None:
    film, out = tmp_path / "film.dcm", tmp_path / "film.png"
    for combination, syntax in zip(selected()[voi], itertools.cycle(SYNTAXES), strict=False):
        combination.film(syntax).write(film)
        assert radsal("render", film, "--out", out, "--bits", 16, *combination.options) == 0
        shown, image = levels(out), combination.image
        assert not shown[~image].any(), combination
        values = combination.values.top[image]
        steps = np.diff(shown[image][np.argsort(values, kind="stable")])
        rising = not low_is_white(*combination.polarity)
        assert (steps >= 0).all() if rising else (steps <= 0).all(), combination
        assert shown[image].min() == 0, combination
        assert shown[image].max() == 65535, combination
    assert selected()[voi]


@pytest.mark.parametrize("number", range(len(BY_SCRIPT)))
def test_that_the_installed_command_draws_the_same(number: int, tmp_path: Path) -> None:
    asked = next(c for c in enough() if c.voi == BY_SCRIPT[number])
    film = asked.film(SYNTAXES[number % 3]).write(tmp_path / "film.dcm")
    script, out = Path(sys.executable).with_name("radsal"), tmp_path / "film.png"
    command = [script] if script.exists() else [sys.executable, "-m", "radsal"]
    subprocess.run(
        [*command, "render", film, "--out", out, "--bits", "16", *asked.options],
        check=True,
        timeout=120,
    )
    assert largest_difference(asked, levels(out), 65535) <= ROUNDED
