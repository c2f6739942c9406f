"""PNG and JPEG radiographs: shown as they are, without identity and calibration; Pillow is the oracle."""

import hashlib
import io
import itertools
import re
import runpy
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageOps, PngImagePlugin
from pydicom.uid import UID

from radsal.core.errors import Refusal
from radsal.core.radiograph import SpacingBasis
from radsal.dicom.gray.grayscale import display
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.limits import Limits
from radsal.dicom.reading import pixel_sha256, read_header, read_radiograph

hostile = runpy.run_path(str(Path(__file__).with_name("hostile_files.py")))
GRAY = np.random.default_rng(3).integers(0, 256, (30, 20), dtype=np.uint8)
DEEP = np.random.default_rng(4).integers(0, 65536, (30, 20), dtype=np.uint16)
OPAQUE = np.full_like(GRAY, 255)
COLOUR = np.dstack([GRAY, GRAY, 255 - GRAY])


def saved(path: Path, pixels: NDArray[Any], mode: str | None = None, **options: Any) -> Path:
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def refusal_of(path: Path, **options: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_radiograph(path, **options)
    return caught.value


# pixels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "mode", "expected"),
    [
        pytest.param(GRAY, None, GRAY, id="gray 8"),
        pytest.param(DEEP, None, DEEP, id="gray 16"),
        pytest.param(GRAY, "LA", GRAY, id="gray and alpha"),
        pytest.param(np.dstack([GRAY] * 3), None, GRAY, id="equal channels"),
        pytest.param(np.dstack([GRAY] * 3 + [OPAQUE]), None, GRAY, id="equal channels and alpha"),
        pytest.param(GRAY, "P", GRAY, id="palette of grays"),
        pytest.param((GRAY > 99) * OPAQUE, "1", (GRAY > 99) * OPAQUE, id="one bit"),
        pytest.param(COLOUR, None, COLOUR, id="colour"),
        pytest.param(np.dstack([COLOUR, OPAQUE]), None, COLOUR, id="colour and alpha"),
    ],
)
def test_that_the_pixels_of_a_png_are_those_that_were_saved(
    tmp_path: Path, pixels: NDArray[Any], mode: str | None, expected: NDArray[Any]
) -> None:
    path = saved(tmp_path / "film.png", pixels, mode)
    film = read_radiograph(path)
    assert film.stored.dtype == expected.dtype
    assert np.array_equal(film.stored, expected)
    assert film.is_colour is (expected.ndim == 3)
    assert film.header == read_header(path)
    assert film.header.photometric == ("RGB" if expected.ndim == 3 else "MONOCHROME2")
    assert film.header.bits_stored == expected.dtype.itemsize * 8
    assert film.identity.pixel_sha256 == pixel_sha256(expected)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_that_few_bits_span_the_whole_gray_as_png_scales_them(tmp_path: Path, bits: int) -> None:
    path = tmp_path / "film.png"
    levels = np.arange(8, dtype=np.uint8) % (1 << bits)
    packed = np.packbits(np.unpackbits(levels[:, None], axis=1)[:, -bits:].reshape(-1)).tobytes()
    raw = hostile["png"](8, 1, 0, zlib.compress(b"\0" + packed))
    head = raw[12:24] + bytes([bits]) + raw[25:29]
    path.write_bytes(raw[:12] + head + struct.pack(">L", zlib.crc32(head)) + raw[33:])
    assert read_radiograph(path).stored.tolist() == [(levels * (255 // ((1 << bits) - 1))).tolist()]


@pytest.mark.parametrize(
    ("pixels", "colour"), [(GRAY, False), (np.dstack([GRAY] * 3), False), (COLOUR, True)]
)
def test_that_the_pixels_of_a_jpeg_are_those_that_pillow_decodes(
    tmp_path: Path, pixels: NDArray[Any], colour: bool
) -> None:
    path = saved(tmp_path / "film.jpg", pixels, quality=90)
    film = read_radiograph(path)
    decoded = np.asarray(Image.open(io.BytesIO(path.read_bytes())))
    assert film.is_colour is colour
    assert np.array_equal(film.stored, decoded if colour or decoded.ndim == 2 else decoded[..., 0])
    assert film.header.lossy
    assert film.header == read_header(path)


@pytest.mark.parametrize("pixels", [GRAY, DEEP], ids=["8", "16"])
def test_that_a_gray_picture_is_displayed_as_it_is(tmp_path: Path, pixels: NDArray[Any]) -> None:
    film = read_radiograph(saved(tmp_path / "film.png", pixels))
    bits = pixels.dtype.itemsize * 8
    assert np.array_equal(display(film, bits=bits), pixels)  # type: ignore[call-overload]
    assert np.array_equal(model_input(film).pixels, pixels.astype(np.float32))


def test_that_a_colour_picture_is_displayed_as_it_is(tmp_path: Path) -> None:
    assert np.array_equal(display(read_radiograph(saved(tmp_path / "film.png", COLOUR))), COLOUR)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_a_jpeg_is_turned_as_its_exif_asks(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path / "film.jpg", GRAY, exif=exif)
    film = read_radiograph(path)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(path.read_bytes())))
    assert np.array_equal(film.stored, np.asarray(expected))
    assert (film.header.rows, film.header.columns) == film.stored.shape
    assert read_header(path) == film.header


def test_that_a_png_is_not_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert np.array_equal(
        read_radiograph(saved(tmp_path / "film.png", GRAY, exif=exif)).stored, GRAY
    )


def test_that_neither_a_gamma_nor_an_interlacing_changes_values(tmp_path: Path) -> None:
    path = tmp_path / "film.png"
    gamma = hostile["chunk"](b"gAMA", struct.pack(">L", 45455))
    raw = saved(path, GRAY).read_bytes()
    path.write_bytes(raw[:33] + gamma + raw[33:])
    assert np.array_equal(read_radiograph(path).stored, GRAY)


# identity and calibration ------------------------------------------------------------------------


def test_that_a_picture_is_an_exam_of_its_own_named_by_the_hash_of_its_bytes(
    tmp_path: Path,
) -> None:
    one, other = saved(tmp_path / "1.png", GRAY), saved(tmp_path / "2.png", GRAY + 1)
    header, same = read_header(one), tmp_path / "copy of 1.jpg"
    same.write_bytes(one.read_bytes())
    digest = hashlib.sha256(one.read_bytes()).digest()
    assert header.sop_instance_uid == f"2.25.{int.from_bytes(digest[:16])}"
    uids = [header.sop_instance_uid, header.study_instance_uid, header.series_instance_uid]
    assert all(UID(uid).is_valid for uid in uids)
    assert len({*uids, read_header(other).study_instance_uid}) == 4
    assert read_header(same).study_instance_uid == header.study_instance_uid


@pytest.mark.parametrize("name", ["film.png", "film.jpg"])
def test_that_a_picture_states_no_patient_no_exam_and_no_millimetres(
    tmp_path: Path, name: str
) -> None:
    path = saved(tmp_path / name, GRAY, dpi=(254, 254), comment="Phantom^Anna")
    film = read_radiograph(path)
    header = film.header
    assert not header.is_dicom
    assert header.media_type == {"film.png": "image/png", "film.jpg": "image/jpeg"}[name]
    assert header.lossy is (name == "film.jpg")
    for field in ("patient_name", "patient_id", "study_date", "modality", "transfer_syntax"):
        assert getattr(header, field) == ""
    assert film.spacing.basis is SpacingBasis.PIXELS_ONLY
    assert film.spacing.row_mm is None


def test_that_a_picture_is_known_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    path = saved(tmp_path / "film.png", GRAY).rename(tmp_path / "film.dcm")
    assert read_header(path).media_type == "image/png"


# refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "mode", "clear", "refused"),
    [
        (np.dstack([GRAY] * 3 + [OPAQUE - (GRAY[4, 4] == GRAY)]), None, None, True),
        (GRAY, None, int(GRAY[4, 4]), True),
        (GRAY // 2, None, 200, False),
        (DEEP, None, int(DEEP[4, 4]), True),
        (DEEP // 2, None, 60000, False),
        (COLOUR, None, tuple(map(int, COLOUR[4, 4])), True),
        (COLOUR, None, (1, 2, 3), False),
        (GRAY, "P", bytes([0] * 256), True),
        (GRAY, "P", bytes([255] * 256), False),
        (GRAY, "1", 0, True),
    ],
)
def test_that_transparency_is_refused_where_a_pixel_is_not_opaque(
    tmp_path: Path, pixels: NDArray[Any], mode: str | None, clear: Any, refused: bool
) -> None:
    options = {} if clear is None else {"transparency": clear}
    path = saved(tmp_path / "film.png", pixels, mode, **options)
    if refused:
        assert refusal_of(path).code == "unsupported-pixels"
    else:
        assert read_radiograph(path).shape == (30, 20)


def test_that_cmyk_is_refused(tmp_path: Path) -> None:
    refusal = refusal_of(saved(tmp_path / "film.jpg", GRAY, "CMYK"))
    assert refusal.code == "unsupported-pixels"
    assert "CMYK" in refusal.reason


def test_that_animated_pictures_are_refused(tmp_path: Path) -> None:
    frames = [Image.fromarray(GRAY + 1)]
    path = saved(tmp_path / "film.png", GRAY, save_all=True, append_images=frames)
    assert refusal_of(path).code == "unsupported-pixels"


@pytest.mark.parametrize("colour", [2, 4, 6])
def test_that_a_depth_that_pillow_would_halve_is_refused(tmp_path: Path, colour: int) -> None:
    path = tmp_path / "film.png"
    samples = {2: 3, 4: 2, 6: 4}[colour]
    raw = hostile["png"](4, 4, colour, zlib.compress(bytes(4 * (1 + 4 * samples * 2))))
    head = raw[12:24] + bytes([16]) + raw[25:29]
    path.write_bytes(raw[:12] + head + struct.pack(">L", zlib.crc32(head)) + raw[33:])
    refusal = refusal_of(path)
    assert (refusal.code, "16 bits" in refusal.reason) == ("unsupported-pixels", True)


def test_that_other_frames_than_the_first_are_refused(tmp_path: Path) -> None:
    assert refusal_of(saved(tmp_path / "film.png", GRAY), frame=2).code == "corrupt"


@pytest.mark.parametrize(
    "limits",
    [Limits(pixels=599), Limits(file_bytes=50), Limits(ratio=1, ratio_from=9), Limits(segments=2)],
)
@pytest.mark.parametrize("name", ["film.png", "film.jpg"])
def test_that_what_exceeds_a_limit_is_refused_before_it_is_decoded(
    tmp_path: Path, name: str, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / name, np.zeros((30, 20), np.uint8))
    if limits.ratio == 1 and name == "film.jpg":
        saved(path, np.zeros((300, 200), np.uint8))

    def decoded(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decoded)
    for read in (read_header, read_radiograph):
        with pytest.raises(Refusal) as caught:
            read(path, limits=limits)
        assert caught.value.code == "too-large"


def test_that_pillow_s_own_warning_of_bombs_is_no_other_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "film.png", GRAY)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)  # a warning
    assert read_radiograph(path).shape == (30, 20)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)  # an error
    assert refusal_of(path).code == "too-large"


