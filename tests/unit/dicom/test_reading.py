"""What is read, what is refused, and under which code."""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import (
    JPEG2000,
    MPEG2MPML,
    ComprehensiveSRStorage,
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import SpacingBasis
from radsal.dicom.limits import Limits
from radsal.dicom.reading import pixel_sha256, read_header, read_radiograph

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Read = Callable[..., Any]


def refusal_of(path: Path, **options: Any) -> Refusal:
    """Header and image are refused alike."""
    with pytest.raises(Refusal) as by_header:
        read_header(path, **options)
    with pytest.raises(Refusal) as by_image:
        read_radiograph(path, **options)
    assert by_header.value.code == by_image.value.code
    assert path.parent.as_posix() not in by_image.value.reason
    return by_image.value


# refusals ----------------------------------------------------------------------------------------


def test_that_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.dcm"
    path.touch()
    assert refusal_of(path).code == RefusalCode.EMPTY


@pytest.mark.parametrize(
    "content",
    [b"x", b"GIF89a" + bytes(300), "Röntgen\n".encode() * 99],
)
def test_that_other_files_are_no_dicom(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    assert refusal_of(path).code == RefusalCode.NOT_DICOM


def test_that_what_is_not_there_and_what_is_a_folder_are_unreadable(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "gone.dcm").code == RefusalCode.UNREADABLE
    assert refusal_of(tmp_path).code == RefusalCode.UNREADABLE


def test_that_an_error_of_the_disk_is_told_without_the_path(
    make_film: MakeFilm, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(make_film())

    def broken(self: Path, *_: Any) -> Any:
        raise OSError(5, "Input/output error", str(self))

    monkeypatch.setattr(Path, "open", broken)
    refusal = refusal_of(path)
    assert refusal.code == RefusalCode.UNREADABLE
    assert "Input/output error" in refusal.reason


def test_that_a_data_set_without_meta_information_has_no_transfer_syntax(
    make_film: MakeFilm, tmp_path: Path
) -> None:
    film = make_film(syntax=ImplicitVRLittleEndian)
    del film.file_meta
    path = tmp_path / "bare.dcm"
    dcmwrite(path, film, implicit_vr=True, little_endian=True, enforce_file_format=False)
    assert refusal_of(path).code == RefusalCode.NO_TRANSFER_SYNTAX


def test_that_an_object_without_pixels_names_its_kind(make_film: MakeFilm, save: Save) -> None:
    film = make_film(PixelData=None, Rows=None, SOPClassUID=ComprehensiveSRStorage)
    refusal = refusal_of(save(film))
    assert refusal.code == RefusalCode.NO_IMAGE
    assert "Comprehensive SR" in refusal.reason


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9, 0.999])
def test_that_a_file_cut_off_is_truncated(make_film: MakeFilm, save: Save, share: float) -> None:
    path = save(make_film())
    whole = path.read_bytes()
    pixels = 240
    start = len(whole) - pixels if share > 0.5 else 400  # inside the pixels, or in the header
    path.write_bytes(whole[: start + int(share * (len(whole) - start))])
    assert refusal_of(path).code == RefusalCode.TRUNCATED


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_that_a_compressed_file_cut_off_is_truncated(
    make_film: MakeFilm, save: Save, syntax: Any
) -> None:
    film = make_film(np.random.default_rng(0).integers(0, 4096, (64, 64)).astype("u2"), bits=12)
    plugin = "pyjpegls" if syntax == JPEGLSLossless else "pylibjpeg"
    film.compress(syntax, encoding_plugin=plugin)
    path = save(film)
    path.write_bytes(path.read_bytes()[:-500])
    assert refusal_of(path).code == RefusalCode.TRUNCATED


def test_that_a_deflated_data_set_cut_off_is_truncated(make_film: MakeFilm, save: Save) -> None:
    path = save(make_film(syntax=DeflatedExplicitVRLittleEndian))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(Refusal) as caught:
        read_radiograph(path)  # the header is inflated up to the pixels and no further
    assert caught.value.code == RefusalCode.TRUNCATED


def test_that_an_unknown_transfer_syntax_is_named(make_film: MakeFilm, save: Save) -> None:
    film = make_film()
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    film.file_meta.TransferSyntaxUID = MPEG2MPML
    refusal = refusal_of(save(film))
    assert refusal.code == RefusalCode.UNSUPPORTED_SYNTAX
    assert "MPEG2" in refusal.reason


@pytest.mark.parametrize(
    "attributes",
    [
        {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": 0},
        {"PhotometricInterpretation": "YBR_FULL", "SamplesPerPixel": 3},
        {"PhotometricInterpretation": "YBR_PARTIAL_420", "SamplesPerPixel": 3},
        {"PhotometricInterpretation": "ARGB", "SamplesPerPixel": 4},
        {"PhotometricInterpretation": "CMYK", "SamplesPerPixel": 4},
        {"PhotometricInterpretation": "HSV", "SamplesPerPixel": 3},
        {"PhotometricInterpretation": "RGB"},
        {"SamplesPerPixel": 2},
        {"SamplesPerPixel": 3},
        {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31},
        {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0},
        {"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11},
    ],
)
def test_that_colours_and_depths_that_are_not_shown_are_unsupported_pixels(
    make_film: MakeFilm, save: Save, attributes: dict[str, Any]
) -> None:
    refusal = refusal_of(save(make_film(np.zeros((8, 8), np.uint16), **attributes)))
    assert refusal.code == RefusalCode.UNSUPPORTED_PIXELS


def test_that_floating_point_pixels_are_unsupported(make_film: MakeFilm, save: Save) -> None:
    film = make_film(PixelData=None, BitsAllocated=32)
    film.FloatPixelData = bytes(480)
    assert refusal_of(save(film)).code == RefusalCode.UNSUPPORTED_PIXELS


@pytest.mark.parametrize(
    "attributes",
    [
        {"Rows": 0},
        {"Columns": 0},
        {"Rows": None},
        {"BitsAllocated": None},
        {"BitsStored": 17},
        {"BitsStored": 0},
        {"HighBit": 3},
        {"HighBit": 16},
        {"PixelRepresentation": 2},
        {"PixelRepresentation": None},
        {"PhotometricInterpretation": None},
        {"NumberOfFrames": "0"},
        {"NumberOfFrames": "2"},
        {"Rows": 13},
        {"SOPInstanceUID": None},
        {"StudyInstanceUID": None},
    ],
    ids=str,
)
def test_that_a_header_that_contradicts_its_pixels_is_corrupt(
    make_film: MakeFilm, save: Save, attributes: dict[str, Any]
) -> None:
    assert refusal_of(save(make_film(**attributes))).code == RefusalCode.CORRUPT


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [("0", "0"), ("1e300", "0"), ("1", "-1e39"), ("1\\2", "0"), ("1e36", "0")],
)
def test_that_a_rescale_that_gives_no_usable_number_is_corrupt(
    make_film: MakeFilm, save: Save, slope: str, intercept: str
) -> None:
    film = make_film(RescaleSlope=slope.split("\\"), RescaleIntercept=intercept)
    with pytest.raises(Refusal) as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


@pytest.mark.parametrize(
    "limits",
    [Limits(file_bytes=500), Limits(pixels=119), Limits(frames=1)],
    ids=["file", "pixels", "frames"],
)
def test_that_what_exceeds_a_limit_is_refused_with_its_number(
    make_film: MakeFilm, save: Save, limits: Limits
) -> None:
    path = save(make_film(np.zeros((2, 12, 10), np.uint16), frames=2))
    read_radiograph(path)  # it is the limit alone that stands in the way
    refusal = refusal_of(path, limits=limits)
    assert refusal.code == RefusalCode.TOO_LARGE
    (number,) = set(asdict(limits).items()) - set(asdict(Limits()).items())
    assert str(number[1]) in refusal.reason


def test_that_a_bomb_stops_inflating_at_the_limit(make_film: MakeFilm, save: Save) -> None:
    film = make_film(np.zeros((500, 500), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    path = save(film)
    assert path.stat().st_size < 5000
    assert refusal_of(path, limits=Limits(inflated_bytes=400_000)).code == RefusalCode.TOO_LARGE
    assert read_radiograph(path, limits=Limits(inflated_bytes=600_000)).shape == (500, 500)


def test_that_memory_running_out_is_too_large(
    make_film: MakeFilm, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("radsal.dicom.pixels.pixelformat.np.empty", full)
    with pytest.raises(Refusal) as caught:
        read_radiograph(save(make_film()))
    assert caught.value.code == RefusalCode.TOO_LARGE


def test_that_a_damaged_deflate_stream_is_corrupt(make_film: MakeFilm, save: Save) -> None:
    path = save(make_film(syntax=DeflatedExplicitVRLittleEndian))
    raw = bytearray(path.read_bytes())
    raw[-100:-60] = b"\xff" * 40
    path.write_bytes(raw)
    assert refusal_of(path).code == RefusalCode.CORRUPT


def test_that_a_codestream_of_another_size_is_corrupt(make_film: MakeFilm, save: Save) -> None:
    film = make_film(np.zeros((40, 30), np.uint16))
    film.compress(JPEGLSLossless, encoding_plugin="pyjpegls")
    film.Rows = 41
    with pytest.raises(Refusal, match=r"41 x 30.*40 x 30") as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


# identity ----------------------------------------------------------------------------------------


def test_that_the_identity_is_the_hash_that_its_definition_says(read: Read) -> None:
    values = np.array([[1, -2, 300]], np.int16)
    digest = hashlib.sha256(b"1x3:<i2:" + b"\x01\x00\xfe\xff\x2c\x01").hexdigest()
    assert read(values).identity.pixel_sha256 == digest
    assert pixel_sha256(values.astype(">i2")) == digest


def test_that_shape_and_type_are_part_of_the_identity() -> None:
    zeros = np.zeros((2, 3), np.uint16)
    others = [zeros.T, zeros.astype(np.int16), np.zeros((2, 6), np.uint8)]
    assert len({pixel_sha256(array) for array in (zeros, *others)}) == 4


def test_that_stored_values_cannot_be_written_over(read: Read) -> None:
    with pytest.raises(ValueError, match="read-only"):
        read().stored[0, 0] = 1


# what the header says ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (["L", "F"], ("L", "F")),
        (["A", "FL"], ("A", "FL")),
        (["L", ""], None),
        (["", "F"], None),
        ("L", None),
        (["L", "F", "A"], None),
        ("", None),
    ],
)
def test_that_orientation_is_what_the_file_states_in_full_or_nothing(
    read: Read, stated: Any, expected: tuple[str, str] | None
) -> None:
    assert read(PatientOrientation=stated).header.orientation == expected


@pytest.mark.parametrize(
    ("syntax", "stated", "lossy"),
    [
        (None, None, False),
        (None, "00", False),
        (None, "01", True),
        (JPEG2000Lossless, None, False),
        (JPEG2000Lossless, "01", True),
        (JPEG2000, None, True),
        (JPEG2000, "00", False),
        (JPEG2000, "01", True),
        (JPEGLSNearLossless, None, True),
        (JPEGLSNearLossless, "00", False),
    ],
)
def test_that_pixels_that_may_have_lost_something_carry_the_badge(
    make_film: MakeFilm, save: Save, syntax: Any, stated: str | None, lossy: bool
) -> None:
    film = make_film(np.zeros((40, 40), np.uint16), bits=12)
    if syntax in (JPEG2000, JPEG2000Lossless):
        film.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg")
    elif syntax is not None:
        film.compress(JPEGLSLossless, encoding_plugin="pyjpegls")
    if syntax is not None:
        film.file_meta.TransferSyntaxUID = syntax
    if stated is not None:
        film.LossyImageCompression = stated
    assert read_radiograph(save(film)).header.lossy is lossy


CALIBRATED, DETECTOR = SpacingBasis.CALIBRATED, SpacingBasis.DETECTOR_PLANE
NONE = SpacingBasis.PIXELS_ONLY


@pytest.mark.parametrize(
    ("attributes", "row", "column", "basis"),
    [
        ({}, None, None, NONE),
        ({"PixelSpacing": ["0.000", "0.000"]}, None, None, NONE),
        ({"PixelSpacing": ["0.2", "0"]}, None, None, NONE),
        ({"PixelSpacing": ["-0.2", "-0.2"]}, None, None, NONE),
        ({"PixelSpacing": "0.2"}, None, None, NONE),
        ({"ImagerPixelSpacing": ["0.1", "0.2"]}, 0.1, 0.2, DETECTOR),
        (
            {"ImagerPixelSpacing": ["0.1", "0.2"], "PixelSpacing": ["0.000", "0.000"]},
            *(0.1, 0.2, DETECTOR),
        ),
        (
            {"ImagerPixelSpacing": ["0.2", "0.2"], "PixelSpacing": ["0.20", "0.200"]},
            *(0.2, 0.2, DETECTOR),
        ),
        (
            {"ImagerPixelSpacing": ["0.2", "0.2"], "PixelSpacing": ["0.18", "0.18"]},
            *(0.18, 0.18, CALIBRATED),
        ),
        (
            {"PixelSpacing": ["0.2", "0.3"], "PixelSpacingCalibrationType": "FIDUCIAL"},
            *(0.2, 0.3, CALIBRATED),
        ),
        ({"PixelSpacing": ["0.2", "0.3"]}, 0.2, 0.3, DETECTOR),
        ({"PixelSpacing": ["0.2", "0.3"], "Modality": "CT"}, 0.2, 0.3, CALIBRATED),
    ],
)
def test_that_millimetres_say_what_they_refer_to(
    read: Read, attributes: Any, row: float | None, column: float | None, basis: SpacingBasis
) -> None:
    spacing = read(**attributes).spacing
    assert (spacing.row_mm, spacing.column_mm, spacing.basis) == (row, column, basis)


def test_that_magnification_is_told_and_not_applied(read: Read) -> None:
    film = read(ImagerPixelSpacing=["0.2", "0.2"], EstimatedRadiographicMagnificationFactor="1.1")
    assert film.spacing.magnification == 1.1
    assert film.spacing.row_mm == 0.2


def test_that_texts_arrive_in_their_own_letters(read: Read) -> None:
    header = read(
        SpecificCharacterSet="ISO_IR 144", PatientName="Жданов", StudyDescription="Грудь"
    ).header
    assert header.patient_name == "Жданов"
    assert header.study_description == "Грудь"


@pytest.mark.parametrize(
    "stated", [b"ISO_IR 100", b"ISO_IR 192", b"ISO_IR 999", b"\\ISO 2022 ", b"\xff" * 10]
)
@pytest.mark.parametrize("spoilt", [b"\xff\xfe\x1b$B=^\xff", b"\x1b\x1b\x1b\x1b$)C\x80", bytes(8)])
def test_that_a_spoilt_name_does_not_hide_the_film(
    make_film: MakeFilm, save: Save, stated: bytes, spoilt: bytes
) -> None:
    path = save(make_film(SpecificCharacterSet="ISO_IR 100", PatientName="NAMEHERE", PatientID="1"))
    raw = path.read_bytes().replace(b"NAMEHERE", spoilt).replace(b"ISO_IR 100", stated)
    path.write_bytes(raw)
    assert read_header(path).patient_id == "1"


def test_that_no_value_of_a_file_reaches_the_log(
    make_film: MakeFilm, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    # pydicom quotes the UID that it complains about; quotes inside must not end the quotation
    path = save(make_film())
    path.write_bytes(path.read_bytes().replace(b"2.25.103", b"A'\"ZQXJV"))
    with caplog.at_level(logging.DEBUG):
        assert read_header(path).series_instance_uid == "A'\"ZQXJV"
    assert "pydicom: Invalid value" in caplog.text
    assert "ZQXJV" not in caplog.text


def test_that_a_number_that_only_sorts_and_fits_no_is_is_left_out(
    make_film: MakeFilm, save: Save
) -> None:
    """No database could keep it; some files write it under another VR."""
    film = make_film()
    film.add_new("SeriesNumber", "LO", "99999999999999999999")
    film.add_new("InstanceNumber", "LO", "-2147483648")
    header = read_header(save(film))
    assert (header.series_number, header.instance_number) == (None, -(1 << 31))
