import json
import zipfile
from dataclasses import replace

import numpy as np
import pypdf
import pytest
from PIL import Image

from radsal.core.errors import ExportError, IdentityMismatch
from radsal.dicom.reading import read_radiograph
from radsal.hotspots.find import find_hot_spots
from radsal.review.read import Read
from radsal.review.vocabulary import Cause
from radsal.saliency.catalogue import CATALOGUE, GRADCAM
from radsal.workflow.exporting import export_read
from radsal.workflow.reading import save, verdict_for


def text_of(path):
    pages = pypdf.PdfReader(path).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_that_a_stored_read_becomes_a_pdf_with_the_pixels_that_were_judged(
    engines, store, film, judged, finished, tmp_path
):
    read = judged(film, note="the tag")
    path = finished(export_read(engines, store, read.id, "pdf", tmp_path / "out"))
    assert [p.name for p in (tmp_path / "out").iterdir()] == [path.name]
    text = text_of(path)
    assert "SYNTH, ANNA" in text
    assert "disagree text the tag" in text
    (plain,) = [
        np.asarray(i.image)
        for page in pypdf.PdfReader(path).pages
        for i in page.images
        if i.image.size == (48, 60) and i.image.mode == "L"
    ]
    shown = np.clip((film.stored - 2047.5) / 4095 + 0.5, 0, 1) * 255  # PS3.3 C.11.2.1.2.1
    assert np.abs(plain - shown).max() <= 1


def test_that_a_stored_read_becomes_json_without_opening_the_film_again(
    engines, store, film, judged, finished, tmp_path
):
    read = judged(film)
    film.header.path.unlink()
    path = finished(export_read(engines, store, read.id, "json", tmp_path / "out"))
    document = json.loads(path.read_text("utf-8"))
    assert document["read"]["id"] == read.id
    assert document["results"][0]["image"]["pixel_sha256"] == film.identity.pixel_sha256
    assert document["results"][0]["hot_spots"][0]["verdict"]["cause"] == "text"


@pytest.mark.parametrize("kind", ["pdf", "json"])
def test_that_the_name_of_a_report_holds_nothing_of_the_patient(
    engines, store, film, judged, finished, tmp_path, kind
):
    path = finished(export_read(engines, store, judged(film).id, kind, tmp_path / "out"))
    for secret in ("SYN", "ANNA", "1950", "2.25"):
        assert secret not in path.name


