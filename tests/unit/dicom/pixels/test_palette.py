"""PALETTE COLOR beside pydicom, DCMTK and the palettes of PS3.6."""

import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.data import get_palette_files
from pydicom.dataset import Dataset
from pydicom.pixels import apply_color_lut
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from radsal.core.errors import Refusal, RefusalCode
from radsal.dicom.gray.grayscale import display
from radsal.dicom.reading import read_header, read_radiograph

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]

NAMES = ("Red", "Green", "Blue")


def entries(count: int, bits: int) -> NDArray[np.uint16]:
    """Three columns of a palette; of 16 bits the low bytes are noise."""
    random = np.random.default_rng(count + bits)
    return random.integers(0, 1 << bits, (count, 3)).astype(np.uint16)


def coloured(
    film: Dataset, table: NDArray[np.uint16], bits: int, first: int = 0, *, packed: bool = False
) -> Dataset:
    """Give a film a palette, (entries, 3). ``packed``: two entries of 8 bits in each word."""
    order = "<" if film.file_meta.TransferSyntaxUID.is_little_endian else ">"
    for column, name in enumerate(NAMES):
        values = table[:, column]
        if packed:
            raw = np.append(values, [0] * (len(values) % 2)).astype(np.uint8).view("<u2")
            cells = raw.astype(f"{order}u2").tobytes()
        else:
            cells = values.astype(f"{order}u2").tobytes()
        vr = "SS" if film.PixelRepresentation else "US"
        count = len(table) % 65536 if vr == "US" else np.uint16(len(table)).astype(np.int16).item()
        film.add_new(f"{name}PaletteColorLookupTableDescriptor", vr, [count, first, bits])
        film.add_new(f"{name}PaletteColorLookupTableData", "OW", cells)
    return film


def expected(
    stored: NDArray[np.integer], table: NDArray[np.uint16], bits: int, first: int = 0
) -> NDArray[np.uint8]:
    """C.7.6.3.1.5: the first entry below the first mapped value, the last past the end."""
    index = [min(max(int(value) - first, 0), len(table) - 1) for value in stored.flat]
    return (table[index] >> (bits - 8)).astype(np.uint8).reshape(*stored.shape, 3)


@pytest.mark.parametrize("packed", [False, True], ids=["words", "bytes"])
@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
@pytest.mark.parametrize(("count", "first"), [(256, 0), (200, -20), (101, 30), (1, 5)])
def test_that_each_value_is_shown_in_its_own_colour(
    make_film: MakeFilm,
    save: Save,
    dtype: str,
    count: int,
    first: int,
    syntax: UID,
    packed: bool,
) -> None:
    if first < 0 and dtype[0] == "u":
        first = 20
    stored = np.arange(-128, 128).reshape(16, 16) if dtype[0] == "i" else np.arange(256)
    stored = stored.reshape(16, 16).astype(dtype)
    film = make_film(stored, photometric="PALETTE COLOR", syntax=syntax)
    table = entries(count, 8)
    radiograph = read_radiograph(save(coloured(film, table, 8, first, packed=packed)))
    assert radiograph.is_colour
    assert np.array_equal(radiograph.stored, expected(stored, table, 8, first))


@pytest.mark.parametrize(("bits_stored", "count"), [(12, 4096), (16, 65536), (16, 300)])
def test_that_palettes_of_16_bits_are_shown_by_their_high_byte(
    make_film: MakeFilm, save: Save, bits_stored: int, count: int
) -> None:
    stored = np.random.default_rng(5).integers(0, 1 << bits_stored, (40, 50)).astype(np.uint16)
    film = make_film(stored, bits=bits_stored, photometric="PALETTE COLOR")
    table = entries(count, 16)
    shown = display(read_radiograph(save(coloured(film, table, 16))))
    assert np.array_equal(shown, expected(stored, table, 16))


@pytest.mark.parametrize("bits", [8, 16])
def test_that_a_palette_is_applied_as_dcmtk_and_pydicom_apply_it(
    make_film: MakeFilm, save: Save, dcmtk: Tool, bits: int
) -> None:
    stored = np.arange(256, dtype=np.uint8).reshape(16, 16)
    film = coloured(make_film(stored, photometric="PALETTE COLOR"), entries(200, bits), bits, 10)
    path = save(film)
    shown = display(read_radiograph(path))
    made = subprocess.run(
        [dcmtk("dcm2pnm"), "-q", "+op", path], capture_output=True, check=True, timeout=60
    )
    assert np.array_equal(shown, np.asarray(Image.open(BytesIO(made.stdout))))
    theirs = apply_color_lut(stored, film)
    assert np.array_equal(shown, theirs >> 8 if bits == 16 else theirs)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless, JPEG2000Lossless])
def test_that_a_palette_is_applied_to_what_was_compressed_without_loss(
    make_film: MakeFilm, save: Save, syntax: UID
) -> None:
    stored = np.random.default_rng(6).integers(0, 256, (40, 50)).astype(np.uint8)
    film = coloured(make_film(stored, photometric="PALETTE COLOR"), entries(256, 8), 8)
    plain = read_radiograph(save(film))
    film.compress(syntax, encoding_plugin="pyjpegls" if "LS" in syntax.name else "pylibjpeg",
                  generate_instance_uid=False)  # fmt: skip
    assert read_radiograph(save(film, "packed.dcm")).identity == plain.identity


