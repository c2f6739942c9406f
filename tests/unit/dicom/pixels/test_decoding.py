"""Stored values out of every layout that the standard allows for gray pixels."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
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
    JPEGExtended12Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.radiograph import Radiograph
from radsal.dicom.reading import read_radiograph

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Read = Callable[..., Radiograph]

NATIVE = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]


# Named, since GDCM's own RLE encoder takes the process down.
ENCODERS = {
    JPEG2000Lossless: "pylibjpeg",
    JPEGLSLossless: "pyjpegls",
    RLELossless: "pylibjpeg",
}


def noise(dtype: str, shape: tuple[int, ...] = (7, 9), bits: int = 16) -> NDArray[np.integer]:
    """Values over the whole range of the bits stored."""
    kind = np.dtype(dtype)
    bits = min(bits, kind.itemsize * 8)
    low = -(2 ** (bits - 1)) if kind.kind == "i" else 0
    return np.random.default_rng(7).integers(low, low + 2**bits, shape).astype(kind)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize("syntax", NATIVE, ids=[syntax.name for syntax in NATIVE])
def test_that_native_pixels_come_back_exactly(read: Read, syntax: UID, dtype: str) -> None:
    values = noise(dtype)
    film = read(values, syntax=syntax)
    assert film.stored.dtype == np.dtype(dtype)
    assert np.array_equal(film.stored, values)


@pytest.mark.parametrize("dtype", ["u1", "i2"])
@pytest.mark.parametrize("syntax", NATIVE, ids=[syntax.name for syntax in NATIVE])
def test_that_each_frame_is_found(make_film: MakeFilm, save: Save, syntax: UID, dtype: str) -> None:
    values = noise(dtype, (3, 5, 7))  # an odd number of bytes in each 8-bit frame
    path = save(make_film(values, frames=3, syntax=syntax))
    films = [read_radiograph(path, frame) for frame in (1, 2, 3)]
    assert all(np.array_equal(film.stored, values[n]) for n, film in enumerate(films))
    assert len({film.identity.pixel_sha256 for film in films}) == 3
    assert [film.identity.frame for film in films] == [1, 2, 3]


@pytest.mark.parametrize("frame", [0, -1, 4])
def test_that_a_frame_that_is_not_there_is_refused(
    make_film: MakeFilm, save: Save, frame: int
) -> None:
    path = save(make_film(noise("u2", (3, 5, 7)), frames=3))
    with pytest.raises(Refusal, match="no frame"):
        read_radiograph(path, frame)


@pytest.mark.parametrize("dtype", ["u1", "i1"])
def test_that_bytes_in_big_endian_words_are_turned_round(
    make_film: MakeFilm, save: Save, dtype: str
) -> None:
    # PS3.5 A.3: with OW, two 8-bit pixels share a word, the first one in its low byte.
    values = noise(dtype, (3, 5, 7))
    film = make_film(values, frames=3, syntax=ExplicitVRBigEndian)
    raw = values.tobytes() + b"\0"
    words = np.frombuffer(raw, "<u2").astype(">u2").tobytes()
    film.add_new("PixelData", "OW", words)
    path = save(film)
    for number in (1, 2, 3):
        assert np.array_equal(read_radiograph(path, number).stored, values[number - 1])


@pytest.mark.parametrize("dtype", ["u2", "i2"])
@pytest.mark.parametrize(("bits", "high_bit"), [(10, 9), (12, 11), (12, 15), (10, 12), (1, 0)])
def test_that_only_the_bits_stored_count(read: Read, dtype: str, bits: int, high_bit: int) -> None:
    values = noise(dtype, bits=bits)
    below = high_bit + 1 - bits
    mask = ((1 << bits) - 1) << below
    rubbish = np.random.default_rng(8).integers(0, 65536, values.shape) & ~mask
    cells = ((values.astype(np.int64) << below) & mask | rubbish) & 0xFFFF
    film = read(cells.astype("u2").view(dtype), bits=bits, HighBit=high_bit)
    assert np.array_equal(film.stored, values)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
@pytest.mark.parametrize("syntax", ENCODERS, ids=lambda syntax: syntax.name)
def test_that_lossless_codings_give_the_pixels_and_the_identity_of_the_film(
    make_film: MakeFilm, save: Save, syntax: UID, signed: bool, bits: int
) -> None:
    values = noise(("i" if signed else "u") + ("1" if bits == 8 else "2"), (33, 47), bits)
    film = make_film(values, bits=bits)
    plain = read_radiograph(save(film, "plain.dcm"))
    film.compress(syntax, encoding_plugin=ENCODERS[syntax], generate_instance_uid=False)
    packed = read_radiograph(save(film, "packed.dcm"))
    assert packed.header.transfer_syntax == syntax
    assert np.array_equal(packed.stored, values)
    assert packed.identity == plain.identity
    assert not packed.header.lossy


@pytest.mark.parametrize("syntax", ENCODERS, ids=lambda syntax: syntax.name)
def test_that_each_compressed_frame_is_found(make_film: MakeFilm, save: Save, syntax: UID) -> None:
    values = noise("u2", (4, 33, 40), 12)
    film = make_film(values, bits=12, frames=4)
    film.compress(syntax, encoding_plugin=ENCODERS[syntax])
    path = save(film)
    for number in (1, 2, 3, 4):
        assert np.array_equal(read_radiograph(path, number).stored, values[number - 1])


@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_that_near_lossless_pixels_stay_within_the_deviation_that_was_asked_for(
    make_film: MakeFilm, save: Save, signed: bool
) -> None:
    ramp = np.add.outer(np.arange(40), np.arange(30)) * 40
    values = ramp - 1300 if signed else ramp
    film = make_film(values.astype(np.int16 if signed else np.uint16), bits=12)
    film.compress(JPEGLSNearLossless, encoding_plugin="pyjpegls", jls_error=3)
    packed = read_radiograph(save(film))
    assert packed.header.lossy
    assert 0 < np.abs(packed.stored.astype(int) - values).max() <= 3


def test_that_lossy_jpeg_2000_keeps_the_sign_of_small_values(
    make_film: MakeFilm, save: Save
) -> None:
    values = (np.add.outer(np.arange(64), np.arange(48)) * 20 - 1000).astype(np.int16)
    film = make_film(values, bits=12)
    film.compress(JPEG2000, j2k_cr=[4])
    packed = read_radiograph(save(film))
    assert packed.header.lossy
    assert np.abs(packed.stored.astype(int) - values).max() <= 4


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEG2000])
def test_that_an_unsigned_codestream_under_a_signed_header_keeps_its_sign(
    make_film: MakeFilm, save: Save, syntax: UID
) -> None:
    # Seen in public files: the header says signed, the codestream holds the two's complement.
    values = noise("i2", (32, 32), 12)
    film = make_film((values & 0xFFF).astype(np.uint16), bits=12)
    film.compress(JPEG2000Lossless)
    film.PixelRepresentation = 1
    film.file_meta.TransferSyntaxUID = syntax
    assert np.array_equal(read_radiograph(save(film)).stored, values)


def test_that_signed_pixels_in_lossy_jpeg_are_refused(make_film: MakeFilm, save: Save) -> None:
    film = make_film(noise("i2", bits=12), bits=12)
    film.compress(JPEGLSLossless)
    film.file_meta.TransferSyntaxUID = JPEGExtended12Bit
    with pytest.raises(Refusal, match="Signed") as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.UNSUPPORTED_PIXELS


def test_that_a_segment_of_rle_that_is_too_long_is_corrupt(make_film: MakeFilm, save: Save) -> None:
    # pylibjpeg-rle panics here, which is no Exception in Python
    film = make_film(noise("u2", (40, 36)))
    runs = bytes([129, 7]) * 12  # 1536 bytes (PS3.5 G.3.1), where the film has 1440 pixels
    starts = struct.pack("<16L", 2, 64, 64 + len(runs), *([0] * 13))
    film.PixelData = encapsulate([starts + runs + runs])
    film["PixelData"].is_undefined_length = True
    film.file_meta.TransferSyntaxUID = RLELossless
    with pytest.raises(Refusal, match="damaged") as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


@pytest.mark.parametrize(
    ("raised", "code"), [(MemoryError, RefusalCode.TOO_LARGE), (KeyError, RefusalCode.CORRUPT)]
)
def test_that_a_decoder_without_memory_is_told_from_a_damaged_image(
    make_film: MakeFilm,
    save: Save,
    monkeypatch: pytest.MonkeyPatch,
    raised: type[Exception],
    code: RefusalCode,
) -> None:
    film = make_film(noise("u2"))
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    path = save(film)

    def failing(*_: object, **__: object) -> object:
        raise raised

    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.as_array", failing)
    with pytest.raises(Refusal) as caught:
        read_radiograph(path)
    assert caught.value.code == code


def test_that_an_interrupt_goes_through_a_decoder(
    make_film: MakeFilm, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = make_film(noise("u2"))
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    path = save(film)

    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("pydicom.pixels.decoders.base.Decoder.as_array", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_radiograph(path)
