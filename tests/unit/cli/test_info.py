import json
import zipfile

from PIL import Image

from radsal.cli.info import info
from radsal.core.errors import WorkerDied
from radsal.dicom.reading import read_radiograph

KEYS = {
    "path",
    "status",
    "code",
    "reason",
    "sop_instance_uid",
    "frames",
    "rows",
    "columns",
    "modality",
    "photometric",
    "transfer_syntax",
    "bits_stored",
    "spacing",
    "orientation",
    "lossy",
    "pixel_sha256",
}


def test_that_a_film_is_described_as_the_contract_says(engines, new_film, capsys):
    path = new_film(ImagerPixelSpacing=["0.2", "0.3"], PatientOrientation=["L", "F"])
    assert info([path], as_json=True) == 0
    document = json.loads(capsys.readouterr().out)
    (file,) = document.pop("files")
    assert document == {"schema": "radsal.info/1", "opened": 1, "refused": 0}
    assert file == {
        "path": str(path),
        "status": "ok",
        "code": None,
        "reason": None,
        "sop_instance_uid": "2.25.11",
        "frames": 1,
        "rows": 20,
        "columns": 30,
        "modality": "DX",
        "photometric": "MONOCHROME2",
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "bits_stored": 12,
        "spacing": {"row_mm": 0.2, "column_mm": 0.3, "basis": "detector-plane"},
        "orientation": ["L", "F"],
        "lossy": False,
        "pixel_sha256": read_radiograph(path).identity.pixel_sha256,
    }


def test_that_a_refused_file_has_the_same_keys_and_a_reason(engines, new_film, tmp_path, capsys):
    new_film("a.dcm")
    (tmp_path / "films" / "b.txt").write_text("no film")
    assert info([tmp_path / "films"], as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["opened"], document["refused"]) == (1, 1)
    ok, refused = document["files"]
    assert set(ok) == set(refused) == KEYS
    assert (refused["status"], refused["code"]) == ("refused", "not-dicom")
    assert refused["reason"]
    assert refused["rows"] is None


def test_that_a_film_that_takes_the_decoder_down_is_refused_and_the_next_is_read(
    engines, new_film, capsys
):
    films = [new_film("a.dcm", 1), new_film("b.dcm", 2)]
    read = engines.decoder.work

    def die_once(path, frame):
        if path == films[0]:
            raise WorkerDied("it was ended by SIGSEGV")
        return read(path, frame)

    engines.decoder.work = die_once
    assert info(films, as_json=True) == 1
    assert [f["code"] for f in json.loads(capsys.readouterr().out)["files"]] == [
        "decoder-died",
        None,
    ]


def test_that_a_person_reads_names_as_they_are_and_what_the_millimetres_mean(
    engines, new_film, tmp_path, capsys
):
    new_film("film [red]1.dcm", ImagerPixelSpacing=["0.2", "0.2"])
    new_film("plain.dcm", LossyImageCompression="01")
    (tmp_path / "films" / "letter [bold].txt").write_text("no film")
    assert info([tmp_path / "films"], as_json=False) == 1
    out = capsys.readouterr().out
    for words in (
        "film [red]1.dcm",
        "0.2 mm, detector-plane",
        "plain.dcm (lossy)",
        "pixels-only",
        "letter [bold].txt: not-dicom.",
        "20 × 30",
        "2 opened, 1 refused",
    ):
        assert words in out


def test_that_pictures_and_the_files_of_archives_are_described(engines, new_film, tmp_path, capsys):
    film = new_film()
    archive = tmp_path / "films.zip"
    Image.new("L", (30, 20), 7).save(tmp_path / "film.png")
    with zipfile.ZipFile(archive, "w") as made:
        made.write(film, "inner/film.dcm")
        made.write(tmp_path / "film.png", "inner/film.png")
        made.writestr("notes.txt", "no film")
    assert info([archive], as_json=True) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["opened"], document["refused"]) == (2, 1)
    dicom, picture, text = document["files"]
    assert dicom["path"] == str(archive / "inner" / "film.dcm")
    assert picture["transfer_syntax"] is None
    assert picture["spacing"] == {"row_mm": None, "column_mm": None, "basis": "pixels-only"}
    assert set(picture) == KEYS
    assert (text["path"], text["code"]) == (str(archive / "notes.txt"), "not-dicom")
