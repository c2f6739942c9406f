"""The command line, run as a user runs it: documents, exit statuses, refusals by name."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image


def radsal(*arguments: object, check: int | None = None, **environment: str):
    done = subprocess.run(
        [sys.executable, "-m", "radsal", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, **environment},
        check=False,
    )
    if check is not None:
        assert done.returncode == check, done.stderr
    return done


@pytest.fixture
def mixed(tmp_path: Path, demo_films: list[Path]) -> Path:
    folder = tmp_path / "mixed"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "film").write_bytes(demo_films[0].read_bytes())
    (folder / "note.txt").write_text("no film")
    (folder / "empty.dcm").write_bytes(b"")
    return folder


@pytest.mark.usefixtures("home")
def test_that_info_counts_every_file_once_and_exits_1_where_one_is_refused(mixed: Path) -> None:
    document = json.loads(radsal("info", mixed, "--json", check=1).stdout)
    assert document["schema"] == "radsal.info/1"
    assert (document["opened"], document["refused"]) == (1, 2)
    by_name = {Path(f["path"]).name: f for f in document["files"]}
    assert by_name["empty.dcm"]["code"] == "empty"
    film = by_name["film"]
    assert film["status"] == "ok"
    assert len(film["pixel_sha256"]) == 64
    assert film["spacing"]["basis"] in ("calibrated", "detector-plane", "pixels-only")


@pytest.mark.usefixtures("home")
def test_that_a_path_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    document = json.loads(radsal("info", tmp_path / "gone.dcm", "--json", check=1).stdout)
    assert [f["code"] for f in document["files"]] == ["unreadable"]


@pytest.mark.slow
@pytest.mark.usefixtures("home")
def test_that_analyze_gives_predictions_maps_and_hot_spots_that_agree_with_each_other(
    demo_films: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    film = demo_films[1]
    done = radsal(
        "analyze", film, film.parent, "--model", "demo-opacity-shortcut", "--out", out, "--json",
        check=0,
    )  # fmt: skip
    document = json.loads(done.stdout)
    assert document["schema"] == "radsal.analysis/1"
    assert document["refused"] == []
    result = document["results"][0]
    dataset = pydicom.dcmread(film, stop_before_pixels=True)
    assert result["image"]["sop_instance_uid"] == dataset.SOPInstanceUID
    assert (result["image"]["rows"], result["image"]["columns"]) == (dataset.Rows, dataset.Columns)
    for prediction in result["predictions"]:
        sigmoid = 1 / (1 + np.exp(-prediction["logit"]))
        assert prediction["probability"] == pytest.approx(sigmoid, abs=1e-6)
        assert prediction["positive"] == (sigmoid >= prediction["operating_point"])
    assert {m["finding"] for m in result["maps"]} == {p["finding"] for p in result["predictions"]}
    for entry in result["maps"]:
        with np.load(entry["file"]) as file:
            assert file["map"].shape == tuple(entry["grid"])
            assert file["image_map"].shape == (dataset.Rows, dataset.Columns)
    for spot in result["hot_spots"]:
        r0, c0, r1, c1 = spot["box"]
        contour = np.array(spot["contour"])
        assert 0 <= r0 < r1 <= dataset.Rows
        assert 0 <= c0 < c1 <= dataset.Columns
        # whole pixels round the exact line; the contour is a quarter of a working pixel exact
        near = 1 + max(dataset.Rows, dataset.Columns) / 512 / 4
        assert np.abs(contour.min(axis=0) - (r0, c0)).max() <= near
        assert np.abs(contour.max(axis=0) - (r1, c1)).max() <= near
        assert set(spot["ledger"]) == {
            "lung", "outside_body", "text", "marker", "device", "border",
        }  # fmt: skip


@pytest.mark.usefixtures("home")
def test_that_analyze_refuses_bad_files_by_name_and_still_answers_for_the_rest(
    mixed: Path,
) -> None:
    document = json.loads(
        radsal("analyze", mixed, "--model", "demo-opacity", "--json", check=1).stdout
    )
    assert len(document["results"]) == 1
    assert {Path(r["path"]).name for r in document["refused"]} == {"note.txt", "empty.dcm"}


@pytest.mark.usefixtures("home")
def test_that_an_unknown_model_is_a_sentence_and_not_a_traceback(demo_films: list[Path]) -> None:
    done = radsal("analyze", demo_films[0], "--model", "nobody", check=1)
    assert "demo-opacity" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("info",), ("render", "x.dcm"), ("export", "abcd", "--format", "docx", "--out", ".")],
)
@pytest.mark.usefixtures("home")
def test_that_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    radsal(*arguments, check=2)


@pytest.mark.usefixtures("home")
def test_that_render_writes_the_displayed_pixels_at_one_to_one(
    demo_films: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "film.png"
    radsal("render", demo_films[0], "--out", out, "--bits", 16, "--window", "2048,4096", check=0)
    dataset = pydicom.dcmread(demo_films[0])
    stored = dataset.pixel_array.astype(np.float64)
    shown = np.clip((stored - 2047.5) / 4095 + 0.5, 0, 1) * 65535  # PS3.3 C.11.2.1.2.1
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        shown = 65535 - shown
    with Image.open(out) as picture:
        assert np.abs(np.asarray(picture, np.float64) - shown).max() <= 1


@pytest.mark.usefixtures("home")
def test_that_models_list_names_every_shipped_model_with_its_hash() -> None:
    document = json.loads(radsal("models", "list", "--json", check=0).stdout)
    known = {m["id"]: m["sha256"] for m in document["models"]}
    assert {"demo-opacity", "demo-opacity-shortcut", "nih-pneumonia"} <= set(known)
    assert len(set(known.values())) == len(known)


@pytest.mark.usefixtures("home")
def test_that_the_model_card_of_the_twin_says_what_is_wrong_with_it() -> None:
    assert "tag" in radsal("models", "show", "demo-opacity-shortcut", check=0).stdout.lower()


def test_that_without_a_display_the_window_says_what_is_missing(home: Path) -> None:
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    done = radsal(check=1, **bare)
    if sys.platform.startswith("linux"):
        assert "display" in done.stderr.lower() or "missing" in done.stderr.lower()
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_that_the_demo_does_its_job_without_a_display(home: Path, tmp_path: Path) -> None:
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"), "")
    out = tmp_path / "demo"
    done = radsal("demo", "--out", out, check=0, **bare)
    assert out.name in done.stdout.replace("\n", "")
    for model in ("demo-opacity", "demo-opacity-shortcut"):
        films = len(json.loads((out / model / "analysis.json").read_text("utf-8"))["results"])
        assert films >= 8
        assert len(list((out / model).glob("*.png"))) == films
        assert len(list((out / model).glob("*.pdf"))) == films


def test_that_neither_commands_nor_window_import_torch_into_their_own_process() -> None:
    code = (
        "import sys, radsal.__main__\n"
        "light = {'torch', 'monai', 'PySide6'} & set(sys.modules)\n"
        "import radsal.app.main\n"
        "heavy = {'torch', 'monai', 'torchvision'} & set(sys.modules)\n"
        "print(sorted(light), sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.stdout.strip() == "[] []"
