"""Fill-ins: what they take away, and what they leave alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from radsal.core.erasure import FILL_INS
from radsal.core.errors import KnownError
from radsal.core.geometry import Box
from radsal.trust.fillins import WORK, fill_in
from radsal.trust.regions import Region

BOX = Box(60, 90, 100, 170)
NATURAL = [name for name, way in FILL_INS.items() if way.in_distribution]


@pytest.fixture
def film() -> NDArray[np.float32]:
    """A soft gradient with grain: float32, (200, 260)."""
    y, x = np.mgrid[:200, :260]
    grain = np.random.default_rng(4).normal(0, 4, (200, 260))
    return (400 + 300 * np.sin(y / 90) + x + grain).astype(np.float32)


@pytest.fixture
def tagged(film: NDArray[np.float32]) -> NDArray[np.float32]:
    """The film with white letters in the box."""
    tagged = film.copy()
    tagged[66:94, 96:164:8] = 4000
    tagged[66:94, 97:164:8] = 4000
    return tagged


@pytest.mark.parametrize("how", FILL_INS)
def test_that_nothing_outside_of_the_region_changes(tagged: NDArray[np.float32], how: str) -> None:
    region = Region.of_box(BOX, tagged.shape)
    before = tagged.copy()
    filled = fill_in(tagged, region, how)
    assert np.array_equal(tagged, before)
    assert np.array_equal(filled[~region.whole()], tagged[~region.whole()])
    assert filled.dtype == np.float32
    assert tagged.min() <= filled.min()
    assert filled.max() <= tagged.max()


@pytest.mark.parametrize("how", [name for name in NATURAL if name != "blur"])
def test_that_the_letters_are_gone_and_the_ground_goes_on(
    film: NDArray[np.float32], tagged: NDArray[np.float32], how: str
) -> None:
    region = Region.of_box(BOX, tagged.shape)
    error = np.abs(fill_in(tagged, region, how) - film)[region.whole()]
    assert np.sqrt(np.mean(error**2)) <= 20  # the letters stood 3,000 above the ground


def test_that_a_blur_takes_the_strokes_but_leaves_their_mean_brightness(
    tagged: NDArray[np.float32],
) -> None:
    region = Region.of_box(BOX, tagged.shape)
    inside = fill_in(tagged, region, "blur")[region.whole()]
    assert inside.std() <= 0.2 * tagged[region.whole()].std()


def test_that_a_patch_brings_grain_with_it(
    film: NDArray[np.float32], tagged: NDArray[np.float32]
) -> None:
    region = Region.of_box(BOX, tagged.shape)

    def grain(image: NDArray[np.float32]) -> float:
        return float(np.diff(image[62:98, 92:168], axis=0).std())

    assert grain(fill_in(tagged, region, "patch")) == pytest.approx(grain(film), rel=0.15)
    assert grain(fill_in(tagged, region, "diffusion")) < 0.3 * grain(film)


@pytest.mark.parametrize("how", NATURAL)
def test_that_a_tag_in_a_corner_and_a_region_as_large_as_the_film_can_be_filled(
    tagged: NDArray[np.float32], how: str
) -> None:
    corner = fill_in(tagged, Region.of_box(Box(0, 0, 30, 80), tagged.shape), how)
    whole = fill_in(tagged, Region.of_box(Box(0, 0, 200, 260), tagged.shape), how)
    assert np.isfinite(corner).all()
    assert np.isfinite(whole).all()


def test_that_a_fill_in_that_is_not_there_is_refused_with_those_that_are(
    film: NDArray[np.float32],
) -> None:
    with pytest.raises(KnownError) as caught:
        fill_in(film, Region.of_box(BOX, film.shape), "magic")
    assert "diffusion" in caught.value.remedy


def test_that_each_fill_in_of_the_table_has_its_work_and_no_other() -> None:
    assert list(WORK) == list(FILL_INS)
