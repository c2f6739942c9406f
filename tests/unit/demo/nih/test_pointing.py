"""The pointing game on films whose strongest point is known."""

import numpy as np
import pytest

from radsal.core.geometry import Box, GridMapping
from radsal.core.results import MapStatus, SaliencyMap
from radsal.demo.nih.pointing import (
    best_places,
    brightest,
    centre,
    covered_share,
    hits,
    near_edge,
    strongest,
)

SHAPE = (80, 120)


def saliency(values: np.ndarray, status: MapStatus = MapStatus.OK) -> SaliencyMap:
    mapping = GridMapping.stretch((4, 4), SHAPE)
    return SaliencyMap("Pneumonia", "gradcam", values, mapping, status)


def test_that_the_strongest_point_lies_in_the_strongest_cell() -> None:
    values = np.zeros((4, 4), dtype=np.float32)
    values[1, 3] = 2
    point = strongest(saliency(values), SHAPE)
    assert point is not None
    assert hits(point, [Box(20, 90, 40, 120)])


def test_that_a_map_that_points_nowhere_hits_nothing() -> None:
    empty = saliency(np.zeros((4, 4), dtype=np.float32), MapStatus.EMPTY)
    assert strongest(empty, SHAPE) is None
    assert not hits(None, [Box(0, 0, *SHAPE)])


def test_that_the_brightest_place_is_no_single_bright_pixel() -> None:
    film = np.zeros((640, 640), dtype=np.float32)
    film[5, 5] = 300
    film[400:440, 100:140] = 100
    assert hits(brightest(film), [Box(400, 100, 440, 140)])


@pytest.mark.parametrize(
    ("point", "inside"), [((10.0, 20.0), True), ((30.0, 25.0), False), ((15.0, 40.0), False)]
)
def test_that_boxes_are_half_open(point: tuple[float, float], inside: bool) -> None:
    assert hits(point, [Box(0, 0, 1, 1), Box(10, 20, 30, 40)]) is inside


def test_that_the_best_place_is_told_by_the_other_films_alone() -> None:
    left, right = Box(10, 10, 20, 20), Box(10, 100, 20, 110)
    places = best_places([[left], [left], [right]], SHAPE)
    assert not hits(places[2], [right])
    assert hits(places[2], [left])


def test_that_a_random_point_hits_as_often_as_the_boxes_cover_the_film() -> None:
    overlapping = [Box(0, 0, 40, 60), Box(20, 30, 40, 120)]
    rng = np.random.default_rng(2)
    tries = [(rng.uniform(0, 80), rng.uniform(0, 120)) for _ in range(20_000)]
    share = np.mean([hits(point, overlapping) for point in tries])
    assert covered_share(overlapping, SHAPE) == pytest.approx(share, abs=0.015)
    assert centre(SHAPE) == (40, 60)


@pytest.mark.parametrize(
    ("point", "near"), [((40, 60), False), ((11, 60), True), ((40, 104), True), ((12, 18), False)]
)
def test_that_the_outer_seventh_is_a_seventh_along_each_edge(
    point: tuple[float, float], near: bool
) -> None:
    assert near_edge(point, SHAPE) is near
    assert not near_edge(None, SHAPE)
