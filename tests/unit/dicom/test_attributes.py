"""Texts and numbers come out as pydicom makes them, by the short way or the long one."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from unicodedata import category

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom.charset import python_encoding
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from radsal.core.errors import Refusal
from radsal.core.radiograph import ImageHeader
from radsal.dicom.attributes import count, text
from radsal.dicom.files import source
from radsal.dicom.limits import Limits
from radsal.dicom.reading import read_header

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]

CHARACTER_SETS = sorted(name for name in python_encoding if name.startswith("ISO"))
VALUES = st.one_of(
    st.text("AZ az09.^\\=-+/_~\0\t", max_size=20).map(lambda s: s.encode("ascii")),
    st.text("0123456789. \0", max_size=70).map(lambda s: s.encode("ascii")),
    st.binary(max_size=12),
)


def dataset(keyword: str, vr: str | None, value: bytes, charset: str = "ISO_IR 100") -> Dataset:
    """A data set as pydicom leaves it after reading: nothing is converted yet."""
    tag, written = Tag(keyword), charset.encode("ascii")
    charset_tag = Tag("SpecificCharacterSet")
    implicit = vr is None
    raw = {
        charset_tag: RawDataElement(charset_tag, "CS", len(written), written, 0, implicit, True),
        tag: RawDataElement(tag, vr, len(value), value, 0, implicit, True),
    }
    data = Dataset(raw)
    data.set_original_encoding(implicit, True, [python_encoding[charset]])
    return data


def by_pydicom(data: Dataset, keyword: str) -> str:
    value = data.get(keyword)
    values = value if isinstance(value, MultiValue) else [] if value is None else [value]
    joined = "\\".join(str(part) for part in values)
    return "".join(" " if category(c) == "Cc" else c for c in joined).strip()


@given(
    st.sampled_from(["PatientName", "PatientID", "StudyDate", "Modality", "SOPInstanceUID"]),
    st.sampled_from([None, "PN", "LO", "SH", "CS", "DA", "TM", "UI", "AE", "LT", "UN", "US"]),
    VALUES,
    st.sampled_from(CHARACTER_SETS),
)
@example("SOPInstanceUID", "UI", b"1.2 \\1.3\0", "ISO_IR 100")
@example("PatientName", "PN", b"A^B==", "ISO_IR 100")
@example("PatientID", "LO", b" 1 \\ 2 \0 ", "ISO_IR 100")
def test_that_a_text_is_what_pydicom_reads(
    keyword: str, vr: str | None, value: bytes, charset: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = by_pydicom(dataset(keyword, vr, value, charset), keyword)
        except Exception:  # noqa: BLE001 - pydicom raises nearly anything
            expected = ""
        assert text(dataset(keyword, vr, value, charset), keyword) == expected


@given(st.sampled_from([None, "US", "SS", "UL", "IS", "UN"]), st.binary(max_size=6))
def test_that_a_number_is_what_pydicom_reads(vr: str | None, value: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            expected = int(dataset("Rows", vr, value).Rows)
        except Exception:  # noqa: BLE001
            expected = None
        try:
            found: int | None = count(dataset("Rows", vr, value), "Rows")
        except Exception:  # noqa: BLE001
            found = None
        assert found == expected


def _nested(make_film: MakeFilm, **options: object) -> Dataset:
    """A film with sequences in front of its pixels, of stated and of undefined length."""
    film = make_film(np.zeros((12, 10), np.uint16), **options)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "1", "SCT", "Chest" * 9
    film.AnatomicRegionSequence = Items([code, code])
    film.ViewCodeSequence = Items([code])
    film["ViewCodeSequence"].is_undefined_length = True
    film.PatientName, film.StudyDescription = "SYNTH^ANNA", "CHEST"
    return film


@pytest.mark.parametrize(
    "options", [{}, {"syntax": ImplicitVRLittleEndian}, {"syntax": DeflatedExplicitVRLittleEndian}]
)
def test_that_a_header_does_not_depend_on_how_much_of_the_file_is_read_at_once(
    make_film: MakeFilm,
    save: Save,
    options: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = save(_nested(make_film, **options))
    expected = read_header(path)
    assert expected.patient_name == "SYNTH^ANNA"
    for size in range(256, path.stat().st_size + 2):
        monkeypatch.setattr(source, "_HEAD", size)
        assert read_header(path) == expected


def outcome(path: Path) -> ImageHeader | str:
    try:
        return read_header(path)
    except Refusal as refusal:
        return refusal.code


@pytest.mark.parametrize("sequences", [True, False])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_that_the_short_way_through_a_header_ends_where_the_long_one_does(
    make_film: MakeFilm, save: Save, syntax: UID, sequences: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = _nested(make_film, syntax=syntax) if sequences else make_film(syntax=syntax)
    path = save(film)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    for _ in range(500):
        damaged = np.frombuffer(whole, np.uint8).copy()
        places = random.integers(132, len(damaged) - 240, random.integers(0, 4))
        damaged[places] = random.choice([0, 1, 0x7F, 0xE0, 0xFF, 0x41, 8, 0x28], len(places))
        path.write_bytes(damaged.tobytes())
        short = outcome(path)
        with monkeypatch.context() as patched:
            patched.setattr(source, "read_plain", lambda *_: None)
            assert outcome(path) == short


def _fragments(lengths: Sequence[int]) -> bytes:
    """Encapsulated pixel data (PS3.5 A.4): an empty offset table, fragments, the delimiter."""
    items = [b"\xfe\xff\x00\xe0" + n.to_bytes(4, "little") + bytes(n) for n in (0, *lengths)]
    return b"".join(items) + b"\xfe\xff\xdd\xe0" + bytes(4)


def test_that_pixel_data_in_more_fragments_than_the_limit_is_refused_by_number(
    make_film: MakeFilm, save: Save
) -> None:
    film = make_film(np.zeros((12, 10), np.uint8))
    film.compress("1.2.840.10008.1.2.5", encoding_plugin="pydicom", generate_instance_uid=False)
    film.PixelData = _fragments([2] * 9)
    path = save(film)
    assert read_header(path, Limits(fragments=9)).frames == 1
    with pytest.raises(Refusal, match="8 fragments") as refused:
        read_header(path, Limits(fragments=8))
    assert refused.value.code == "too-large"