def test_that_other_pixels_under_the_same_name_are_not_reported(
    engines, store, film, judged, new_film, finished, tmp_path
):
    read = judged(film)
    new_film(1, seed=9)
    with pytest.raises(IdentityMismatch):
        finished(export_read(engines, store, read.id, "pdf", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("gone", ["missing", "no film any more"])
def test_that_the_film_of_a_verdict_must_be_there(
    engines, store, film, judged, finished, tmp_path, gone
):
    read = judged(film)
    film.header.path.unlink()
    if gone == "no film any more":
        film.header.path.write_text("a letter")
    with pytest.raises(ExportError) as refused:
        finished(export_read(engines, store, read.id, "pdf", tmp_path / "out"))
    assert "Put the file back" in refused.value.remedy
    assert not (tmp_path / "out").exists()


def test_that_a_lost_film_that_nobody_judged_is_said_to_be_missing(
    engines, store, film, judged, new_film, request_all, answered, finished, tmp_path
):
    read = judged(film)
    other = read_radiograph(new_film(2, seed=5))
    store.save_image(other.header, other.identity)
    store.save_analysis(answered(other, request_all))
    other.header.path.unlink()
    text = text_of(finished(export_read(engines, store, read.id, "pdf", tmp_path / "out")))
    assert "Image 2 of 2" in text
    assert "The image was not at hand: no picture." in text


@pytest.fixture
def one_by_one(store, film, request_all, answered, monkeypatch):
    """A read with a verdict on each finding of a slow method, which was asked one at a time."""
    slow = replace(GRADCAM, name="slow", title="Slow Gradients", at_once=False)
    monkeypatch.setitem(CATALOGUE, "slow", slow)
    read = Read.begin("2.25.2", "Dr. Weiß", request_all.model)
    for finding, cause in (("Opacity", Cause.TEXT), ("Effusion", Cause.MARKER)):
        request = replace(request_all, method="slow", findings=finding)
        (bright,) = answered(film, replace(request, findings="Opacity")).maps
        saliency = replace(bright, finding=finding)
        spots = find_hot_spots(saliency, film.shape, image=film.identity, model=request.model)
        parameters = {**request.parameters, f"completeness_gap {finding}": 0.25}
        head = {"maps": (saliency,), "hot_spots": spots, "parameters": parameters}
        analysis = replace(answered(film, request), **head)
        read = read.judge(verdict_for(film, spots[0], cause))
        read = save(store, read, film, analysis)
    return read


def test_that_every_question_that_was_judged_is_in_the_pdf(
    engines, store, one_by_one, finished, tmp_path
):
    text = text_of(finished(export_read(engines, store, one_by_one.id, "pdf", tmp_path / "out")))
    for finding in ("Opacity", "Effusion"):
        assert f"Slow Gradients, asked for {finding} alone" in text
        assert text.count("Measured: completeness gap 0.25.") == 2
    assert "2 of 2 hot spots judged: 2 disagree. Seen there: marker 1, text 1." in text


def test_that_every_question_that_was_judged_is_in_the_document(
    engines, store, one_by_one, finished, tmp_path
):
    path = finished(export_read(engines, store, one_by_one.id, "json", tmp_path / "out"))
    results = json.loads(path.read_text("utf-8"))["results"]
    told = [
        (r["method"], r["parameters"]["findings"], r["maps"][0]["facts"], s["verdict"]["cause"])
        for r in results
        for s in r["hot_spots"]
    ]
    gap = {"completeness_gap": 0.25}
    assert told == [("slow", "Opacity", gap, "text"), ("slow", "Effusion", gap, "marker")]


def test_that_an_earlier_report_stands_where_a_new_one_fails(
    engines, store, film, judged, finished, tmp_path
):
    read = judged(film)
    path = finished(export_read(engines, store, read.id, "pdf", tmp_path / "out"))
    before = path.read_bytes()
    film.header.path.unlink()
    with pytest.raises(ExportError):
        finished(export_read(engines, store, read.id, "pdf", tmp_path / "out"))
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_that_there_is_no_report_of_nothing(
    engines, store, film, request_all, answered, finished, tmp_path
):
    with pytest.raises(ExportError, match="no read"):
        finished(export_read(engines, store, "f" * 32, "pdf", tmp_path))


def test_that_a_read_without_a_verdict_can_be_reported(
    engines, store, film, request_all, answered, finished, tmp_path
):
    begun = Read.begin("2.25.2", "Dr. Weiß", request_all.model).remark("nothing to judge")
    saved = save(store, begun, film, answered(film, request_all))
    report = finished(export_read(engines, store, saved.id, "pdf", tmp_path))
    assert "nothing to judge" in pypdf.PdfReader(report).pages[0].extract_text()


def test_that_an_unknown_format_is_an_export_error(
    engines, store, film, judged, finished, tmp_path
):
    with pytest.raises(ExportError, match="docx"):
        finished(export_read(engines, store, judged(film).id, "docx", tmp_path))


def test_that_an_export_that_is_closed_writes_nothing_and_leaves_the_decoder_ready(
    engines, store, film, judged, finished, tmp_path
):
    read = judged(film)
    steps = export_read(engines, store, read.id, "pdf", tmp_path / "out")
    next(steps)
    next(steps)
    steps.close()
    assert not (tmp_path / "out").exists()
    assert finished(export_read(engines, store, read.id, "pdf", tmp_path / "out")).is_file()


def test_that_a_signed_read_is_reported_as_signed(engines, store, film, judged, finished, tmp_path):
    signed = store.save_read(judged(film).sign())
    path = finished(export_read(engines, store, signed.id, "pdf", tmp_path / "out"))
    assert "-signed" in path.name
    assert "Signed electronically" in text_of(path)


def test_that_a_film_in_an_archive_is_opened_again_for_its_report(
    engines, store, new_film, judged, finished, tmp_path
):
    plain = new_film()
    archive = tmp_path / "films.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(plain, "a/film.dcm")
    plain.unlink()
    film = read_radiograph(archive / "a" / "film.dcm")
    read = judged(film)
    assert "SYNTH, ANNA" in text_of(finished(export_read(engines, store, read.id, "pdf", tmp_path)))
    archive.unlink()
    with pytest.raises(ExportError, match="cannot be opened"):
        finished(export_read(engines, store, read.id, "pdf", tmp_path))


def test_that_the_report_of_a_picture_says_that_it_is_no_dicom(
    engines, store, judged, request_all, finished, tmp_path
):
    Image.fromarray(np.arange(2880).reshape(60, 48).astype(np.uint8)).save(tmp_path / "film.png")
    film = read_radiograph(tmp_path / "film.png")
    read = judged(film, Read.begin(film.header.study_instance_uid, "A", request_all.model))
    text = text_of(finished(export_read(engines, store, read.id, "pdf", tmp_path)))
    assert "No DICOM: no identity, no calibration" in text
    document = json.loads(
        finished(export_read(engines, store, read.id, "json", tmp_path)).read_text("utf-8")
    )
    assert document["case"]["media_type"] == "image/png"
    assert document["case"]["patient_name"] == ""
