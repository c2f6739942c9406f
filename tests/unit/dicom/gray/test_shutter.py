"""The display shutter: each shape beside its definition in exact numbers, and what is left out."""

import logging
import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset

from radsal.core.radiograph import Radiograph
from radsal.dicom.gray.grayscale import display
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.gray.shutter import display_shutter
from radsal.dicom.reading import read_radiograph

Tool = Callable[[str], str]
MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]
Read = Callable[..., Radiograph]

ROWS, COLUMNS = 24, 30
FLAT = np.full((ROWS, COLUMNS), 100, np.uint8)

RECTANGLE = {
    "ShutterLeftVerticalEdge": "5",
    "ShutterRightVerticalEdge": "20",
    "ShutterUpperHorizontalEdge": "4",
    "ShutterLowerHorizontalEdge": "19",
}
CIRCLE = {"CenterOfCircularShutter": ["12", "15"], "RadiusOfCircularShutter": "8"}
POLYGON = {"VerticesOfThePolygonalShutter": ["3", "4", "20", "8", "15", "27"]}


def pixel_by_pixel(visible: Callable[[int, int], bool]) -> NDArray[np.bool_]:
    """What is hidden, by a rule for (row, column) from 1."""
    return np.array(
        [[not visible(r, c) for c in range(1, COLUMNS + 1)] for r in range(1, ROWS + 1)]
    )


def in_rectangle(row: int, column: int) -> bool:
    return 4 <= row <= 19 and 5 <= column <= 20


def in_circle(row: int, column: int) -> bool:
    return (row - 12) ** 2 + (column - 15) ** 2 <= 8**2


def in_polygon(vertices: list[tuple[int, int]], row: int, column: int) -> bool:
    """Even-odd rule, in fractions: a ray to the left; on a side counts as inside."""
    inside = False
    for (r0, c0), (r1, c1) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        straight = (r1 - r0) * (column - c0) == (c1 - c0) * (row - r0)
        if straight and min(r0, r1) <= row <= max(r0, r1) and min(c0, c1) <= column <= max(c0, c1):
            return True
        if (r0 <= row) != (r1 <= row):
            inside ^= c0 + Fraction((row - r0) * (c1 - c0), r1 - r0) < column
    return inside


def hidden(film: Radiograph) -> NDArray[np.bool_]:
    assert film.shutter is not None
    return film.shutter.hidden


def test_that_the_named_edges_of_a_rectangle_are_visible(read: Read) -> None:
    film = read(FLAT, ShutterShape="RECTANGULAR", **RECTANGLE)
    assert np.array_equal(hidden(film), pixel_by_pixel(in_rectangle))


def test_that_a_circle_shows_what_is_within_its_radius(read: Read) -> None:
    film = read(FLAT, ShutterShape="CIRCULAR", **CIRCLE)
    assert np.array_equal(hidden(film), pixel_by_pixel(in_circle))


def test_that_a_radius_counts_columns_where_pixels_are_not_square(read: Read) -> None:
    film = read(FLAT, ShutterShape="CIRCULAR", PixelAspectRatio=["2", "1"], **CIRCLE)
    rule = pixel_by_pixel(lambda r, c: 4 * (r - 12) ** 2 + (c - 15) ** 2 <= 64)
    assert np.array_equal(hidden(film), rule)


def test_that_a_polygon_shows_what_is_inside_and_on_its_sides(read: Read) -> None:
    film = read(FLAT, ShutterShape="POLYGONAL", **POLYGON)
    corners = [(3, 4), (20, 8), (15, 27)]
    assert np.array_equal(hidden(film), pixel_by_pixel(lambda r, c: in_polygon(corners, r, c)))


def test_that_a_polygon_of_a_rectangle_is_the_rectangle(read: Read) -> None:
    corners = ["4", "5", "4", "20", "19", "20", "19", "5"]
    film = read(FLAT, ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=corners)
    assert np.array_equal(hidden(film), pixel_by_pixel(in_rectangle))


