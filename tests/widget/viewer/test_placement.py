"""Where the film lies: one mapping, exact both ways, whatever the zoom."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from radsal.app.viewer.navigation import put_under, zoom_about
from radsal.app.viewer.placement import HIGHEST_ZOOM, LOWEST_ZOOM, Placement, fit_zoom
from radsal.core.geometry import Turn
from radsal.session import View

shapes = st.tuples(st.integers(1, 5000), st.integers(1, 5000))
views = st.tuples(st.integers(1, 2500), st.integers(1, 4000))
zooms = st.none() | st.floats(LOWEST_ZOOM, HIGHEST_ZOOM)
shares = st.tuples(st.floats(0, 1), st.floats(0, 1))
turns = st.builds(Turn, st.integers(0, 3), st.booleans())
aspects = st.sampled_from([0.5, 0.93, 1.0, 1.25, 2.0])


@given(shapes, views, zooms, shares, shares, turns, aspects)
def test_that_an_image_point_comes_back_from_the_view(
    shape, view, zoom, center, share, turn, aspect
) -> None:
    middle = center[0] * shape[0], center[1] * shape[1]
    placement = Placement.of(shape, view, zoom, middle, turn=turn, aspect=aspect)
    point = share[0] * shape[0], share[1] * shape[1]
    back = placement.to_image(*placement.to_view(*point))
    assert back == pytest.approx(point, abs=1e-6)


@given(shapes, views, turns, aspects)
def test_that_fit_shows_the_whole_film_and_touches_two_edges(shape, view, turn, aspect) -> None:
    placement = Placement.of(shape, view, turn=turn, aspect=aspect)
    assume(LOWEST_ZOOM < placement.zoom < HIGHEST_ZOOM)  # no screen and no film is beyond
    assert placement.height <= view[0] + 1
    assert placement.width <= view[1] + 1
    assert placement.height >= view[0] - 1 or placement.width >= view[1] - 1
    assert abs(placement.top - (view[0] - placement.height) / 2) <= 0.5
    assert abs(placement.left - (view[1] - placement.width) / 2) <= 0.5


@given(shapes, views)
def test_that_at_one_to_one_every_image_pixel_is_one_pixel_of_the_view(shape, view) -> None:
    placement = Placement.of(shape, view, 1.0)
    assert (placement.height, placement.width) == shape
    assert (placement.row_scale, placement.column_scale) == (1.0, 1.0)


@given(shapes, views, zooms, shares, turns, aspects)
def test_that_every_sampled_point_lies_in_the_film_and_in_order(
    shape, view, zoom, center, turn, aspect
) -> None:
    middle = center[0] * shape[0], center[1] * shape[1]
    placement = Placement.of(shape, view, zoom, middle, turn=turn, aspect=aspect)
    rows, columns = placement.sample_points()
    y0, x0, y1, x1 = placement.visible
    assert turn.shape((rows.size, columns.size)) == (y1 - y0, x1 - x0)
    for points, length in ((rows, shape[0]), (columns, shape[1])):
        if points.size:
            assert 0 < points[0] <= points[-1] < length


@given(
    st.tuples(st.integers(50, 4000), st.integers(50, 4000)),
    st.tuples(st.integers(100, 2000), st.integers(100, 3000)),
    st.floats(0.1, 8),
    st.floats(0.3, 3),
    shares,
    turns,
    aspects,
)
def test_that_zooming_keeps_the_point_under_the_mouse(
    shape, view, zoom, factor, share, turn, aspect
) -> None:
    before = Placement.of(shape, view, zoom, turn=turn, aspect=aspect)
    y0, x0, y1, x1 = before.visible
    at = y0 + share[0] * (y1 - y0), x0 + share[1] * (x1 - x0)
    point = before.to_image(*at)
    state = View()
    zoom_about(state, before, zoom * factor, at)
    after = Placement.of(shape, view, state.zoom, state.center, turn=turn, aspect=aspect)
    # where the middle of the view would leave the film, the film stops instead
    assume(0 < state.center[0] < shape[0] and 0 < state.center[1] < shape[1])
    assert math.dist(after.to_view(*point), at) <= 1.0  # it is placed on whole pixels


@given(shapes, views, zooms, shares, turns)
def test_that_each_point_of_the_view_shows_what_is_sampled_for_it(
    shape, view, zoom, center, turn
) -> None:
    middle = center[0] * shape[0], center[1] * shape[1]
    placement = Placement.of(shape, view, zoom, middle, turn=turn)
    y0, x0, y1, x1 = placement.visible
    assume(y1 > y0 and x1 > x0)
    rows, columns = placement.sample_points()
    for y, x in ((y0, x0), (y1 - 1, x0), (y0, x1 - 1)):
        row, column = placement.to_image(y + 0.5, x + 0.5)
        assert np.abs(rows - row).min() == pytest.approx(0, abs=1e-6)
        assert np.abs(columns - column).min() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("aspect", "quarters", "size"),
    [
        (2.0, 0, (120, 40)),  # a row is two device pixels high, a column is one wide
        (0.5, 0, (60, 80)),
        (1.25, 0, (75, 40)),
        (2.0, 1, (40, 120)),
        (0.5, 3, (80, 60)),
    ],
)
def test_that_pixels_that_are_not_square_are_drawn_in_proportion_at_one_to_one(
    aspect, quarters, size
) -> None:
    placement = Placement.of((60, 40), (300, 300), 1.0, turn=Turn(quarters), aspect=aspect)
    assert (placement.height, placement.width) == size
    assert min(placement.row_scale, placement.column_scale) == 1
    assert placement.row_scale / placement.column_scale == pytest.approx(aspect)


@given(st.floats(1e-6, 1e6))
def test_that_no_zoom_leaves_what_makes_sense(zoom) -> None:
    view, placement = View(), Placement.of((100, 100), (200, 200), 1.0)
    zoom_about(view, placement, zoom, (50, 50))
    assert LOWEST_ZOOM <= view.zoom <= HIGHEST_ZOOM


def test_that_the_film_cannot_be_moved_out_of_sight() -> None:
    view, placement = View(), Placement.of((100, 80), (200, 200), 1.0)
    put_under(view, placement, (0.0, 0.0), (9000.0, 9000.0))
    after = Placement.of((100, 80), (200, 200), view.zoom, view.center)
    y0, x0, y1, x1 = after.visible
    assert y1 > y0
    assert x1 > x0


def test_that_a_view_without_any_room_is_no_error() -> None:
    assert fit_zoom((100, 100), (0, 0)) == LOWEST_ZOOM
    placement = Placement.of((100, 100), (0, 0))
    assert placement.visible[0] == placement.visible[2]
