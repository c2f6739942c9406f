"""Control regions: the same shape elsewhere, in places as like the region's own as there are.

Erasing anything disturbs a network a little. How much it does at places that do not matter is
what an erasure must be compared with. A control has the region's shape and area, does not overlap
it, and is matched in what lies under it (mean and contrast) and in its distance from the border.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import KnownError
from radsal.trust.regions import Region

Image = NDArray[np.float32]

LATTICE = 40  # places along the longer side that are looked at
POOL = 8
"""As many times more places are matched than are needed: of those, some that lie apart are drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Controls:
    """Control regions in the order in which they were drawn.

    Attributes
    ----------
    overlap:
        Largest share of its area that a control has in common with another one: where the image
        is small for the region, controls overlap each other, and say less than their number.
    """

    regions: tuple[Region, ...]
    overlap: float


def draw_controls(image: Image, region: Region, count: int, seed: int = 0) -> Controls:
    """Control regions for one region.

    Parameters
    ----------
    image:
        float32, (rows, columns), as the model is given it.
    count:
        How many; 99 give a smallest p of 0.01.

    Raises
    ------
    KnownError
        The region leaves no room for so many places, because it is too large.
    """
    shifts = _shifts(region)
    if len(shifts) < count:
        raise KnownError(
            f"beside the region there is room for {len(shifts)} control regions, not for {count}",
            code="no-room-for-controls",
            remedy="Take a smaller region, or fewer controls.",
        )
    cost = _costs(image, region, shifts)
    near = shifts[np.argsort(cost, kind="stable")[: count * POOL]]
    drawn = _apart(np.random.default_rng(seed).permutation(near), count, region)
    regions = tuple(region.moved(int(r), int(c)) for r, c in drawn)
    common = _common(drawn, drawn, region)
    np.fill_diagonal(common, 0)
    return Controls(regions, float(common.max(initial=0.0)))


def _apart(shifts: NDArray[np.int64], count: int, region: Region) -> NDArray[np.int64]:
    """Places in their order, each as far from those before it as there is room for.

    A region does not meet its controls. Where controls met each other their answers would be
    alike, and the region would seem to stand out from them more often than it does.
    """
    chosen: list[int] = []
    for allowed in (0.0, 0.25, 0.5, 0.75, 1.0):
        for i in range(len(shifts)):
            if len(chosen) == count:
                return shifts[chosen]
            there = _common(shifts[i : i + 1], shifts[chosen], region)
            if i not in chosen and there.max(initial=0.0) <= allowed:
                chosen.append(i)
    return shifts[chosen]


def _shifts(region: Region) -> NDArray[np.int64]:
    """Every place of a lattice where the shape lies within the image and beside the region."""
    (rows, columns), box = region.image, region.box
    h, w = region.mask.shape
    step = max(1, max(rows - h, columns - w) // LATTICE)
    down = np.arange(0, rows - h + 1, step) - box.r0
    right = np.arange(0, columns - w + 1, step) - box.c0
    places = np.stack(np.meshgrid(down, right, indexing="ij"), -1).reshape(-1, 2)
    apart = (np.abs(places[:, 0]) >= h) | (np.abs(places[:, 1]) >= w)
    beside: NDArray[np.int64] = places[apart]
    return beside


def _costs(image: Image, region: Region, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """How unlike the region's own a place is: three differences, each in its own spread."""
    own = _features(image, region, np.zeros((1, 2), np.int64))
    there = _features(image, region, shifts)
    spread = there.std(0) + 1e-12
    costs: NDArray[np.float64] = np.sqrt((((there - own) / spread) ** 2).sum(1))
    return costs


def _features(image: Image, region: Region, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean, contrast and distance from the border, for each place: (n, 3)."""
    inside = np.argwhere(region.mask)
    inside = inside[:: max(len(inside) // 256, 1)] + np.array([region.box.r0, region.box.c0])
    rows = inside[None, :, 0] + shifts[:, None, 0]
    columns = inside[None, :, 1] + shifts[:, None, 1]
    values = image[rows, columns].astype(np.float64)
    box, (height, width) = region.box, region.image
    border = np.minimum.reduce(
        [
            box.r0 + shifts[:, 0],
            height - box.r1 - shifts[:, 0],
            box.c0 + shifts[:, 1],
            width - box.c1 - shifts[:, 1],
        ]
    )
    return np.stack([values.mean(1), values.std(1), border.astype(np.float64)], 1)


def _common(
    some: NDArray[np.int64], others: NDArray[np.int64], region: Region
) -> NDArray[np.float64]:
    """Share of the region's box that is common to it at two places, for all pairs of places."""
    h, w = region.mask.shape
    away = np.abs(some[:, None] - others[None])
    shared = np.maximum(h - away[..., 0], 0) * np.maximum(w - away[..., 1], 0)
    return np.asarray(shared / (h * w), dtype=np.float64)
