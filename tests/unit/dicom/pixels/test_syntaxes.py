"""Every transfer syntax is read or refused by its name, and every coder's choices are understood."""

import io
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    MPEG2MPML,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    UID_dictionary,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.dicom.reading import read_header, read_radiograph
from radsal.dicom.syntaxes import SYNTAXES, name_of

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Pixels = NDArray[np.integer]

REGISTERED = {value: entry[0] for value, entry in UID_dictionary.items()
              if entry[1] == "Transfer Syntax"}  # fmt: skip
READ = {
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"),
    *("1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5"),
    *(f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)),
}
JPEG_XL = [f"1.2.840.10008.1.2.4.{n}" for n in (110, 111, 112)]


def relabelled(path: Path, film: Dataset, syntax: str) -> Path:
    """The film's file under another transfer syntax, whatever that does to its meaning."""
    film.file_meta.TransferSyntaxUID = MPEG2MPML  # as long as any
    film.save_as(path, enforce_file_format=True)
    raw = path.read_bytes()
    length = len(syntax) + len(syntax) % 2
    stated = b"\x02\0\x10\0UI" + length.to_bytes(2, "little") + syntax.encode().ljust(length, b"\0")
    begin = raw.index(b"\x02\0\x10\0UI")
    end = begin + 8 + int.from_bytes(raw[begin + 6 : begin + 8], "little")
    path.write_bytes(raw[:begin] + stated + raw[end:])
    return path


@pytest.mark.parametrize("syntax", sorted({*REGISTERED, *JPEG_XL} - READ))
def test_that_what_is_not_read_is_refused_by_its_name(
    make_film: MakeFilm, tmp_path: Path, syntax: str
) -> None:
    film = make_film()
    film.PixelData = encapsulate([bytes(240)])
    film["PixelData"].is_undefined_length = True
    path = relabelled(tmp_path / "film.dcm", film, syntax)
    for reader in (read_header, read_radiograph):
        with pytest.raises(Refusal) as caught:
            reader(path)
        assert caught.value.code == RefusalCode.UNSUPPORTED_SYNTAX
        name = REGISTERED.get(syntax, "JPEG XL")
        assert f"{name}" in caught.value.reason
        assert f"({syntax})" in caught.value.reason


def test_that_what_is_read_is_just_what_is_promised() -> None:
    assert {str(syntax) for syntax in SYNTAXES} == READ
    assert set(REGISTERED) >= READ
    assert name_of("1.2.3") == "1.2.3"


# HTJ2K -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def ojph_compress() -> str:
    """OpenJPH's encoder: not the library that decodes here."""
    found = shutil.which("ojph_compress")
    if found is None:
        reason = "ojph_compress (openjph-tools) is not installed"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found


def openjph(tool: str, folder: Path, values: Pixels, bits: int, *options: str) -> bytes:
    """A codestream of unsigned values, (rows, columns) or (rows, columns, 3)."""
    kind, suffix = (b"P6", "ppm") if values.ndim == 3 else (b"P5", "pgm")
    size = f"\n{values.shape[1]} {values.shape[0]}\n{(1 << bits) - 1}\n".encode()
    source, out = folder / f"in.{suffix}", folder / "out.j2c"
    source.write_bytes(kind + size + values.astype(">u2" if bits > 8 else "u1").tobytes())
    command = [tool, "-i", source, "-o", out, *options]
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    return out.read_bytes()


def holding(film: Dataset, codestream: bytes, syntax: UID) -> Dataset:
    film.PixelData = encapsulate([codestream])
    film["PixelData"].is_undefined_length = True
    film.file_meta.TransferSyntaxUID = syntax
    return film


def noise(bits: int, *shape: int) -> Pixels:
    values = np.random.default_rng(bits).integers(0, 1 << bits, shape)
    return values.astype(np.uint16 if bits > 8 else np.uint8)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize(
    ("syntax", "options"),
    [
        (HTJ2KLossless, ["-prog_order", "LRCP"]),
        (HTJ2KLosslessRPCL, ["-prog_order", "RPCL"]),
        (HTJ2K, ["-prog_order", "CPRL"]),
        (HTJ2KLossless, ["-tile_size", "{32,16}"]),
        (HTJ2KLossless, ["-tile_size", "{32,32}", "-image_offset", "{5,3}"]),
        (HTJ2KLossless, ["-num_decomps", "2", "-block_size", "{32,32}"]),
    ],
    ids=lambda value: value.name.split()[-3] if isinstance(value, UID) else "-".join(value),
)
def test_that_htj2k_without_loss_comes_back_exactly(
    make_film: MakeFilm,
    save: Save,
    ojph_compress: str,
    tmp_path: Path,
    syntax: UID,
    options: list[str],
    bits: int,
) -> None:
    values = noise(bits, 45, 70)
    film = make_film(values, bits=bits)
    plain = read_radiograph(save(film))
    codestream = openjph(ojph_compress, tmp_path, values, bits, "-reversible", "true", *options)
    packed = read_radiograph(save(holding(film, codestream, syntax), "packed.dcm"))
    assert packed.header.transfer_syntax == syntax
    assert packed.identity == plain.identity
    assert packed.header.lossy == (syntax == HTJ2K)  # nobody says that it is not