COORDINATES = st.integers(-10, 40)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=7))
def test_that_any_polygon_is_filled_by_the_even_odd_rule(corners: list[tuple[int, int]]) -> None:
    data = Dataset()
    data.ShutterShape = "POLYGONAL"
    data.VerticesOfThePolygonalShutter = [str(n) for corner in corners for n in corner]
    shutter, _ = display_shutter(data, (ROWS, COLUMNS), 1.0, ())
    rule = pixel_by_pixel(lambda r, c: in_polygon(corners, r, c))
    if rule.all() or not rule.any():
        assert shutter is None
    else:
        assert shutter is not None
        assert np.array_equal(shutter.hidden, rule)


def test_that_several_shapes_leave_what_all_of_them_show(read: Read) -> None:
    shapes = ["RECTANGULAR", "CIRCULAR", "POLYGONAL"]
    film = read(FLAT, ShutterShape=shapes, **RECTANGLE, **CIRCLE, **POLYGON)
    corners = [(3, 4), (20, 8), (15, 27)]
    rule = pixel_by_pixel(
        lambda r, c: in_rectangle(r, c) and in_circle(r, c) and in_polygon(corners, r, c)
    )
    assert np.array_equal(hidden(film), rule)


def test_that_a_shutter_reaches_beyond_the_image(read: Read) -> None:
    edges = RECTANGLE | {"ShutterLeftVerticalEdge": "-7", "ShutterLowerHorizontalEdge": "999"}
    film = read(FLAT, ShutterShape="RECTANGULAR", **edges)
    assert np.array_equal(hidden(film), pixel_by_pixel(lambda r, c: r >= 4 and c <= 20))


# bitmap ------------------------------------------------------------------------------------------


def with_bitmap(film: Dataset, plane: NDArray[np.bool_], row: int, column: int) -> Dataset:
    film.ShutterShape, film.ShutterOverlayGroup = "BITMAP", 0x6000
    film.ShutterPresentationValue = 65535
    octets = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    for element, vr, value in (
        *((0x0010, "US", plane.shape[0]), (0x0011, "US", plane.shape[1]), (0x0040, "CS", "G")),
        *((0x0050, "SS", [row, column]), (0x0100, "US", 1), (0x0102, "US", 0)),
        (0x3000, "OW", octets + b"\0" * (len(octets) % 2)),
    ):
        film.add_new((0x6000, element), vr, value)
    return film


@pytest.mark.parametrize("origin", [(1, 1), (3, 4), (-3, -2), (20, 25)], ids=str)
def test_that_a_bitmap_hides_its_set_bits_and_is_no_overlay(
    make_film: MakeFilm, save: Save, origin: tuple[int, int]
) -> None:
    plane = np.random.default_rng(4).random((10, 12)) < 0.5
    film = read_radiograph(save(with_bitmap(make_film(FLAT), plane, *origin)))
    set_bits = {(r + origin[0], c + origin[1]) for r, c in np.argwhere(plane).tolist()}
    assert np.array_equal(hidden(film), pixel_by_pixel(lambda r, c: (r, c) not in set_bits))
    assert film.overlays == ()


def test_that_a_bitmap_hides_what_dcmtk_hides_by_it(
    make_film: MakeFilm, save: Save, dcmtk: Tool, tmp_path: Path
) -> None:
    plane = np.random.default_rng(4).random((ROWS, COLUMNS)) < 0.5
    film = make_film(FLAT, WindowCenter="128", WindowWidth="256", SeriesNumber="1")
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID"):
        setattr(film, keyword, "")
    path, state = save(film), tmp_path / "state.dcm"
    subprocess.run([dcmtk("dcmpsmk"), "-q", path, state], check=True, timeout=60)
    with_bitmap(presentation := dcmread(state), plane, 1, 1).save_as(state)
    assert presentation.ShutterShape == "BITMAP"
    shown = tmp_path / "shown.pgm"
    command = [dcmtk("dcmp2pgm"), "-q", "-p", state, path, shown]
    subprocess.run(command, check=True, timeout=60)
    head = re.match(rb"P5\s+(?:#[^\n]*\s+)?\d+\s+\d+\s+\d+\s", raw := shown.read_bytes())
    assert head is not None
    theirs = np.frombuffer(raw[head.end() :], np.uint8).reshape(ROWS, COLUMNS)
    ours = read_radiograph(save(with_bitmap(film, plane, 1, 1), "shut.dcm"))
    assert np.array_equal(hidden(ours), theirs == 255)
    assert np.array_equal(display(ours) == 255, theirs == 255)