@pytest.mark.parametrize("name", ["film.png", "film.jpg"])
def test_that_a_picture_cut_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, GRAY, quality=50)
    raw = path.read_bytes()
    for length in itertools.chain(range(12, len(raw) - 30, 41), [len(raw) - 20]):
        path.write_bytes(raw[:length])
        assert refusal_of(path).code in ("truncated", "corrupt")


@pytest.mark.parametrize("place", [20, 60, 300])
def test_that_a_png_with_a_wrong_checksum_is_refused_by_its_header_already(
    tmp_path: Path, place: int
) -> None:
    path = saved(tmp_path / "film.png", GRAY)
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)
    for read in (read_header, read_radiograph):
        with pytest.raises(Refusal) as caught:
            read(path)
        assert caught.value.code == "corrupt"


def test_that_no_text_of_a_picture_and_no_path_reaches_a_reason(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Title", "Phantom^Anna", zip=True)
    path = saved(tmp_path / "film.png", GRAY, pnginfo=texts)
    path.write_bytes(re.sub(rb"IDAT.{9}", b"IDAT" + bytes(9), path.read_bytes(), flags=re.DOTALL))
    reason = refusal_of(path).reason
    assert "Phantom" not in reason
    assert str(tmp_path) not in reason


EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MAGIC = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
]


