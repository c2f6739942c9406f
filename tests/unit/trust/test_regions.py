"""Regions against scikit-image's points-in-polygon, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import points_in_poly

from radsal.core.errors import KnownError
from radsal.core.geometry import Box
from radsal.trust.regions import Region

SHAPE = (30, 40)


@given(
    st.lists(
        st.tuples(st.floats(0, 30, width=32), st.floats(0, 40, width=32)), min_size=3, max_size=9
    )
)
def test_that_a_contour_holds_the_pixels_whose_centres_lie_inside(
    points: list[tuple[float, float]],
) -> None:
    contour = np.array([*points, points[0]], dtype=np.float32)
    centres = np.argwhere(np.ones(SHAPE)) + 0.5
    expected = points_in_poly(centres, contour.astype(np.float64)).reshape(SHAPE)
    try:
        found = Region.of_contour(contour, SHAPE).whole()
    except KnownError:
        found = np.zeros(SHAPE, bool)
    # a centre on the line itself may fall on either side
    assert np.count_nonzero(found != expected) <= _on_the_line(contour, centres)


def _on_the_line(contour: np.ndarray, centres: np.ndarray) -> int:
    start, end = contour[:-1].astype(float), contour[1:].astype(float)
    along = end - start
    length = np.maximum((along**2).sum(1), 1e-12)
    share = np.clip(((centres[:, None] - start) * along).sum(2) / length, 0, 1)
    away = np.linalg.norm(centres[:, None] - start - share[..., None] * along, axis=2).min(1)
    return int((away < 1e-4).sum())


def test_that_a_mask_and_its_region_are_the_same_pixels() -> None:
    mask = np.random.default_rng(0).random(SHAPE) > 0.9
    region = Region.of_mask(mask)
    assert np.array_equal(region.whole(), mask)
    assert region.area == mask.sum()


def test_that_a_moved_region_is_the_same_shape_elsewhere() -> None:
    region = Region.of_box(Box(2, 3, 6, 9), SHAPE).moved(10, 20)
    assert region.box == Box(12, 23, 16, 29)
    assert region.area == 24


@pytest.mark.parametrize("box", [Box(-1, 0, 3, 3), Box(0, 0, 31, 3), Box(0, 30, 3, 41)])
def test_that_a_box_outside_of_the_image_is_refused(box: Box) -> None:
    with pytest.raises(KnownError, match="does not lie in"):
        Region.of_box(box, SHAPE)


def test_that_an_empty_region_is_refused() -> None:
    with pytest.raises(KnownError, match="no pixel"):
        Region.of_mask(np.zeros(SHAPE, bool))
