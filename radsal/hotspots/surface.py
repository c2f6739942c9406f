"""The positive part of a map on a fine grid that covers the image, and its threshold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.results import SaliencyMap

BINS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A map's positive part, upsampled.

    Attributes
    ----------
    values:
        float32, (n, m), not negative; value ``[i, j]`` belongs to the image point
        ``((i + 0.5) * step[0], (j + 0.5) * step[1])``.
    step:
        Image pixels per working pixel along rows and columns.
    image:
        (rows, columns) of the image.
    """

    values: NDArray[np.float32]
    step: tuple[float, float]
    image: tuple[int, int]

    def point(self, i: int, j: int) -> tuple[float, float]:
        """Image point, (row, column) in edge coordinates, of a working pixel's centre."""
        return (i + 0.5) * self.step[0], (j + 0.5) * self.step[1]


def upsample(saliency: SaliencyMap, image: tuple[int, int], long_side: int) -> Surface:
    """Bilinear values of the positive part of a map.

    The working grid is never coarser than the map's own and never finer than the image.
    """
    long_side = min(max(long_side, *saliency.grid), max(image))
    shape = [max(1, round(side * long_side / max(image))) for side in image]
    step = image[0] / shape[0], image[1] / shape[1]
    rows, columns = ((np.arange(n) + 0.5) * s for n, s in zip(shape, step, strict=True))
    positive = np.maximum(saliency.values, 0)
    return Surface(saliency.mapping.sample(positive, rows, columns), step, image)


def threshold(values: NDArray[np.float32], mass: float) -> float:
    """The level above which lies the smallest set of highest values that holds the mass.

    Halfway between the lowest value inside the set and the next lower one, so that a contour at
    that level parts the two without touching either. Values equal to the lowest one inside are
    inside too. 0 where nothing is positive.
    """
    positive = values[values > 0]
    if not positive.size:
        return 0.0
    # only the bin in which the level lies is sorted: all values would take four times as long
    bins = (positive / positive.max() * (BINS - 1)).astype(np.intp)
    held = np.cumsum(np.bincount(bins, positive, BINS)[::-1])
    wanted = mass * held[-1]
    place = int(np.searchsorted(held, wanted))
    inside = np.sort(positive[bins == BINS - 1 - place])[::-1]
    above = held[place - 1] if place else 0.0
    last = int(np.searchsorted(above + np.cumsum(inside, dtype=np.float64), wanted))
    lowest = inside[min(last, inside.size - 1)]
    below = inside[inside < lowest]
    next_lower = below[0] if below.size else positive[positive < lowest].max(initial=0.0)
    return (float(lowest) + float(next_lower)) / 2  # float32 could round it to one of the two
