"""Smooth surfaces over a hole: Laplace's and the biharmonic equation, fast enough to do by hundreds.

Smooth solutions need no fine grid. A hole of many pixels is solved exactly on a grid of at most
:data:`SIDE` cells a side and refined from there, halving the cells, with a few sweeps at each size
(a cascadic multigrid).
"""

from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse import linalg

SIDE = 40
SWEEPS = 12

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]


def harmonic(values: Values, hole: Mask) -> Values:
    """Fill a hole with the solution of Laplace's equation: each pixel the mean of its neighbours.

    Parameters
    ----------
    values:
        float64, (n, m); what lies in the hole is not looked at.
    hole:
        bool, (n, m). The edge of the array is no border: nothing is asked of the surface there
        (the condition of Neumann). With nothing but hole the result is zero.

    Returns
    -------
    float64, (n, m): a copy that differs in the hole only.
    """
    if not hole.any() or hole.all():
        return np.where(hole, 0.0, values)
    if max(hole.shape) <= SIDE:
        return _exact(values, hole, 1)
    small, count = _halved(values, hole)
    known = count > 0
    guess = _doubled(harmonic(small, ~known), values.shape)
    return _swept(np.where(hole, guess, values), hole)


def biharmonic(values: Values, hole: Mask) -> Values:
    """Fill a hole with the surface that bends least: value and slope go on from the border.

    Solved on the coarse grid; what is left at the hole's border is taken up by a membrane
    (:func:`harmonic`), so that the surface meets it. Parameters and result as there.
    """
    if not hole.any() or hole.all():
        return np.where(hole, 0.0, values)
    if max(hole.shape) <= SIDE:
        return _exact(values, hole, 2)
    levels = [(values, hole)]
    while max(levels[-1][1].shape) > SIDE:
        small, count = _halved(*levels[-1])
        levels.append((small, count < 4))  # a cell half known would have its mean off its middle
    if levels[-1][1].all():
        return harmonic(values, hole)
    surface = _exact(*levels[-1], 2)
    for finer, _ in reversed(levels[:-1]):
        surface = _doubled(surface, finer.shape)
    return np.where(hole, surface + harmonic(values - surface, hole), values)


def _halved(values: Values, hole: Mask) -> tuple[Values, Values]:
    """Means of the known pixels of 2 x 2, and how many of them are known.

    An odd last line counts twice.
    """
    pad = [(0, n % 2) for n in hole.shape]
    weight = np.pad((~hole).astype(np.float64), pad, mode="edge")
    total = np.pad(np.where(hole, 0.0, values), pad, mode="edge")
    count, held = (
        reduce(np.add, (a[i::2, j::2] for i in (0, 1) for j in (0, 1))) for a in (weight, total)
    )
    return held / np.maximum(count, 1), count


def _doubled(values: Values, shape: tuple[int, ...]) -> Values:
    """Bilinear values at twice the resolution, cut to a shape."""
    lines = _stretched(values, shape[0])
    return _stretched(lines.T, shape[1]).T


def _stretched(values: Values, count: int) -> Values:
    place = np.clip((np.arange(count) + 0.5) / 2 - 0.5, 0, len(values) - 1)
    low = place.astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    part = (place - low)[:, None]
    stretched: Values = values[low] * (1 - part) + values[high] * part
    return stretched


def _swept(values: Values, hole: Mask) -> Values:
    """A few sweeps of Jacobi's method, in the hole only; the finer the grid the fewer it needs."""
    around = np.pad(values, 1, mode="edge")
    middle = around[1:-1, 1:-1]
    mean = np.empty_like(values)
    for _ in range(SWEEPS if max(hole.shape) <= 4 * SIDE else SWEEPS // 3):
        np.add(around[:-2, 1:-1], around[2:, 1:-1], out=mean)
        mean += around[1:-1, :-2]
        mean += around[1:-1, 2:]
        mean *= 0.25
        np.copyto(middle, mean, where=hole)
        around[0], around[-1] = around[1], around[-2]
        around[:, 0], around[:, -1] = around[:, 1], around[:, -2]
    return middle.copy()


def _exact(values: Values, hole: Mask, order: int) -> Values:
    """The solution by a sparse system: order 1 is Laplace's equation, 2 the biharmonic one.

    The energy is that of the differences between neighbours (order 1), or of the Laplacians of
    all pixels near the hole (order 2); its minimum with the known pixels held fast is found.
    """
    numbers = np.full(hole.shape, -1)
    near = ndimage.binary_dilation(hole, iterations=2 * order)
    numbers[near] = np.arange(np.count_nonzero(near))
    energy = _laplacian(numbers)
    if order == 2:
        energy = energy.T @ energy
    free, fixed = hole[near], ~hole[near]
    system = energy[free][:, free] + sparse.eye(int(free.sum())) * 1e-12
    known = values[near][fixed]
    filled = values.copy()
    filled[hole] = linalg.spsolve(system.tocsc(), -(energy[free][:, fixed] @ known))
    return filled


def _laplacian(numbers: NDArray[np.int64]) -> sparse.csr_matrix:
    """The graph Laplacian of the numbered pixels (number -1 takes no part)."""
    count = int(numbers.max()) + 1
    pairs = [
        (numbers[1:, :], numbers[:-1, :]),
        (numbers[:, 1:], numbers[:, :-1]),
    ]
    ends = [(a[both], b[both]) for a, b in pairs for both in [(a >= 0) & (b >= 0)]]
    i = np.concatenate([e[0] for e in ends] + [e[1] for e in ends])
    j = np.concatenate([e[1] for e in ends] + [e[0] for e in ends])
    adjacent = sparse.csr_matrix((np.ones(len(i)), (i, j)), shape=(count, count))
    return (sparse.diags(np.asarray(adjacent.sum(1)).ravel()) - adjacent).tocsr()
