"""``radsal render`` beside DCMTK's dcm2pnm, wherever one of its options asks for the same.

Not comparable, and counted:

- without a window: dcm2pnm's own automatic windows are other ones
- a rescale with fractions before a LUT, or before a window that is less than 600 values wide:
  dcm2pnm cuts values off to whole numbers after the modality stage

Asked for in other words: LINEAR_EXACT, which dcm2pnm does not know, is the LINEAR window half a
value above and one value wider. Left out: padding, which dcm2pnm shows as if it were image.
"""

import itertools
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from .closed_form import Table, Window
from .combinations import ALL, SYNTAXES, VOIS, Combination, selected
from .pictures import levels

Command = Callable[..., int]

STEP = 65535 // 255
WIDE = 600  # values: what is cut off is then less than half a step
EVERY = 7 if ALL else 1  # of the whole product


def asked_of_dcm2pnm(combination: Combination) -> list[str] | None:
    """Options that mean the same; None where there are none."""
    chosen, fractions = combination.chosen, "fractional" in combination.modality
    if chosen is None:
        return None
    if isinstance(chosen, Table):
        number = 2 if combination.voi == "--voi: second LUT" else 1
        return None if fractions else ["+Wl", str(number)]
    if fractions and Fraction(chosen.width) < WIDE:
        return None
    function = "+Wfs" if chosen.function == "SIGMOID" else "+Wfl"
    return [function, "+Ww", *numbers(chosen)]


def numbers(window: Window) -> tuple[str, str]:
    if window.function != "LINEAR_EXACT":
        return window.center, window.width
    center, width = Fraction(window.center) + Fraction(1, 2), Fraction(window.width) + 1
    return str(float(center)), str(float(width))


@pytest.mark.parametrize("voi", [voi for voi in VOIS if "automatic" not in voi])
def test_that_dcm2pnm_draws_the_same_within_a_step_of_8_bits(
    radsal: Command, dcmtk: Callable[[str], str], voi: str, tmp_path: Path
) -> None:
    film, out, theirs = (tmp_path / name for name in ("film.dcm", "film.png", "theirs.png"))
    tool, worst, wrong, compared = dcmtk("dcm2pnm"), 0, [], 0
    some = selected()[voi][::EVERY]
    for combination, syntax in zip(some, itertools.cycle(SYNTAXES), strict=False):
        asked = asked_of_dcm2pnm(combination)
        if asked is None:
            continue
        combination.film(syntax).write(film)
        assert radsal("render", film, "--out", out, "--bits", 16, *combination.options) == 0
        subprocess.run([tool, "-q", "+on2", *asked, film, theirs], check=True, timeout=60)
        off = int(np.abs(levels(out) - levels(theirs))[combination.image].max())
        compared, worst = compared + 1, max(worst, off)
        if off > STEP:
            wrong.append((off, syntax, combination))
    left = len(some) - compared
    print(f"{voi}: {compared} compared, {left} not comparable, off by at most {worst} of 65535")
    assert not wrong, f"{len(wrong)} of {compared}, the first: {wrong[:5]}"
    assert compared > left