# shown -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stated", "levels"), [
    (None, (0, 0)), (0, (0, 0)), (0x8000, (128, 32768)), (12345, (48, 12345)), (65535, (255, 65535))
])  # fmt: skip
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_that_the_presentation_value_is_shown_in_either_polarity(
    read: Read, photometric: str, stated: int | None, levels: tuple[int, int]
) -> None:
    given = {} if stated is None else {"ShutterPresentationValue": stated}
    film = read(FLAT, photometric=photometric, ShutterShape="RECTANGULAR", **RECTANGLE, **given)
    covered = hidden(film)
    for bits, level in zip((8, 16), levels, strict=True):
        shown = display(film, bits=bits)
        bare = display(film, bits=bits, shutter=False)
        assert (shown[covered] == level).all()
        assert np.array_equal(shown[~covered], bare[~covered])
        assert len(np.unique(bare)) == 1


def test_that_a_shutter_lies_over_colours(make_colour: MakeFilm, save: Save) -> None:
    values = np.random.default_rng(1).integers(0, 256, (ROWS, COLUMNS, 3), np.uint8)
    shut = {"ShutterShape": "RECTANGULAR", "ShutterPresentationValue": 0x8000, **RECTANGLE}
    film = read_radiograph(save(make_colour(values, **shut)))
    shown = display(film)
    assert (shown[hidden(film)] == 128).all()
    assert np.array_equal(shown[~hidden(film)], values[~hidden(film)])
    assert np.array_equal(display(film, shutter=False), values)
    assert np.array_equal(film.stored, values)


def test_that_a_model_is_given_what_a_shutter_hides(read: Read) -> None:
    film = read(FLAT, ShutterShape="RECTANGULAR", **RECTANGLE)
    assert np.array_equal(film.stored, FLAT)
    assert (model_input(film).pixels == 100).all()


def test_that_a_colour_of_the_shutter_is_told_to_the_log_alone(
    read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "radsal.dicom"):
        film = read(
            FLAT,
            ShutterShape="RECTANGULAR",
            ShutterPresentationColorCIELabValue=[1, 2, 3],
            ShutterPresentationValue=65535,
            **RECTANGLE,
        )
    assert film.shutter is not None
    assert film.shutter.gray == 1
    assert "colour is not shown" in caplog.text


# left out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "stated"),
    [
        ("RECTANGULAR", {}),
        ("RECTANGULAR", RECTANGLE | {"ShutterLeftVerticalEdge": "21"}),
        ("RECTANGULAR", RECTANGLE | {"ShutterLowerHorizontalEdge": "3"}),
        ("RECTANGULAR", RECTANGLE | {"ShutterLowerHorizontalEdge": ["3", "4"]}),
        ("RECTANGULAR", RECTANGLE | {"ShutterLowerHorizontalEdge": "2147483647"}),
        ("CIRCULAR", {}),
        ("CIRCULAR", CIRCLE | {"RadiusOfCircularShutter": "-1"}),
        ("CIRCULAR", CIRCLE | {"CenterOfCircularShutter": "12"}),
        ("POLYGONAL", {}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1", "1", "9", "9"]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1", "1", "9", "9", "1", "9", "4"]}),
        ("POLYGONAL", {"VerticesOfThePolygonalShutter": ["1", "2", "3"] * 2800}),
        ("BITMAP", {}),
        ("BITMAP", {"ShutterOverlayGroup": 0x6000}),
        ("OVAL", RECTANGLE),
        ("RECTANGULAR", dict.fromkeys(RECTANGLE, "900")),  # hides all
    ],
    ids=lambda value: str(value)[:40],
)
def test_that_a_shutter_that_makes_no_sense_is_left_out(
    read: Read, caplog: pytest.LogCaptureFixture, shape: str, stated: dict[str, Any]
) -> None:
    with caplog.at_level(logging.WARNING, "radsal.dicom"):
        film = read(FLAT, ShutterShape=shape, **stated)
    assert film.shutter is None
    assert "left out" in caplog.text
    assert np.array_equal(film.stored, FLAT)


def test_that_one_bad_shape_does_not_lift_the_other(read: Read) -> None:
    film = read(FLAT, ShutterShape=["CIRCULAR", "RECTANGULAR"], **RECTANGLE)
    assert np.array_equal(hidden(film), pixel_by_pixel(in_rectangle))
