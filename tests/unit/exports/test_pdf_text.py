from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from radsal.core.results import MapStatus
from radsal.review.read import ReadState
from radsal.review.vocabulary import Agreement, Cause


def tight(text):
    """Without any space: hashes and long words are broken over lines."""
    return "".join(text.split())


def test_that_a_report_says_whose_film_which_model_and_which_method(report, pages_of, tmp_path):
    report.judge(note="ID tag in the corner")
    text = " ".join(pages_of(report.write(tmp_path / "r.pdf")))
    for words in (
        "SYNTH, ANNA",
        "SYN-0042",
        "1950-02-03 · F",
        "2026-02-28",
        "ACC-7",
        "Dr. Weiß",
        "demo-opacity",
        "Grad-CAM",
        "mass 0.6",
        "cpu",
        "120 × 160 pixels, frame 1 of 1",
        "Polarity was turned.",
        "2026-03-01 12:30:15 UTC",
    ):
        assert words in text
    for hexadecimal in (
        report.read.model.sha256,
        report.analyses[0].image.pixel_sha256,
        report.read.id,
    ):
        assert hexadecimal in tight(text)
    assert report.read.study_instance_uid in text
    assert report.analyses[0].image.sop_instance_uid in text


def test_that_every_page_says_what_it_is_not_for_and_whose_it_is(
    report, another_film, pages_of, tmp_path
):
    another_film()
    report.judge(note="a line of a note\n" * 200)
    pages = pages_of(report.write(tmp_path / "r.pdf"))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert "research use only · not for diagnostic use" in page
        assert "SYNTH, ANNA · SYN-0042" in page
        assert f"Page {number} of {len(pages)}" in page
        assert report.read.id in page
        assert "DRAFT · not signed" in page


@pytest.mark.parametrize(("kind", "name"), [("image/png", "PNG"), ("image/jpeg", "JPEG")])
def test_that_the_report_of_a_picture_says_that_it_knows_no_patient_and_no_scale(
    report, another_film, pages_of, tmp_path, kind, name
):
    another_film()
    nothing = dict.fromkeys(("patient_name", "patient_id", "birth_date", "sex", "study_date"), "")
    report.rename(media_type=kind, path=Path("/films/scan of a film.png"), **nothing)
    pages = pages_of(report.write(tmp_path / "r.pdf"))
    assert all("No DICOM: no identity, no calibration" in page for page in pages)
    first = " ".join(pages[0].split())
    assert f"the film is a {name} picture and no DICOM object" in first
    assert "scan of a film.png" in first
    assert "/films" not in " ".join(pages)
    assert "not stated" not in first
    assert "Calibration" in " ".join(pages)


@pytest.mark.parametrize(
    ("agreement", "cause", "words"),
    [
        (Agreement.AGREE, Cause.FINDING, "agree finding"),
        (Agreement.PARTLY, Cause.OTHER_ANATOMY, "partly other anatomy"),
        (Agreement.DISAGREE, Cause.MARKER, "disagree marker"),
        (Agreement.CANNOT_ASSESS, None, "cannot assess"),
    ],
)
def test_that_a_verdict_stands_in_the_words_of_the_reader(
    report, pages_of, tmp_path, agreement, cause, words
):
    report.judge(agreement=agreement, cause=cause, note="said so")
    text = " ".join(pages_of(report.write(tmp_path / "r.pdf"), by_rows=True))
    assert f"{words} said so" in text
    assert "1 of 2 hot spots judged" in text
    assert "not judged" in text  # the other one


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ReadState.DRAFT, "It is not signed and binds nobody"),
        (ReadState.SIGNED, "Signed electronically 2026-03-01 12:30:15 UTC"),
        (ReadState.AMENDED, "AMENDED · a later signed read replaces this one"),
    ],
)
def test_that_a_report_says_whether_it_is_signed_and_still_stands(
    report, pages_of, tmp_path, state, words
):
    signed_at = None if state is ReadState.DRAFT else report.read.updated_at
    report.read = replace(report.read, state=state, signed_at=signed_at)
    text = " ".join(pages_of(report.write(tmp_path / "r.pdf")))
    assert words in text
    assert ("DRAFT" in text) == (state is ReadState.DRAFT)
    assert ("Signed electronically" in text) == (state is not ReadState.DRAFT)


def test_that_an_amendment_names_the_read_that_it_corrects(report, pages_of, tmp_path):
    report.read = replace(report.read, amends="f" * 32)
    assert "f" * 32 in tight(" ".join(pages_of(report.write(tmp_path / "r.pdf"))))


