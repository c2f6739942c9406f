import json

import pytest
from PIL import Image

from radsal.core.errors import ExportError
from radsal.workflow.demonstration import demonstrate


def test_that_each_film_gets_a_picture_a_report_and_a_line(
    engines, new_film, request_all, finished, tmp_path
):
    films = [new_film(n, seed=n) for n in (1, 2)]
    lines = finished(demonstrate(engines, films, request_all, tmp_path / "out"))
    folder = tmp_path / "out" / "test-model"
    assert [line.split()[0] for line in lines[1:]] == ["1", "2"]
    assert all("Opacity 80% (above 50%)" in line for line in lines[1:])
    names = {p.name for p in folder.iterdir()}
    maps = {f"{n}-{label}.npz" for n in (1, 2) for label in ("opacity", "effusion")}
    assert names == {"1.png", "2.png", "1.pdf", "2.pdf", "analysis.json"} | maps
    with Image.open(folder / "1.png") as picture:
        assert picture.width == 48
    document = json.loads((folder / "analysis.json").read_text("utf-8"))
    assert document["schema"] == "radsal.analysis/1"
    assert [r["image"]["sop_instance_uid"] for r in document["results"]] == ["2.25.11", "2.25.12"]


def test_that_a_folder_that_cannot_be_made_is_told_as_such(
    engines, new_film, request_all, finished, tmp_path
):
    (tmp_path / "out").write_text("a file is in the way")
    with pytest.raises(ExportError):
        finished(demonstrate(engines, [new_film()], request_all, tmp_path / "out"))
