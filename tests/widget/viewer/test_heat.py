"""The heat layer: over the right pixels, above the threshold only, nothing for an empty map."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from radsal.app.viewer.heat import HeatLook, HeatMap, heat_colours
from radsal.app.viewer.placement import Placement
from radsal.core import colormaps
from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus

LOOK = HeatLook("viridis", 0.5, 0.25)


def alpha(heat: HeatMap, placement: Placement, look: HeatLook = LOOK, *, native: bool = True):
    """Alpha of each device pixel of the view."""
    image, (y, x) = heat.image(placement, look, native_grid=native)
    out = np.zeros(placement.view, np.uint8)
    if not image.isNull():
        picture = image.convertToFormat(QImage.Format.Format_RGBA8888)
        flat = np.frombuffer(picture.constBits(), np.uint8)
        shown = flat.reshape(picture.height(), picture.bytesPerLine() // 4, 4)
        out[y : y + picture.height(), x : x + picture.width()] = shown[:, : picture.width(), 3]
    return out


def boxes(mask: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


@pytest.mark.parametrize("zoom", [0.5, 1.0, 2.0, 3.7])
@pytest.mark.parametrize("transposed", [False, True])
def test_that_a_hot_cell_lies_over_its_own_image_pixels(make, zoom, transposed) -> None:
    """One cell of 8 x 6 over a film of 320 x 120: cell (1, 4) is rows 40-80, columns 80-100."""
    grid = np.zeros((8, 6), np.float32)
    grid[1, 4] = 1
    mapping = GridMapping(40.0, 0.0, 20.0, 0.0, transposed)
    heat = HeatMap(make.map(grid.T.copy() if transposed else grid, mapping=mapping))
    placement = Placement.of((320, 120), (700, 500), zoom, (60, 90))
    got = boxes(alpha(heat, placement) > 0)
    y0, x0 = placement.to_view(40, 80)
    y1, x1 = placement.to_view(80, 100)
    assert np.abs(np.subtract(got, (y0, x0, y1, x1))).max() <= 1


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0])
def test_that_a_smooth_map_peaks_where_its_cell_has_its_middle(make, zoom) -> None:
    grid = np.zeros((8, 6), np.float32)
    grid[5, 1] = 1
    heat = HeatMap(make.map(grid, mapping=GridMapping(40.0, 0.0, 20.0, 0.0)))
    placement = Placement.of((320, 120), (1000, 500), zoom)
    got = boxes(alpha(heat, placement, HeatLook("gray", 1.0, 0.9), native=False) > 0)
    middle = placement.to_view(5.5 * 40, 1.5 * 20)
    assert (got[0] + got[2]) / 2 == pytest.approx(middle[0], abs=1)
    assert (got[1] + got[3]) / 2 == pytest.approx(middle[1], abs=1)


def test_that_nothing_is_drawn_where_the_network_never_saw_the_film(make) -> None:
    """A centre crop: the grid covers rows 60-180 and columns 20-100 only, and is hot all over."""
    heat = HeatMap(make.map(np.ones((4, 4)), mapping=GridMapping(30.0, 60.0, 20.0, 20.0)))
    placement = Placement.of((240, 120), (240, 120), 1.0)
    for native in (True, False):
        assert boxes(alpha(heat, placement, native=native) > 0) == (60, 20, 180, 100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(seed=st.integers(0, 10_000), threshold=st.floats(0.0, 1.0))
def test_that_nothing_below_the_threshold_is_drawn(make, seed, threshold) -> None:
    grid = np.random.default_rng(seed).normal(size=(9, 7)).astype(np.float32)
    grid[0, 0] = 3.5
    heat = HeatMap(make.map(grid, mapping=GridMapping(1.0, 0.0, 1.0, 0.0)))
    placement = Placement.of((9, 7), (9, 7), 1.0)
    drawn = alpha(heat, placement, HeatLook("inferno", 0.6, threshold)) > 0
    share = grid / grid.max()
    assert not drawn[share < threshold].any()
    assert not drawn[share <= 0].any()
    clear = (share >= threshold + 0.002) & (share > 0.002)
    assert drawn[clear].all()


def test_that_the_opacity_is_the_same_everywhere_above_the_threshold(make) -> None:
    grid = np.linspace(-1, 1, 48, dtype=np.float32).reshape(8, 6)
    shown = alpha(HeatMap(make.map(grid, shape=(8, 6))), Placement.of((8, 6), (8, 6), 1.0))
    assert set(np.unique(shown)) == {0, 128}  # half of 255


@pytest.mark.parametrize("status", [MapStatus.EMPTY, MapStatus.FAILED])
def test_that_a_map_that_is_not_ok_draws_nothing(make, status) -> None:
    grid = np.full((4, 4), -1.0) if status is MapStatus.EMPTY else np.zeros((4, 4))
    heat = HeatMap(make.map(grid, status=status))
    placement = Placement.of((64, 48), (64, 48), 1.0)
    assert alpha(heat, placement, HeatLook("viridis", 1.0, 0.0)).max() == 0


@pytest.mark.parametrize("name", colormaps.NAMES)
def test_that_the_ends_of_the_scale_have_the_colours_of_the_table(name) -> None:
    colours = heat_colours(HeatLook(name, 1.0, 0.0))
    red, green, blue = colormaps.table(name)[-1]
    assert int(colours[-1]) == 0xFF000000 | int(red) << 16 | int(green) << 8 | int(blue)
    assert int(colours[0]) == 0  # no evidence is no colour


def test_that_no_colour_is_brighter_than_its_alpha() -> None:
    """Premultiplied colours beyond their alpha overflow when Qt blends them."""
    for opacity in (0.01, 0.33, 0.45, 1.0):
        colours = heat_colours(HeatLook("inferno", opacity, 0.1))
        for shift in (0, 8, 16):
            assert ((colours >> shift & 0xFF) <= (colours >> 24)).all()


def test_that_a_lower_threshold_on_the_same_place_shows_more(make) -> None:
    heat = HeatMap(make.map(np.linspace(0, 1, 48).reshape(8, 6), shape=(8, 6)))
    placement = Placement.of((8, 6), (8, 6), 1.0)
    counts = [
        np.count_nonzero(alpha(heat, placement, HeatLook("gray", 0.5, threshold)))
        for threshold in (0.9, 0.1, 0.5)
    ]
    assert counts[0] < counts[2] < counts[1]


def test_that_the_native_grid_and_the_smooth_map_are_told_apart_on_one_layer(make) -> None:
    heat = HeatMap(make.map([[0, 1], [0, 0]], shape=(40, 40)))
    placement = Placement.of((40, 40), (40, 40), 1.0)
    cells = alpha(heat, placement, native=True)
    smooth = alpha(heat, placement, native=False)
    assert boxes(cells > 0) == (0, 20, 20, 40)
    assert not np.array_equal(cells, smooth)
    assert np.array_equal(alpha(heat, placement, native=True), cells)
