"""Overlay planes, packed and embedded, and the ones that are left out."""

import logging
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from radsal.core.planes import Overlay
from radsal.dicom.gray.grayscale import display
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.limits import Limits
from radsal.dicom.reading import read_radiograph

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Plane = NDArray[np.bool_]

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
]


def scattered(*shape: int) -> Plane:
    return np.random.default_rng(len(shape)).random(shape) < 0.4


def overlaid(
    film: Dataset,
    plane: Plane,
    group: int = 0x6000,
    *,
    vr: str = "OW",
    origin: tuple[int, int] | None = (1, 1),
    **stated: Any,
) -> Dataset:
    """Add a packed overlay, (rows, columns) or frames of it; ``stated`` by element, as ``x0040``.

    PS3.5 8.1.2: bit after bit from the lowest on, without padding between rows or frames.
    """
    rows, columns = plane.shape[-2:]
    octets = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    octets += b"\0" * (len(octets) % 2)
    if vr == "OW" and not film.file_meta.TransferSyntaxUID.is_little_endian:
        octets = np.frombuffer(octets, "<u2").astype(">u2").tobytes()
    values: dict[int, tuple[str, Any]] = {
        0x0010: ("US", rows),
        0x0011: ("US", columns),
        0x0040: ("CS", "G"),
        0x0050: ("SS", list(origin) if origin else None),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: (vr, octets),
    }
    values |= {int(element[1:], 16): value for element, value in stated.items()}
    for element, (representation, value) in values.items():
        if value is not None:
            film.add_new((group, element), representation, value)
    return film


def only(overlays: tuple[Overlay, ...]) -> Overlay:
    assert len(overlays) == 1
    return overlays[0]


@pytest.mark.parametrize("vr", ["OB", "OW"])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=[syntax.name for syntax in SYNTAXES])
def test_that_a_plane_is_unpacked_bit_by_bit(
    make_film: MakeFilm, save: Save, syntax: UID, vr: str
) -> None:
    plane = scattered(12, 10)  # rows of ten bits: they begin anywhere in a byte
    if syntax == ImplicitVRLittleEndian and vr == "OB":
        vr = "OW"
    film = overlaid(make_film(syntax=syntax), plane, vr=vr)
    overlay = only(read_radiograph(save(film)).overlays)
    assert np.array_equal(overlay.plane, plane)
    assert (overlay.origin, overlay.group, overlay.region) == ((0, 0), 0x6000, False)


def test_that_a_plane_lies_where_its_origin_says_also_beyond_the_image(
    make_film: MakeFilm, save: Save
) -> None:
    film = make_film()
    overlaid(film, scattered(3, 4), 0x6000, origin=(5, 7))
    overlaid(film, scattered(30, 40), 0x6002, origin=(-4, 0))
    overlaid(film, scattered(2, 2), 0x601E, origin=None)
    overlays = read_radiograph(save(film)).overlays
    assert [o.origin for o in overlays] == [(4, 6), (-5, -1), (0, 0)]
    assert [o.group for o in overlays] == [0x6000, 0x6002, 0x601E]
    assert [o.plane.shape for o in overlays] == [(3, 4), (30, 40), (2, 2)]


def test_that_type_and_label_are_told(make_film: MakeFilm, save: Save) -> None:
    film = make_film(SpecificCharacterSet="ISO_IR 100")
    stated = {"x0040": ("CS", "R"), "x1500": ("LO", "Größe"), "x0022": ("LO", "not this")}
    overlaid(film, scattered(12, 10), 0x6000, **stated)
    overlaid(film, scattered(12, 10), 0x6002, x0022=("LO", "described"))
    first, second = read_radiograph(save(film)).overlays
    assert (first.region, first.label) == (True, "Größe")
    assert (second.region, second.label) == (False, "described")


