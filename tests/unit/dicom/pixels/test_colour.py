"""Colours out of every layout and coding, beside DCMTK, Pillow and the standard's own matrix."""

import hashlib
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import VoiWindow
from radsal.dicom.gray.grayscale import default_voi, display, initial_voi, presets
from radsal.dicom.gray.model_input import COLOUR_TO_GRAY, INPUT_FACTS, model_input
from radsal.dicom.gray.windowing import automatic_window, full_window
from radsal.dicom.reading import read_header, read_radiograph

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Colours = NDArray[np.uint8]

NATIVE = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]


def smooth(rows: int = 32, columns: int = 48) -> Colours:
    """Colours that change slowly, so that lossy coding and shared chroma cost little."""
    down, right = np.mgrid[:rows, :columns]
    red, green = right * 255 // columns, down * 255 // rows
    return np.stack([red, green, 255 - (red + green) // 2], -1).astype(np.uint8)


def noise(*shape: int) -> Colours:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


def to_ybr(rgb: Colours) -> Colours:
    """C.7.6.3.1.2, the equations of YBR_FULL."""
    red, green, blue = (rgb[..., n].astype(np.float64) for n in range(3))
    luma = 0.2990 * red + 0.5870 * green + 0.1140 * blue
    cb = -0.1687 * red - 0.3313 * green + 0.5000 * blue + 128
    cr = 0.5000 * red - 0.4187 * green - 0.0813 * blue + 128
    return np.clip(np.rint(np.stack([luma, cb, cr], -1)), 0, 255).astype(np.uint8)


def from_ybr(ybr: Colours) -> Colours:
    """The same equations, solved for red, green and blue."""
    luma, cb, cr = (ybr[..., n].astype(np.float64) for n in range(3))
    red = luma + 1.402 * (cr - 128)
    green = luma - 0.344136 * (cb - 128) - 0.714136 * (cr - 128)
    blue = luma + 1.772 * (cb - 128)
    return np.clip(np.rint(np.stack([red, green, blue], -1)), 0, 255).astype(np.uint8)


def dcmtk_colours(tool: str, path: Path) -> NDArray[np.int64]:
    """RGB as DCMTK shows it, (rows, columns, 3)."""
    made = subprocess.run([tool, "-q", "+op", path], capture_output=True, check=True, timeout=60)
    return np.asarray(Image.open(io.BytesIO(made.stdout)).convert("RGB")).astype(np.int64)


def apart(one: NDArray[np.integer], other: NDArray[np.integer]) -> int:
    return int(np.abs(one.astype(np.int64) - other.astype(np.int64)).max())


# native ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("syntax", NATIVE, ids=[syntax.name for syntax in NATIVE])
def test_that_native_colours_come_back_exactly_in_each_frame(
    make_colour: MakeFilm, save: Save, syntax: UID, planar: int
) -> None:
    values = noise(3, 5, 7, 3)  # an odd number of bytes in each frame
    path = save(make_colour(values, planar=planar, syntax=syntax))
    for number in (1, 2, 3):
        film = read_radiograph(path, number)
        assert film.is_colour
        assert np.array_equal(film.stored, values[number - 1])


@pytest.mark.parametrize("planar", [0, 1])
def test_that_colours_in_big_endian_words_are_turned_round(
    make_colour: MakeFilm, save: Save, planar: int
) -> None:
    values = noise(3, 5, 7, 3)
    film = make_colour(values, planar=planar, syntax=ExplicitVRBigEndian)
    words = np.frombuffer(film.PixelData, "<u2").astype(">u2").tobytes()
    film.add_new("PixelData", "OW", words)
    path = save(film)
    for number in (1, 2, 3):
        assert np.array_equal(read_radiograph(path, number).stored, values[number - 1])


@pytest.mark.parametrize("planar", [0, 1])
def test_that_ybr_full_is_turned_to_rgb_by_the_standards_matrix(
    make_colour: MakeFilm, save: Save, dcmtk: Tool, planar: int
) -> None:
    ybr = noise(40, 50, 3)
    path = save(make_colour(ybr, photometric="YBR_FULL", planar=planar))
    shown = display(read_radiograph(path))
    assert apart(shown, from_ybr(ybr)) <= 1
    assert apart(shown, dcmtk_colours(dcmtk("dcm2pnm"), path)) <= 2  # DCMTK adds rounded parts


def test_that_two_pixels_of_ybr_full_422_share_their_chroma(
    make_colour: MakeFilm, save: Save, dcmtk: Tool
) -> None:
    luma, chroma = noise(2, 40, 50), noise(2, 40, 25, 2)
    pairs = np.concatenate([luma.reshape(2, 40, 25, 2), chroma], -1)
    film = make_colour(noise(2, 40, 50, 3), photometric="YBR_FULL_422")
    film.PixelData = pairs.tobytes()
    path = save(film)
    full = np.concatenate([luma[..., None], chroma.repeat(2, axis=2)], -1)
    for number in (1, 2):
        assert apart(read_radiograph(path, number).stored, from_ybr(full[number - 1])) <= 1
    shown = display(read_radiograph(path))
    assert apart(shown, dcmtk_colours(dcmtk("dcm2pnm"), path)) <= 2  # DCMTK adds rounded parts


def test_that_a_large_image_is_converted_as_a_small_one_is(
    make_colour: MakeFilm, save: Save
) -> None:
    # in blocks of rows, since the conversion needs twelve bytes for each sample
    ybr = np.tile(noise(64, 64, 3), (24, 24, 1))
    film = read_radiograph(save(make_colour(ybr, photometric="YBR_FULL")))
    assert np.array_equal(film.stored[:64, :64], film.stored[-64:, -64:])
    assert apart(film.stored[-64:, -64:], from_ybr(ybr[:64, :64])) <= 1


# compressed --------------------------------------------------------------------------------------

LOSSLESS = {
    "rle": ("dcmcrle", []),
    "jpeg-lossless-sv1": ("dcmcjpeg", ["+e1"]),
    "jpeg-lossless": ("dcmcjpeg", ["+el", "+sv", "7"]),
    "jpeg-ls-line": ("dcmcjpls", ["+el", "+il"]),
    "jpeg-ls-sample": ("dcmcjpls", ["+el", "+is"]),
    "jpeg-ls-plane": ("dcmcjpls", ["+el", "+in"]),
}


def packed_by(tool: str, *options: str, path: Path) -> Path:
    packed = path.with_name("packed.dcm")
    subprocess.run([tool, "-q", *options, path, packed], check=True, timeout=60)
    return packed


def rewritten(path: Path, **attributes: object) -> Path:
    film = dcmread(path)
    for keyword, value in attributes.items():
        setattr(film, keyword, value)
    film.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("coding", LOSSLESS)
def test_that_colours_compressed_without_loss_come_back_exactly(
    coding: str, planar: int, make_colour: MakeFilm, save: Save, dcmtk: Tool
) -> None:
    values = noise(21, 35, 3)
    path = save(make_colour(values, planar=planar))
    encoder, options = LOSSLESS[coding]
    packed = packed_by(dcmtk(encoder), *options, path=path)
    plain, film = read_radiograph(path), read_radiograph(packed)
    assert film.header.transfer_syntax != plain.header.transfer_syntax
    assert np.array_equal(film.stored, values)
    assert film.identity == plain.identity
    # where the samples lie is the codestream's matter, whatever the header says of it
    again = read_radiograph(rewritten(packed, PlanarConfiguration=1 - planar))
    assert np.array_equal(again.stored, values)


@pytest.mark.parametrize("coding", ["rle", "jpeg-lossless-sv1", "jpeg-ls-line"])
def test_that_ybr_compressed_without_loss_is_turned_to_rgb(
    coding: str, make_colour: MakeFilm, save: Save, dcmtk: Tool
) -> None:
    path = save(make_colour(noise(21, 35, 3), photometric="YBR_FULL"))
    encoder, options = LOSSLESS[coding]
    packed = packed_by(dcmtk(encoder), *options, path=path)
    assert read_radiograph(packed).identity == read_radiograph(path).identity


def test_that_a_jfif_header_does_not_make_lossless_rgb_to_ybr(
    make_colour: MakeFilm, save: Save, dcmtk: Tool
) -> None:
    # DCMTK writes one before YBR; LEADTOOLS and others do before RGB
    values = noise(21, 35, 3)
    path = save(make_colour(values, photometric="YBR_FULL"))
    packed = packed_by(dcmtk("dcmcjpeg"), "+e1", path=path)
    assert b"JFIF" in packed.read_bytes()
    film = read_radiograph(rewritten(packed, PhotometricInterpretation="RGB"))
    assert np.array_equal(film.stored, values)


@pytest.mark.parametrize("options", [["+cy"], ["+cy", "+s4"], ["+cr"]], ids=str)
@pytest.mark.parametrize("process", ["+eb", "+ee"])
def test_that_lossy_jpeg_is_shown_in_the_colours_that_were_compressed(
    process: str, options: list[str], make_colour: MakeFilm, save: Save, dcmtk: Tool
) -> None:
    values = smooth()
    path = save(make_colour(values))
    packed = packed_by(dcmtk("dcmcjpeg"), process, "+q", "98", *options, path=path)
    film = read_radiograph(packed)
    assert film.header.lossy
    assert film.header.photometric == ("RGB" if options == ["+cr"] else film.header.photometric)
    assert apart(film.stored, values) <= 8
    assert apart(film.stored, dcmtk_colours(dcmtk("dcmj2pnm"), packed)) <= 2


def jpeg_film(make_colour: MakeFilm, codestream: bytes, photometric: str) -> Dataset:
    film = make_colour(smooth(), photometric=photometric)
    film.PixelData = encapsulate([codestream])
    film["PixelData"].is_undefined_length = True
    film.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    return film


def pillow_jpeg(values: Colours, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "JPEG", quality=98, **options)
    return stream.getvalue()


def without(codestream: bytes, marker: int) -> bytes:
    """Without the segments of a marker, which tell of the colours."""
    kept, at = codestream[:2], 2
    while codestream[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(codestream[at + 2 : at + 4])
        kept += b"" if codestream[at + 1] == marker else codestream[at:end]
        at = end
    return kept + codestream[at:]


def renamed(codestream: bytes, identifiers: bytes) -> bytes:
    """With other component identifiers in the frame and the scan header."""
    raw = bytearray(codestream)
    frame, scan = raw.find(b"\xff\xc0"), raw.find(b"\xff\xda")
    raw[frame + 10 : frame + 19 : 3] = identifiers
    raw[scan + 5 : scan + 11 : 2] = identifiers
    return bytes(raw)


ADOBE_RGB = b"\xff\xee\x00\x0eAdobe\0\x64\0\0\0\0\0"
ADOBE_YBR = ADOBE_RGB[:-1] + b"\x01"


@pytest.mark.parametrize("stated", ["RGB", "YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize("sampling", [0, 1, 2], ids=["4:4:4", "4:2:2", "4:2:0"])
def test_that_a_jfif_codestream_is_ybr_whatever_the_header_states(
    make_colour: MakeFilm, save: Save, stated: str, sampling: int
) -> None:
    codestream = pillow_jpeg(smooth(), subsampling=sampling)
    film = read_radiograph(save(jpeg_film(make_colour, codestream, stated)))
    theirs = np.asarray(Image.open(io.BytesIO(codestream)))
    assert apart(film.stored, theirs) <= 3
    assert apart(film.stored, smooth()) <= 12


@pytest.mark.parametrize("stated", ["RGB", "YBR_FULL_422"])
@pytest.mark.parametrize(
    "told",
    [
        lambda rgb: rgb,  # identifiers R, G, B and APP14
        lambda rgb: without(rgb, 0xEE),
        lambda rgb: rgb[:2] + ADOBE_RGB + renamed(without(rgb, 0xEE), b"\1\2\3")[2:],
    ],
    ids=["both", "identifiers", "APP14"],
)
def test_that_a_codestream_that_says_rgb_is_rgb_whatever_the_header_states(
    make_colour: MakeFilm, save: Save, stated: str, told: Callable[[bytes], bytes]
) -> None:
    codestream = told(pillow_jpeg(smooth(), keep_rgb=True))
    film = read_radiograph(save(jpeg_film(make_colour, codestream, stated)))
    assert apart(film.stored, smooth()) <= 4


@pytest.mark.parametrize("before", [b"", ADOBE_YBR], ids=["bare", "APP14"])
@pytest.mark.parametrize("identifiers", [b"\1\2\3", b"\0\1\2"], ids=["123", "012"])
def test_that_the_header_says_what_a_codestream_leaves_open(
    make_colour: MakeFilm, save: Save, before: bytes, identifiers: bytes
) -> None:
    bare = renamed(without(pillow_jpeg(smooth(), subsampling=0), 0xE0), identifiers)
    ybr = read_radiograph(save(jpeg_film(make_colour, bare[:2] + before + bare[2:], "YBR_FULL")))
    assert apart(ybr.stored, smooth()) <= 5
    if not before:
        rgb = read_radiograph(save(jpeg_film(make_colour, bare, "RGB")))
        assert apart(rgb.stored, to_ybr(smooth())) <= 3


def test_that_lossless_jpeg_2000_of_rgb_comes_back_exactly(
    make_colour: MakeFilm, save: Save
) -> None:
    values = noise(40, 50, 3)
    film = make_colour(values)
    plain = read_radiograph(save(film))
    film.PhotometricInterpretation = "YBR_RCT"  # so that pydicom has it transformed
    film.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    packed = save(film, "packed.dcm")
    assert read_radiograph(packed).identity == plain.identity
    # a transformation that the header does not tell of is undone all the same
    assert read_radiograph(rewritten(packed, PhotometricInterpretation="RGB")).identity == (
        plain.identity
    )


def test_that_lossy_jpeg_2000_of_rgb_keeps_its_colours(make_colour: MakeFilm, save: Save) -> None:
    film = make_colour(smooth(64, 80), photometric="YBR_ICT")
    film.compress(JPEG2000, j2k_cr=[4], encoding_plugin="pylibjpeg")
    packed = read_radiograph(save(film))
    assert packed.header.lossy
    assert apart(packed.stored, smooth(64, 80)) <= 6


def test_that_jpeg_2000_of_ybr_without_a_transformation_is_turned_to_rgb(
    make_colour: MakeFilm, save: Save
) -> None:
    film = make_colour(noise(40, 50, 3), photometric="YBR_FULL")
    plain = read_radiograph(save(film))
    film.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg", generate_instance_uid=False)
    assert film.PhotometricInterpretation == "YBR_FULL"
    assert read_radiograph(save(film, "packed.dcm")).identity == plain.identity


@pytest.mark.parametrize(
    ("compressed_as", "stated"),
    [
        ("YBR_RCT", "YBR_FULL"),
        ("YBR_RCT", "YBR_FULL_422"),
        ("YBR_FULL", "YBR_RCT"),
        ("YBR_FULL", "YBR_ICT"),
    ],
)
def test_that_jpeg_2000_that_contradicts_its_header_about_its_colours_is_refused(
    make_colour: MakeFilm, save: Save, compressed_as: str, stated: str
) -> None:
    film = make_colour(smooth(), photometric=compressed_as)
    film.compress(JPEG2000Lossless, encoding_plugin="pylibjpeg")
    film.PhotometricInterpretation = stated
    with pytest.raises(Refusal, match=stated) as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


# what is not shown exactly -----------------------------------------------------------------------


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("stated", ["YBR_RCT", "YBR_ICT"])
def test_that_colour_spaces_of_jpeg_2000_are_refused_elsewhere(
    make_colour: MakeFilm, save: Save, syntax: UID, stated: str
) -> None:
    film = make_colour(smooth())
    if syntax.is_encapsulated:
        film.compress(syntax)
    film.PhotometricInterpretation = stated
    with pytest.raises(Refusal, match=stated) as caught:
        read_header(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


def test_that_colours_of_16_bits_are_refused_with_their_bits(
    make_colour: MakeFilm, save: Save
) -> None:
    film = make_colour(noise(8, 8, 3), BitsAllocated=16, BitsStored=12, HighBit=11)
    film.PixelData = bytes(8 * 8 * 6)
    with pytest.raises(Refusal, match="12 bits in 16") as caught:
        read_header(save(film))
    assert caught.value.code == RefusalCode.UNSUPPORTED_PIXELS


@pytest.mark.parametrize(
    "spoilt", ["odd columns", "by plane", "full chroma", "planes that are none", "too short"]
)
def test_that_a_layout_that_contradicts_itself_is_corrupt(
    make_colour: MakeFilm, save: Save, spoilt: str
) -> None:
    film = make_colour(noise(6, 9 if spoilt == "odd columns" else 8, 3), photometric="YBR_FULL_422")
    if spoilt != "full chroma":
        film.PixelData = film.PixelData[: 6 * 9 * 2]
    if spoilt == "by plane":
        film.PlanarConfiguration = 1
    if spoilt == "planes that are none":
        film.PhotometricInterpretation, film.PlanarConfiguration = "RGB", 2
    if spoilt == "too short":
        film.PixelData = bytes(6 * 8 * 2 - 2)
    with pytest.raises(Refusal) as caught:
        read_header(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


def test_that_a_gray_codestream_under_a_colour_header_is_corrupt(
    make_colour: MakeFilm, make_film: MakeFilm, save: Save
) -> None:
    gray = make_film(noise(32, 48))
    gray.compress(JPEGLSLossless)
    film = make_colour(smooth())
    film.compress(JPEGLSLossless)
    film.PixelData, gray.PixelData = gray.PixelData, film.PixelData
    for number, path in enumerate([save(film), save(gray, "gray.dcm")]):
        with pytest.raises(Refusal, match=f"{3 - 2 * number} samples per pixel") as caught:
            read_radiograph(path)
        assert caught.value.code == RefusalCode.CORRUPT


# shown -------------------------------------------------------------------------------------------


def test_that_the_identity_of_colours_is_the_hash_that_its_definition_says(
    make_colour: MakeFilm, save: Save
) -> None:
    values = noise(5, 7, 3)
    film = read_radiograph(save(make_colour(values, planar=1)))
    expected = hashlib.sha256(b"5x7x3:|u1:" + values.tobytes()).hexdigest()
    assert film.identity.pixel_sha256 == expected


def test_that_colours_are_displayed_as_they_are_whatever_the_window(
    make_colour: MakeFilm, save: Save
) -> None:
    values = noise(5, 7, 3)
    film = read_radiograph(save(make_colour(values, WindowCenter="10", WindowWidth="2")))
    for voi in (None, VoiWindow(10, 2)):
        assert np.array_equal(display(film, voi), values)
        assert np.array_equal(display(film, voi, bits=16), values.astype(np.uint16) * 257)
    assert display(film, bits=16).dtype == np.uint16


def test_that_colours_have_no_windows(make_colour: MakeFilm, save: Save) -> None:
    film = read_radiograph(save(make_colour(noise(40, 50, 3), WindowCenter="1", WindowWidth="2")))
    assert film.chain.windows == film.chain.luts == ()
    assert (film.chain.bits_stored, film.chain.signed, film.chain.inverted) == (8, False, False)
    assert presets(film) == ()
    assert default_voi(film.chain) is None
    assert initial_voi(film) is None
    assert automatic_window(film) == full_window(film)


def test_that_a_model_is_given_the_luminance_and_the_reader_a_warning(
    make_colour: MakeFilm, save: Save
) -> None:
    values = noise(40, 50, 3)
    given, notes = model_input(read_radiograph(save(make_colour(values))))
    luma = values.astype(np.float64) @ [0.299, 0.587, 0.114]
    assert given.dtype == np.float32
    assert np.abs(given - luma).max() < 1e-4
    assert notes == (COLOUR_TO_GRAY,)
    assert COLOUR_TO_GRAY not in INPUT_FACTS


def test_that_a_model_is_given_gray_that_was_saved_as_colour_exactly(
    make_colour: MakeFilm, save: Save
) -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(16, 16)
    film = read_radiograph(save(make_colour(np.repeat(gray[..., None], 3, axis=-1))))
    assert np.array_equal(model_input(film).pixels, gray.astype(np.float32))