def test_that_signed_values_under_htj2k_keep_their_sign(
    make_film: MakeFilm, save: Save, ojph_compress: str, tmp_path: Path
) -> None:
    values = noise(12, 45, 70).astype(np.int16) - 2048
    film = make_film(values, bits=12)
    twos = (values & 0xFFF).astype(np.uint16)
    codestream = openjph(ojph_compress, tmp_path, twos, 12, "-reversible", "true")
    packed = read_radiograph(save(holding(film, codestream, HTJ2KLossless)))
    assert np.array_equal(packed.stored, values)


def test_that_lossy_htj2k_stays_close(
    make_film: MakeFilm, save: Save, ojph_compress: str, tmp_path: Path
) -> None:
    values = (np.add.outer(np.arange(64), np.arange(80)) * 28).astype(np.uint16)
    codestream = openjph(ojph_compress, tmp_path, values, 12, "-qstep", "0.002")
    packed = read_radiograph(save(holding(make_film(values, bits=12), codestream, HTJ2K)))
    assert packed.header.lossy
    assert 0 < np.abs(packed.stored.astype(int) - values).max() <= 16


@pytest.mark.parametrize(("transformed", "stated"), [("true", "YBR_RCT"), ("false", "RGB")])
def test_that_colours_under_htj2k_come_back_exactly(
    make_colour: MakeFilm,
    save: Save,
    ojph_compress: str,
    tmp_path: Path,
    transformed: str,
    stated: str,
) -> None:
    values = noise(8, 45, 70, 3)
    options = ["-reversible", "true", "-colour_trans", transformed, "-image_offset", "{5,3}"]
    codestream = openjph(ojph_compress, tmp_path, values, 8, *options)
    film = holding(make_colour(values, photometric=stated), codestream, HTJ2KLossless)
    assert np.array_equal(read_radiograph(save(film)).stored, values)


# JPEG 2000 ---------------------------------------------------------------------------------------


def pillow_j2k(values: Pixels, **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "JPEG2000", no_jp2=True, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"tile_size": (32, 32)},
        {"tile_size": (40, 24), "tile_offset": (3, 5), "offset": (7, 9)},
        {"tile_size": (128, 128), "tile_offset": (0, 0), "offset": (13, 11)},
        {"quality_mode": "rates", "quality_layers": [20, 5, 1]},
        {"num_resolutions": 2, "codeblock_size": (16, 16)},
        {"progression": "PCRL", "precinct_size": (64, 64)},
        {"plt": True},
    ],
    ids=str,
)
def test_that_jpeg_2000_comes_back_exactly_from_tiles_layers_and_any_origin(
    make_film: MakeFilm, save: Save, options: dict[str, Any]
) -> None:
    values = noise(8, 45, 70)  # Pillow spoils tiles of 16 bits; OpenJPH makes those above
    film = holding(make_film(values), pillow_j2k(values, **options), JPEG2000Lossless)
    assert np.array_equal(read_radiograph(save(film)).stored, values)


def test_that_jpeg_2000_of_rgb_is_rgb_with_and_without_a_transformation(
    make_colour: MakeFilm, save: Save
) -> None:
    values = noise(8, 45, 70, 3)
    for transformed in (False, True):
        codestream = pillow_j2k(values, mct=int(transformed))
        film = holding(make_colour(values), codestream, JPEG2000Lossless)
        assert np.array_equal(read_radiograph(save(film)).stored, values)


def test_that_a_codestream_far_out_on_its_canvas_is_refused(
    make_film: MakeFilm, save: Save
) -> None:
    # the size of the image is right; the decoder would ask for memory of all the canvas
    values = noise(8, 45, 70)
    codestream = bytearray(pillow_j2k(values))
    siz = codestream.index(b"\xff\x51")
    for size, offset, extent in ((6, 14, 70), (10, 18, 45)):
        codestream[siz + size : siz + size + 4] = (0x70000000 + extent).to_bytes(4)
        codestream[siz + offset : siz + offset + 4] = (0x70000000).to_bytes(4)
    film = holding(make_film(values), bytes(codestream), JPEG2000Lossless)
    with pytest.raises(Refusal, match="canvas") as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.TOO_LARGE


