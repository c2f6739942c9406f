"""Decimals of a file mean what is written there, also where a value falls on an edge exactly.

0.7 x 45 is 31.5, and in float64 a little less. At a threshold, and between two entries of a LUT,
that little is all of the difference between black and white.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from .closed_form import Rescale, Table, Window, after_modality, after_voi, away
from .films import Film, Format
from .pictures import levels

RESCALES = [
    Rescale(slope, intercept)
    for slope in ("0.1", "0.7", "2.3", "-0.7", "0.35", "0.0371")
    for intercept in ("0", "-0.3", "100.4", "-1024")
]
FORMAT = Format(16, 16, 15)


def difference(
    radsal: Callable[..., int], folder: Path, rescale: Rescale, voi: Window | Table
) -> float:
    """The largest between what is rendered and the closed form, in levels of 65,535."""
    windows, luts = ((voi,), ()) if isinstance(voi, Window) else ((), (voi,))
    film = Film(FORMAT, modality=rescale, windows=windows, luts=luts)
    path, out = film.write(folder / "film.dcm"), folder / "film.png"
    assert radsal("render", path, "--out", out, "--bits", 16) == 0
    gray = after_voi(after_modality(FORMAT.stored(), rescale), voi)
    return float(away(levels(out), gray, 65535).max())


@pytest.mark.parametrize("rescale", RESCALES, ids=str)
def test_that_a_threshold_on_a_value_leaves_that_value_black(
    radsal: Callable[..., int], rescale: Rescale, tmp_path: Path
) -> None:
    slope, intercept = Fraction(rescale.slope), Fraction(rescale.intercept)
    for stored in (1, 3, 7, 45, 333, 1001, 4095, 20011, 65000):
        center = slope * stored + intercept + Fraction(1, 2)
        threshold = Window(f"{float(center):.6f}".rstrip("0"), "1")
        assert Fraction(threshold.center) == center
        assert difference(radsal, tmp_path, rescale, threshold) == 0, stored


@pytest.mark.parametrize("rescale", RESCALES, ids=str)
def test_that_a_value_halfway_between_two_entries_of_a_lut_takes_the_upper_one(
    radsal: Callable[..., int], rescale: Rescale, tmp_path: Path
) -> None:
    table = Table(0, 16, np.arange(60000, dtype=np.int64) * 40503 % 65536)
    assert difference(radsal, tmp_path, rescale, table) == 0