@pytest.mark.parametrize("origin", [(1, 1), (4, 3), (-2, 5), (9, -6)], ids=str)
def test_that_planes_lie_where_dcmtk_draws_them(
    make_film: MakeFilm, save: Save, dcmtk: Tool, origin: tuple[int, int]
) -> None:
    film = overlaid(make_film(np.zeros((24, 20), np.uint16), bits=12), scattered(18, 15))
    film[0x60000050].value = list(origin)
    film.WindowCenter, film.WindowWidth = "2048", "4096"
    path = save(film)
    made = subprocess.run(
        [dcmtk("dcm2pnm"), "-q", "+op", "+Wi", "1", "+O", "0", path],
        capture_output=True,
        check=True,
        timeout=60,
    )
    theirs = np.asarray(Image.open(BytesIO(made.stdout))) > 127
    overlay = only(read_radiograph(path).overlays)
    ours = np.zeros((24, 20), np.bool_)
    for row, column in np.argwhere(overlay.plane) + overlay.origin:
        if 0 <= row < 24 and 0 <= column < 20:
            ours[row, column] = True
    assert theirs.any()
    assert np.array_equal(ours, theirs)


def test_that_an_overlay_changes_neither_pixels_nor_display_nor_model(
    make_film: MakeFilm, save: Save
) -> None:
    bare = read_radiograph(save(make_film()))
    film = read_radiograph(save(overlaid(make_film(), scattered(12, 10)), "overlaid.dcm"))
    assert film.identity == bare.identity
    assert np.array_equal(display(film), display(bare))
    assert np.array_equal(model_input(film).pixels, model_input(bare).pixels)


# frames ------------------------------------------------------------------------------------------


def test_that_each_frame_has_its_own_plane(make_film: MakeFilm, save: Save) -> None:
    # C.9.3.1: one to one, from the frame that Image Frame Origin names on
    planes = scattered(2, 5, 7)  # 35 bits: the second frame begins inside a byte
    film = make_film(np.zeros((4, 5, 7), np.uint16), frames=4)
    path = save(overlaid(film, planes, x0015=("IS", "2"), x0051=("US", 2)))
    found = [read_radiograph(path, frame).overlays for frame in (1, 2, 3, 4)]
    assert [len(overlays) for overlays in found] == [0, 1, 1, 0]
    assert np.array_equal(only(found[1]).plane, planes[0])
    assert np.array_equal(only(found[2]).plane, planes[1])


def test_that_planes_without_an_origin_begin_at_the_first_frame(
    make_film: MakeFilm, save: Save
) -> None:
    planes = scattered(2, 5, 7)
    film = make_film(np.zeros((3, 5, 7), np.uint16), frames=3)
    path = save(overlaid(film, planes, x0015=("IS", "2")))
    assert np.array_equal(only(read_radiograph(path, 2).overlays).plane, planes[1])
    assert read_radiograph(path, 3).overlays == ()


def test_that_a_plane_that_counts_no_frames_lies_over_all(make_film: MakeFilm, save: Save) -> None:
    plane = scattered(5, 7)
    path = save(overlaid(make_film(np.zeros((3, 5, 7), np.uint16), frames=3), plane))
    for frame in (1, 2, 3):
        assert np.array_equal(only(read_radiograph(path, frame).overlays).plane, plane)


# in the pixel cells ------------------------------------------------------------------------------


def embedded(film: Dataset, group: int, bit: int, **stated: Any) -> Dataset:
    values: dict[int, tuple[str, Any]] = {
        0x0010: ("US", film.Rows),
        0x0011: ("US", film.Columns),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 16),
        0x0102: ("US", bit),
    }
    values |= {int(element[1:], 16): value for element, value in stated.items()}
    for element, (vr, value) in values.items():
        film.add_new((group, element), vr, value)
    return film


@pytest.mark.parametrize("syntax", SYNTAXES, ids=[syntax.name for syntax in SYNTAXES])
@pytest.mark.parametrize("dtype", ["u2", "i2"])
def test_that_planes_in_unused_bits_are_read_before_those_are_cleared(
    make_film: MakeFilm, save: Save, syntax: UID, dtype: str
) -> None:
    low = -2048 if dtype == "i2" else 0
    stored = np.random.default_rng(2).integers(low, low + 4096, (3, 12, 10))
    high, top = scattered(3, 12, 10), ~scattered(3, 12, 10)
    cells = (stored & 0xFFF) | high << 12 | top.astype(np.int64) << 15
    film = make_film(cells.astype(np.uint16).view(dtype), bits=12, frames=3, syntax=syntax)
    path = save(embedded(embedded(film, 0x6000, 12), 0x6002, 15))
    for number in (1, 2, 3):
        radiograph = read_radiograph(path, number)
        first, second = radiograph.overlays
        assert np.array_equal(radiograph.stored, stored[number - 1])
        assert np.array_equal(first.plane, high[number - 1])
        assert np.array_equal(second.plane, top[number - 1])
        assert first.origin == (0, 0)


