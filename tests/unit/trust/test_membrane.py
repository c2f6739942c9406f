"""Laplace's and the biharmonic equation against functions that solve them, and a dense solver."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from radsal.trust.membrane import biharmonic, harmonic


def grid(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[: shape[0], : shape[1]]
    return y / max(shape), x / max(shape)


def disc(shape: tuple[int, int], radius: float) -> NDArray[np.bool_]:
    y, x = grid(shape)
    return (y - shape[0] / max(shape) / 2) ** 2 + (x - shape[1] / max(shape) / 2) ** 2 < radius**2


def dense(values: NDArray[np.float64], hole: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Every pixel of the hole the mean of those neighbours that there are, solved densely."""
    places = {(int(r), int(c)): i for i, (r, c) in enumerate(np.argwhere(hole))}
    system, right = np.zeros((len(places), len(places))), np.zeros(len(places))
    for (r, c), i in places.items():
        for there in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if not (0 <= there[0] < hole.shape[0] and 0 <= there[1] < hole.shape[1]):
                continue
            system[i, i] += 1
            if there in places:
                system[i, places[there]] -= 1
            else:
                right[i] += values[there]
    filled = values.copy()
    filled[hole] = np.linalg.solve(system, right)
    return filled


@pytest.mark.parametrize("shape", [(24, 31), (36, 17)])
def test_that_a_small_hole_is_filled_as_a_dense_solver_fills_it(shape: tuple[int, int]) -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=shape)
    hole = ndimage.binary_dilation(generator.random(shape) > 0.97, iterations=3)
    hole[0, :9] = True  # a hole at the array's edge: nothing is asked of the surface there
    np.testing.assert_allclose(harmonic(values, hole), dense(values, hole), atol=1e-8)


@pytest.mark.parametrize("shape", [(30, 36), (160, 230), (500, 380)])
def test_that_a_harmonic_function_comes_back(shape: tuple[int, int]) -> None:
    y, x = grid(shape)
    values = 3 * x - 2 * y + 4 * (x**2 - y**2) + np.exp(x) * np.sin(y)
    hole = disc(shape, 0.3)
    filled = harmonic(np.where(hole, 99.0, values), hole)
    assert np.abs(filled - values).max() <= 0.01 * np.ptp(values)
    assert np.array_equal(filled[~hole], values[~hole])


@pytest.mark.parametrize("shape", [(30, 36), (160, 230), (500, 380)])
def test_that_a_biharmonic_function_comes_back(shape: tuple[int, int]) -> None:
    y, x = grid(shape)
    values = 3 * x - 2 * y + 4 * x**2 + 3 * y**2 + 2 * x * y + x**3
    hole = disc(shape, 0.25)
    filled = biharmonic(np.where(hole, 99.0, values), hole)
    assert np.abs(filled - values).max() <= 0.02 * np.ptp(values)
    # a membrane sags where the surface goes on as it does at the border
    assert np.abs(filled - values).max() < 0.5 * np.abs(harmonic(values, hole) - values).max()


def test_that_the_fill_stays_between_the_values_at_its_border() -> None:
    values = np.random.default_rng(2).normal(size=(150, 150))
    hole = disc((150, 150), 0.35)
    border = values[ndimage.binary_dilation(hole, iterations=2) & ~hole]
    inside = harmonic(values, hole)[hole]
    assert border.min() <= inside.min()
    assert inside.max() <= border.max()


def test_that_nothing_but_hole_gives_zero_and_no_hole_gives_the_values() -> None:
    values = np.ones((9, 9))
    assert not harmonic(values, np.ones((9, 9), bool)).any()
    assert np.array_equal(harmonic(values, np.zeros((9, 9), bool)), values)
