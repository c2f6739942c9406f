"""The second value of a VOI LUT's descriptor, where the file does not state its VR.

PS3.3 C.11.2.1.1: SS where the output of the rescale may be signed, else US.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .closed_form import Rescale, Table, after_modality, after_voi, away
from .films import IMPLICIT, Film, Format

RISING = np.arange(500, dtype=np.int64) * 131


@pytest.mark.parametrize(
    ("signed", "rescale", "first"),
    [
        (False, Rescale("1", "0"), 40000),
        (False, Rescale("-1", "65535"), 40000),  # from 0 to 65535
        (True, Rescale("1", "32768"), 40000),  # the same
        (False, Rescale("1", "-32768"), -20000),
        (True, Rescale("1", "0"), -20000),
        (True, Rescale("-1", "0"), -20000),
    ],
)
def test_that_the_first_value_mapped_is_signed_where_the_values_are(
    radsal: Callable[..., int], signed: bool, rescale: Rescale, first: int, tmp_path: Path
) -> None:
    table = Table(first, 16, RISING)
    form = Format(16, 16, 15, signed)
    film = Film(form, modality=rescale, luts=(table,), syntax=IMPLICIT)
    path, out = film.write(tmp_path / "film.dcm"), tmp_path / "film.png"
    assert radsal("render", path, "--out", out, "--bits", 16) == 0
    with Image.open(out) as picture:
        shown = np.asarray(picture).astype(np.int64)
    assert np.unique(shown).size == RISING.size
    gray = after_voi(after_modality(form.stored(), rescale), table)
    assert away(shown, gray, 65535).max() == 0