def test_that_a_plane_below_the_stored_bits_is_read(make_film: MakeFilm, save: Save) -> None:
    stored, plane = np.random.default_rng(2).integers(0, 4096, (12, 10)), scattered(12, 10)
    film = make_film((stored << 4 | plane << 3).astype(np.uint16), bits=12, HighBit=15)
    radiograph = read_radiograph(save(embedded(film, 0x6000, 3)))
    assert np.array_equal(radiograph.stored, stored)
    assert np.array_equal(only(radiograph.overlays).plane, plane)


# left out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoilt",
    [
        {"x0010": ("US", 0)},
        {"x0010": ("US", 13)},
        {"x0011": ("US", 65535)},
        {"x0010": ("US", [12, 12])},
        {"x0050": ("SS", [1, 1, 1])},
        {"x0050": ("SS", 1)},
        {"x0060": ("CS", "RLE")},
        {"x0100": ("US", 16)},
        {"x3000": ("OW", b"")},
        {"x3000": ("OW", b"\1\1")},
        {"x3000": ("SQ", [])},
    ],
    ids=str,
)
def test_that_a_damaged_overlay_is_left_out_and_the_image_shown(
    make_film: MakeFilm, save: Save, caplog: pytest.LogCaptureFixture, spoilt: dict[str, Any]
) -> None:
    film = overlaid(make_film(), scattered(12, 10), 0x6000, **spoilt)
    overlaid(film, scattered(12, 10), 0x6004)
    with caplog.at_level(logging.WARNING, "radsal.dicom"):
        radiograph = read_radiograph(save(film))
    assert only(radiograph.overlays).group == 0x6004
    assert "overlay 6000 left out" in caplog.text
    assert np.array_equal(radiograph.stored, np.arange(120).reshape(12, 10) * 30)


@pytest.mark.parametrize(
    ("bit", "stated"),
    [
        (11, {}),
        (1, {}),
        (16, {}),
        (300, {}),
        (13, {"x0100": ("US", 8)}),
        (13, {"x0010": ("US", 11)}),
        (13, {"x0010": ("US", [12, 12])}),
    ],
    ids=str,
)
def test_that_a_plane_that_is_no_bit_of_the_cells_is_left_out(
    make_film: MakeFilm, save: Save, caplog: pytest.LogCaptureFixture, bit: int, stated: Any
) -> None:
    with caplog.at_level(logging.WARNING, "radsal.dicom"):
        radiograph = read_radiograph(save(embedded(make_film(bits=12), 0x6000, bit, **stated)))
    assert radiograph.overlays == ()
    assert "overlay 6000 left out" in caplog.text


def test_that_compressed_cells_hold_no_planes(
    make_film: MakeFilm, save: Save, caplog: pytest.LogCaptureFixture
) -> None:
    film = embedded(make_film(bits=12), 0x6000, 13)
    film.compress(RLELossless, encoding_plugin="pylibjpeg")
    with caplog.at_level(logging.WARNING, "radsal.dicom"):
        assert read_radiograph(save(film)).overlays == ()
    assert "overlay 6000 left out" in caplog.text


def test_that_planes_beyond_the_limit_on_pixels_are_left_out(
    make_film: MakeFilm, save: Save
) -> None:
    film = make_film()
    for group in (0x6000, 0x6002, 0x6004):
        overlaid(film, scattered(12, 10), group)
    found = read_radiograph(save(film), limits=Limits(pixels=250)).overlays
    assert [overlay.group for overlay in found] == [0x6000, 0x6002]


def test_that_colour_images_have_overlays_too(make_colour: MakeFilm, save: Save) -> None:
    plane = scattered(9, 8)
    film = overlaid(make_colour(np.zeros((9, 8, 3), np.uint8)), plane)
    assert np.array_equal(only(read_radiograph(save(film)).overlays).plane, plane)