def test_that_colours_of_several_sizes_are_refused(make_colour: MakeFilm, save: Save) -> None:
    values = noise(8, 45, 70, 3)
    codestream = bytearray(pillow_j2k(values, mct=0))
    second = codestream.index(b"\xff\x51") + 40 + 3 + 1  # XRsiz of the second sample
    assert codestream[second] == 1
    codestream[second] = 2
    film = holding(make_colour(values), bytes(codestream), JPEG2000)
    with pytest.raises(Refusal, match="differ") as caught:
        read_radiograph(save(film))
    assert caught.value.code == RefusalCode.UNSUPPORTED_PIXELS


# JPEG and JPEG-LS beside DCMTK's own decoders ----------------------------------------------------


def recoded(dcmtk: Tool, path: Path, encoder: str, *options: str) -> Path:
    packed = path.with_name("packed.dcm")
    subprocess.run([dcmtk(encoder), "-q", *options, path, packed], check=True, timeout=60)
    return packed


def decoded(dcmtk: Tool, path: Path, decoder: str) -> Pixels:
    plain = path.with_name("decoded.dcm")
    subprocess.run([dcmtk(decoder), "-q", path, plain], check=True, timeout=60)
    film = dcmread(plain)
    dtype = f"<{'i' if film.PixelRepresentation else 'u'}{film.BitsAllocated // 8}"
    return np.frombuffer(film.PixelData, dtype, film.Rows * film.Columns).reshape(
        film.Rows, film.Columns
    )


@pytest.mark.parametrize("selection", range(1, 8))
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_that_every_predictor_of_lossless_jpeg_comes_back_exactly(
    make_film: MakeFilm, save: Save, dcmtk: Tool, selection: int, bits: int
) -> None:
    values = noise(bits, 31, 45)
    path = save(make_film(values, bits=bits))
    packed = recoded(dcmtk, path, "dcmcjpeg", "+el", "+sv", str(selection))
    assert np.array_equal(read_radiograph(packed).stored, values)


@pytest.mark.parametrize("shift", [1, 3])
def test_that_a_point_transform_is_undone_as_dcmtk_undoes_it(
    make_film: MakeFilm, save: Save, dcmtk: Tool, shift: int
) -> None:
    # ISO 10918-1 H.1.2.1: the lowest bits were dropped before coding
    values = noise(12, 31, 45)
    path = save(make_film(values, bits=12))
    packed = recoded(dcmtk, path, "dcmcjpeg", "+el", "+sv", "4", "+pt", str(shift))
    stored = read_radiograph(packed).stored
    assert np.array_equal(stored, decoded(dcmtk, packed, "dcmdjpeg"))
    assert np.array_equal(stored, values >> shift << shift)


@pytest.mark.parametrize("deviation", [1, 3])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_that_near_lossless_jpeg_ls_is_decoded_as_dcmtk_decodes_it(
    make_film: MakeFilm, save: Save, dcmtk: Tool, bits: int, deviation: int
) -> None:
    # DCMTK 3.6.7 cannot read itself what it makes of noise of 8 bits
    wave = np.add.outer(np.arange(31) ** 2, np.arange(45) ** 2) % 97 << (bits - 7)
    values = wave.astype(np.uint16 if bits > 8 else np.uint8)
    path = save(make_film(values, bits=bits))
    packed = recoded(dcmtk, path, "dcmcjpls", "+en", "+md", str(deviation))
    film = read_radiograph(packed)
    assert film.header.lossy
    assert 0 < np.abs(film.stored.astype(int) - values).max() <= deviation
    assert np.array_equal(film.stored, decoded(dcmtk, packed, "dcmdjpls"))


@pytest.mark.parametrize("quality", ["60", "95"])
@pytest.mark.parametrize(("process", "bits"), [("+eb", 8), ("+ee", 8), ("+ee", 12)])
def test_that_lossy_jpeg_is_decoded_as_dcmtk_decodes_it(
    make_film: MakeFilm, save: Save, dcmtk: Tool, process: str, bits: int, quality: str
) -> None:
    down, right = np.mgrid[:64, :80]
    values = (np.sin(down / 9) * np.cos(right / 7) + 1) / 2 * ((1 << bits) - 1)
    path = save(make_film(values.astype(np.uint16 if bits > 8 else np.uint8), bits=bits))
    packed = recoded(dcmtk, path, "dcmcjpeg", process, "+q", quality)
    apart = read_radiograph(packed).stored.astype(int) - decoded(dcmtk, packed, "dcmdjpeg")
    assert np.abs(apart).max() <= 1