# segments ----------------------------------------------------------------------------------------


def segmented(film: Dataset, cells: Any, bits: int, count: int) -> Dataset:
    raw = np.array(cells, "u1" if bits == 8 else "<u2").tobytes()
    for name in NAMES:
        film.add_new(f"{name}PaletteColorLookupTableDescriptor", "US", [count, 0, bits])
        film.add_new(
            f"Segmented{name}PaletteColorLookupTableData", "OW", raw + b"\0" * (len(raw) % 2)
        )
    return film


RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.mark.parametrize("name", ["spring", "summer", "fall", "winter"])
def test_that_the_segmented_palettes_of_the_standard_are_expanded_as_pydicom_does(
    make_film: MakeFilm, save: Save, name: str
) -> None:
    palette = dcmread(get_palette_files(f"{name}.dcm")[0])
    film = make_film(RAMP, photometric="PALETTE COLOR")
    for element in palette.group_dataset(0x0028):
        if element.keyword.endswith(("LookupTableDescriptor", "LookupTableData")):
            film.add(element)
    shown = display(read_radiograph(save(film)))
    assert np.array_equal(shown, apply_color_lut(RAMP, film))
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) > 100


@pytest.mark.parametrize(
    ("cells", "bits", "table"),
    [
        ([0, 3, 5, 6, 7, 1, 4, 27], 8, [5, 6, 7, 12, 17, 22, 27]),
        ([0, 2, 0x100, 0x200, 1, 2, 0x400], 16, [1, 2, 3, 4]),
        # two segments are copied; the linear one goes on from what is before it
        ([0, 2, 10, 20, 1, 2, 40, 2, 2, 0, 0, 0, 0], 8, [10, 20, 30, 40, 10, 20, 30, 40]),
        ([0, 1, 100, 1, 2, 50, 2, 1, 3, 0, 0, 0], 8, [100, 75, 50, 50, 50]),
        ([0, 2, 0xA00, 0x1400, 2, 1, 0, 0], 16, [10, 20, 10, 20]),
        ([0, 1, 0x100, 0, 1, 0x900, 2, 1, 6, 0], 16, [1, 9, 9]),  # the offset counts bytes
    ],
    ids=["linear", "16 bits", "indirect", "indirect linear", "indirect 16 bits", "in bytes"],
)
def test_that_segments_are_expanded_as_the_standard_says(
    make_film: MakeFilm, save: Save, cells: list[int], bits: int, table: list[int]
) -> None:
    film = segmented(make_film(RAMP, photometric="PALETTE COLOR"), cells, bits, len(table))
    shown = display(read_radiograph(save(film)))[..., 0].reshape(-1)
    assert shown[: len(table)].tolist() == table
    assert (shown[len(table) :] == table[-1]).all()


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [0, 7, *range(7)],  # too few
        [0, 9, *range(9)],  # too many
        [1, 8, 9],  # a line from nowhere
        [2, 1, 0, 0, 0, 0],
        [0, 4, 1, 2, 3, 4, 2, 1, 9, 0, 0, 0],  # points at no segment
        [0, 4, 1, 2, 3, 4, 2, 2, 0, 0, 0, 0],  # would copy itself
        [0, 4, 1, 2, 3, 4, 2, 0, 0, 0, 0, 0],
        [0, 0, 0, 0] * 4,
        [3, 8, *range(8)],
        [1, 255, 9] * 200,
    ],
    ids=str,
)
def test_that_segments_that_do_not_make_the_table_are_corrupt(
    make_film: MakeFilm, save: Save, cells: list[int]
) -> None:
    path = save(segmented(make_film(RAMP, photometric="PALETTE COLOR"), cells, 8, 8))
    with pytest.raises(Refusal, match="palette") as caught:
        read_header(path)
    assert caught.value.code == RefusalCode.CORRUPT


# refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoilt",
    [
        {"BluePaletteColorLookupTableData": None},
        {"GreenPaletteColorLookupTableDescriptor": None},
        {"RedPaletteColorLookupTableDescriptor": [256, 0, 12]},
        {"RedPaletteColorLookupTableDescriptor": [256, 0]},
        {"RedPaletteColorLookupTableDescriptor": [257, 0, 16]},
        {"RedPaletteColorLookupTableDescriptor": [256, 0, 8]},  # its entries have 16 bits
    ],
    ids=str,
)
def test_that_a_palette_that_contradicts_itself_is_corrupt(
    make_film: MakeFilm, save: Save, spoilt: dict[str, Any]
) -> None:
    film = coloured(make_film(RAMP, photometric="PALETTE COLOR"), entries(256, 16), 16)
    for keyword, value in spoilt.items():
        if value is None:
            delattr(film, keyword)
        else:
            setattr(film, keyword, value)
    with pytest.raises(Refusal, match="palette") as caught:
        read_header(save(film))
    assert caught.value.code == RefusalCode.CORRUPT


def test_that_a_palette_under_lossy_jpeg_is_refused(make_film: MakeFilm, save: Save) -> None:
    film = coloured(make_film(RAMP, photometric="PALETTE COLOR"), entries(256, 8), 8)
    film.compress(JPEGLSLossless)
    film.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    with pytest.raises(Refusal, match="palette") as caught:
        read_header(save(film))
    assert caught.value.code == RefusalCode.UNSUPPORTED_PIXELS
