"""Control regions: where they may lie, and that they are like the region."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from radsal.core.errors import KnownError
from radsal.core.geometry import Box
from radsal.trust.controls import draw_controls
from radsal.trust.regions import Region


@pytest.fixture
def film() -> NDArray[np.float32]:
    """Dark on the left, bright on the right: float32, (160, 200)."""
    x = np.mgrid[:160, :200][1]
    grain = np.random.default_rng(0).normal(0, 5, (160, 200))
    return (4 * x + grain).astype(np.float32)


def test_that_controls_have_the_regions_shape_and_lie_beside_it(film: NDArray[np.float32]) -> None:
    disc = np.hypot(*(np.mgrid[:160, :200] - np.array([80, 60])[:, None, None])) < 12
    region = Region.of_mask(disc)
    controls = draw_controls(film, region, 99).regions
    assert len(controls) == 99
    assert len({(c.box.r0, c.box.c0) for c in controls}) == 99
    for control in controls:
        assert np.array_equal(control.mask, region.mask)
        assert not (control.whole() & disc).any()


def test_that_controls_are_as_bright_as_the_region(film: NDArray[np.float32]) -> None:
    region = Region.of_box(Box(60, 150, 80, 170), film.shape)  # mean 4 x 160
    means = [film[c.whole()].mean() for c in draw_controls(film, region, 19).regions]
    assert film[region.whole()].mean() == pytest.approx(640, abs=10)
    anywhere = np.abs(4 * np.arange(10, 190) - 640).mean()  # of places along the gradient
    assert np.abs(np.array(means) - 640).mean() < 0.6 * anywhere


def test_that_a_region_at_the_border_has_controls_near_the_border() -> None:
    flat = np.random.default_rng(1).normal(size=(160, 200)).astype(np.float32)
    region = Region.of_box(Box(0, 40, 16, 60), flat.shape)
    away = [
        min(c.box.r0, c.box.c0, 160 - c.box.r1, 200 - c.box.c1)
        for c in draw_controls(flat, region, 19).regions
    ]
    assert np.mean(away) < 20  # the middle of the film is 80 away


def test_that_a_seed_gives_the_same_controls_and_another_one_others(
    film: NDArray[np.float32],
) -> None:
    region = Region.of_box(Box(60, 50, 80, 70), film.shape)
    first, again, other = (
        [c.box for c in draw_controls(film, region, 19, seed).regions] for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other


def test_that_overlap_says_how_much_two_controls_have_in_common() -> None:
    flat = np.zeros((40, 400), np.float32)
    region = Region.of_box(Box(0, 0, 40, 40), flat.shape)
    controls = draw_controls(flat, region, 19)
    lefts = sorted(c.box.c0 for c in controls.regions)
    closest = min(b - a for a, b in pairwise(lefts))
    assert controls.overlap == pytest.approx(1 - closest / 40)


def test_that_a_region_that_leaves_no_room_is_refused(film: NDArray[np.float32]) -> None:
    region = Region.of_box(Box(0, 0, 150, 190), film.shape)
    with pytest.raises(KnownError) as caught:
        draw_controls(film, region, 99)
    assert caught.value.code == "no-room-for-controls"