@EXAMPLES
@given(st.sampled_from(MAGIC), st.binary(max_size=400))
def test_that_no_bytes_after_the_magic_make_anything_but_a_refusal(
    tmp_path: Path, magic: bytes, content: bytes
) -> None:
    path = tmp_path / "any"
    path.write_bytes(magic + content)
    for read in (read_header, read_radiograph):
        with pytest.raises(Refusal):
            read(path)


@EXAMPLES
@given(
    st.sampled_from(["film.png", "film.jpg", "colour.png", "colour.jpg"]),
    st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6
    ),
)
def test_that_no_spoilt_picture_raises_anything_but_a_refusal(
    tmp_path: Path, name: str, spoilt: list[tuple[float, int]]
) -> None:
    path = saved(tmp_path / name, COLOUR if name.startswith("colour") else GRAY)
    raw = bytearray(path.read_bytes())
    for share, value in spoilt:
        raw[8 + int(share * (len(raw) - 8))] = value
    path.write_bytes(raw)
    for read in (read_header, read_radiograph):
        with suppress(Refusal):
            read(path)


@pytest.mark.real_data
def test_that_real_films_are_read_as_pillow_reads_them(shared_data: Path) -> None:
    paths = sorted((shared_data / "nih" / "eval").glob("*.png"))[:8]
    paths += sorted((shared_data / "nih" / "train").glob("*.jp*g"))[:8]
    assert len(paths) == 16
    for path in paths:
        with Image.open(path) as image:
            assert np.array_equal(read_radiograph(path).stored, np.asarray(image.convert("L")))
