"""PNG and JPEG pictures through the commands: drawn as they are, and called what they are."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .pictures import levels
from .seeds import pictures

PICTURES = pictures()


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", PICTURES)
def test_that_a_picture_is_drawn_as_it_is(
    radsal: Callable[..., int], name: str, bits: int, tmp_path: Path
) -> None:
    path, out = tmp_path / name, tmp_path / "out.png"
    path.write_bytes(PICTURES[name])
    status = radsal("render", path, "--out", out, "--bits", bits)
    colour = "colour" in name
    if colour and bits == 16:
        assert status == 2  # a PNG of Pillow has no 16 bits in colour: said, and nothing written
        assert not out.exists()
        return
    assert status == 0
    with Image.open(io.BytesIO(PICTURES[name])) as picture:
        values = np.asarray(picture).astype(np.int64)
    whole = 65535 if "deep" in name else 255
    exact = values / whole * (2**bits - 1)
    assert np.abs(levels(out) - exact).max() <= 0.5


def test_that_info_says_that_a_picture_has_no_calibration(
    radsal: Callable[..., int], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, content in PICTURES.items():
        (tmp_path / name).write_bytes(content)
    assert radsal("info", *(tmp_path / name for name in PICTURES), "--json") == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert [Path(file["path"]).name for file in files] == list(PICTURES)
    for file in files:
        assert file["spacing"] == {"row_mm": None, "column_mm": None, "basis": "pixels-only"}
        assert (file["rows"], file["columns"]) == (40, 30)
        assert not file["modality"]
        assert file["transfer_syntax"] is None
        assert file["orientation"] is None
        assert file["lossy"] == file["path"].endswith(".jpg")
        assert file["photometric"] == ("RGB" if "colour" in file["path"] else "MONOCHROME2")
    assert len({file["sop_instance_uid"] for file in files}) == len(files)