def test_that_an_empty_map_is_said_to_be_empty_and_no_picture_is_made_of_it(
    report, pages_of, tmp_path
):
    analysis = report.analyses[0]
    maps = tuple(m for m in analysis.maps if m.status is MapStatus.EMPTY)
    report.analyses = [replace(analysis, maps=maps, hot_spots=())]
    path = report.write(tmp_path / "r.pdf")
    text = " ".join(pages_of(path))
    assert "map empty: no cell speaks for it" in text
    assert "0 of 0 hot spots judged" in text
    assert all(not page.images for page in pypdf.PdfReader(path).pages)


def test_that_a_film_that_is_not_at_hand_is_said_to_be_missing(report, pages_of, tmp_path):
    report.pictures = {}
    text = " ".join(pages_of(report.write(tmp_path / "r.pdf")))
    assert "The image was not at hand: no picture." in text
    assert "not judged" in text


def test_that_findings_below_their_operating_point_are_named_where_they_are_not_shown(
    report, pages_of, tmp_path
):
    text = " ".join(pages_of(report.write(tmp_path / "r.pdf")))
    assert "Opacity 0.818 0.500 at or above" in text
    assert "Effusion 0.119 0.400 below" in text
    assert "not judged and not shown: Effusion (map empty: no cell speaks for it" in text


NOTES = {
    "many words": " ".join(f"word{n}" for n in range(2500)),
    "many lines": "\n".join(f"line{n}" for n in range(300)),
    "one word": "".join(f"x{n}" for n in range(2500)),
    "markup": "a <b>bold</b> &amp; <br/> </para> <unknown> claim",
}


@pytest.mark.parametrize("note", NOTES.values(), ids=NOTES)
@pytest.mark.parametrize("place", ["note", "remark"])
def test_that_nothing_of_a_long_or_strange_note_is_lost(report, pages_of, tmp_path, note, place):
    report.judge("one", note=note if place == "note" else "")
    report.judge("two", note="after it")
    if place == "remark":
        report.read = report.read.remark(note)
    pages = pages_of(report.write(tmp_path / "r.pdf"))
    text = " ".join(pages)
    assert "after it" in text
    if len(pages) == 1:
        assert tight(note) in tight(text)
    elif " " in note or "\n" in note:
        assert [w for w in note.split() if w not in text.split()] == []
    else:
        assert sum(f"x{n}" in tight(text) for n in range(2500)) > 2450  # split by page feet
        assert "x0x1x2" in tight(text)
        assert "x2498x2499" in tight(text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("MÜLLER^ÅSE ÉMILIE", "MÜLLER, ÅSE ÉMILIE"),
        ("MU\u0308LLER^ANNA", "MÜLLER, ANNA"),  # decomposed
        ("ŐRY^ŞULE", "ŐRY, ŞULE"),
        ("Жуков^Пётр", "Жуков, Пётр"),
        ("Φωτίου^Ήρα", "Φωτίου, Ήρα"),
        ("א^A", "[U+05D0], A"),  # from right to left
        ("YAMADA^TAROU=山^太=や", "YAMADA, TAROU / [U+5C71], [U+592A] / [U+3084]"),
        ("𠮷^A", "[U+20BB7], A"),
        ("A\u202eB^C", "A[U+202E]B, C"),  # would turn the letters round
    ],
)
def test_that_a_letter_that_cannot_be_drawn_is_shown_by_its_code(
    report, pages_of, tmp_path, name, shown
):
    report.rename(patient_name=name)
    for page in pages_of(report.write(tmp_path / "r.pdf")):
        assert shown in page


def test_that_the_longest_names_that_dicom_allows_are_whole_on_the_first_pages(
    report, pages_of, tmp_path
):
    kanji = "".join(chr(0x4E00 + n) for n in range(64))
    report.rename(patient_name="=".join([kanji] * 3), patient_id="山" * 64)
    text = tight(" ".join(pages_of(report.write(tmp_path / "r.pdf"))))
    assert all(text.count(f"[U+{0x4E00 + n:04X}]") >= 3 for n in range(4, 50))


def test_that_the_same_read_gives_the_same_bytes(report, tmp_path):
    report.judge()
    one, other = report.write(tmp_path / "a.pdf"), report.write(tmp_path / "b.pdf")
    assert one.read_bytes() == other.read_bytes()


def test_that_the_properties_of_the_file_hold_no_patient_data(report, tmp_path):
    metadata = pypdf.PdfReader(report.write(tmp_path / "r.pdf")).metadata
    words = " ".join(str(value) for value in metadata.values())
    assert "not for diagnostic use" in words.lower()
    assert not any(secret in words for secret in ("SYNTH", "ANNA", "SYN-0042", "1950"))


def test_that_all_fonts_lie_inside_the_file(report, poppler, tmp_path):
    report.judge(note="über")
    lines = poppler("pdffonts", report.write(tmp_path / "r.pdf")).splitlines()[2:]
    assert lines
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in lines if "DejaVu" in line)
    assert any("DejaVu" in line for line in lines)
