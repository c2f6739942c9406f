import json
from dataclasses import replace

import numpy as np
import pytest

from radsal.cli.analyze import analyze
from radsal.core.errors import KnownError, ModelRefusal, WorkerDied
from radsal.core.identity import ModelIdentity
from radsal.dicom.reading import read_radiograph
from radsal.workflow.question import question
from radsal.workflow.results_folder import map_name


@pytest.fixture
def documented(capsys):
    """The document on stdout."""
    return lambda: json.loads(capsys.readouterr().out)


def test_that_the_document_leads_to_the_maps(engines, asked, new_film, tmp_path, documented):
    film = new_film()
    assert analyze([film], asked, out=tmp_path / "maps", as_json=True) == 0
    document = documented()
    assert document["schema"] == "radsal.analysis/1"
    assert document["refused"] == []
    (result,) = document["results"]
    (entry,) = result["maps"]
    assert result["image"]["path"] == str(film)
    with np.load(entry["file"]) as file:
        assert file["map"].shape == tuple(entry["grid"]) == (4, 6)
        assert file["image_map"].shape == (20, 30)
    (spot,) = result["hot_spots"]
    assert spot["box"][0] <= 7.5 <= spot["box"][2]  # the bright cell: row 1 of 4, column 2 of 6
    assert spot["box"][1] <= 12.5 <= spot["box"][3]
    assert engines.closed


def test_that_without_a_folder_no_map_is_written(engines, asked, new_film, tmp_path, documented):
    new_film()
    before = sorted(tmp_path.rglob("*"))
    analyze([tmp_path / "films"], asked, out=None, as_json=True)
    assert documented()["results"][0]["maps"][0]["file"] is None
    assert sorted(tmp_path.rglob("*")) == before


def test_that_every_file_given_is_answered_or_refused_by_name(
    engines, asked, new_film, tmp_path, documented
):
    new_film("a.dcm")
    (tmp_path / "films" / "b.txt").write_text("no film")
    gone = tmp_path / "gone.dcm"
    assert analyze([tmp_path / "films", gone], asked, out=None, as_json=True) == 1
    document = documented()
    assert len(document["results"]) == 1
    refused = {entry["path"]: entry["code"] for entry in document["refused"]}
    assert refused == {
        str(tmp_path / "films" / "b.txt"): "not-dicom",
        str(gone): "unreadable",
    }
    assert all(entry["reason"] for entry in document["refused"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkerDied("it was ended by SIGKILL"), "worker-died"),
        (
            KnownError("the model gave no number for this image", code="model-output"),
            "model-output",
        ),
    ],
)
def test_that_a_film_without_an_answer_does_not_take_the_others_with_it(
    engines, asked, new_film, documented, error, code
):
    films = [new_film("a.dcm", 1), new_film("b.dcm", 2), new_film("c.dcm", 3)]
    answer = engines.compute.work

    def fail_once(film, request):
        if film.header.path == films[1]:
            raise error
        return answer(film, request)

    engines.compute.work = fail_once
    assert analyze(films, asked, out=None, as_json=True) == 1
    document = documented()
    assert [r["image"]["path"] for r in document["results"]] == [str(films[0]), str(films[2])]
    assert [(r["path"], r["code"]) for r in document["refused"]] == [(str(films[1]), code)]


def test_that_a_refused_model_ends_the_command(engines, asked, new_film, capsys):
    def refuse(film, request):
        raise ModelRefusal("the package changed")

    engines.compute.work = refuse
    with pytest.raises(ModelRefusal):
        analyze([new_film()], asked, out=None, as_json=True)
    assert capsys.readouterr().out == ""
    assert engines.closed


def test_that_no_map_takes_the_name_of_another(engines, asked, new_film, tmp_path, documented):
    films = [  # the same pixels under another name, and turned into a negative
        new_film("a.dcm", 1),
        new_film("b.dcm", 2),
        new_film("c.dcm", 3, PhotometricInterpretation="MONOCHROME1"),
    ]
    analyze(films, asked, out=tmp_path / "maps", as_json=True)
    files = [r["maps"][0]["file"] for r in documented()["results"]]
    assert len(set(files)) == 3
    assert len(list((tmp_path / "maps").glob("*.npz"))) == 3


def test_that_the_name_of_a_map_holds_no_patient_data(engines, asked, new_film):
    film = read_radiograph(new_film("ANNA SYNTH.dcm"))
    (saliency,) = engines.compute.work(film, asked).maps
    name = map_name(question(film, asked), saliency)
    for secret in ("ANNA", "SYN", "2.25", "film", "/", " ", "["):
        assert secret not in name
    assert name.endswith("-gradcam-opacity--a-.npz")
    questions = [
        question(read_radiograph(new_film("other.dcm", 2)), asked),
        question(replace(film, identity=replace(film.identity, pixel_sha256="e" * 64)), asked),
        question(film, replace(asked, model=ModelIdentity("test", "f" * 64))),
        question(film, replace(asked, options=(("layer", "features.block3"),))),
    ]
    assert len({name, *(map_name(other, saliency) for other in questions)}) == 5


def test_that_a_person_reads_names_and_labels_as_they_are(
    engines, asked, new_film, tmp_path, capsys
):
    new_film("film [red]1.dcm")
    (tmp_path / "films" / "letter [bold].txt").write_text("no film")
    analyze([tmp_path / "films"], asked, out=None, as_json=False)
    out = capsys.readouterr().out
    for words in (
        "film [red]1.dcm",
        "letter [bold].txt",
        "Opacity [a]",
        "80.0%",
        "test",
        "not-dicom",
    ):
        assert words in out
    assert "Not for diagnostic use" in out
