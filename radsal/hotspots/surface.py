"""The positive part of a map on a fine grid over what the network saw of the image."""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from radsal.core.geometry import Taps, bilinear, taps
from radsal.core.results import SaliencyMap

BINS = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Working pixels along one axis of the image, where the network saw it, and their frame.

    Attributes
    ----------
    at:
        float64, (n,), rising, image coordinates: the middles of the working pixels; before and
        behind them the border, and a place that a rounding error parts from it.
    widths:
        float64, (n,), in image pixels; 0 for the frame.
    taps:
        Their place on the map's grid.
    """

    at: NDArray[np.float64]
    widths: NDArray[np.float64]
    taps: Taps

    def pixel(self, place: float) -> int:
        """The working pixel that an image coordinate lies in; -1 where in none."""
        number = int(np.abs(self.at - place).argmin())
        return number if abs(self.at[number] - place) <= self.widths[number] / 2 else -1


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A map's positive part, upsampled.

    Attributes
    ----------
    values:
        float32, (n, m), not negative, at ``rows.at`` and ``columns.at``. The outermost lines are
        zeros, those next to them the values on the border: where a region meets the border its
        contour runs along it.
    masses:
        float64, (n, m): the values times the working pixels' areas, in image pixels.
    rows, columns:
        Where the values lie.
    """

    values: NDArray[np.float32]
    masses: NDArray[np.float64]
    rows: Lines
    columns: Lines

    @property
    def axes(self) -> tuple[Lines, Lines]:
        """Rows and columns."""
        return self.rows, self.columns


def upsample(saliency: SaliencyMap, image: tuple[int, int], working_size: int) -> Surface | None:
    """Bilinear values of the positive part of a map; None where the network saw no image.

    Each cell of the map is cut into the same odd number of working pixels along both axes, the
    smallest that gives ``working_size`` of them along the longer side of the grid. So there is
    one whose middle is the cell's centre: all that bends in a bilinear surface lies on lines of
    working pixels, and between their middles it is straight along both axes. At the border of the
    image working pixels are cut off.
    """
    mapping, (h, w) = saliency.mapping, saliency.grid
    parts = -(-working_size // max(h, w)) | 1
    r0, c0, r1, c1 = mapping.reached((h, w))
    scale, offset = mapping.row_scale, mapping.row_offset
    rows = _lines(scale, offset, h, parts, max(r0, 0.0), min(r1, float(image[0])))
    scale, offset = mapping.column_scale, mapping.column_offset
    columns = _lines(scale, offset, w, parts, max(c0, 0.0), min(c1, float(image[1])))
    if rows is None or columns is None:
        return None
    values = bilinear(mapping.upright(np.maximum(saliency.values, 0)), rows.taps, columns.taps)
    values[:: len(values) - 1] = 0
    values[:, :: values.shape[1] - 1] = 0
    return Surface(values, values * np.outer(rows.widths, columns.widths), rows, columns)


@lru_cache(maxsize=32)
def _lines(
    scale: float, offset: float, cells: int, parts: int, first: float, last: float
) -> Lines | None:
    """The lines of an axis from ``first`` to ``last``, the same for all maps of one film."""
    step = scale / parts
    narrow = step * 1e-6  # what rounding leaves of a working pixel is none
    if last - first <= narrow:
        return None
    numbers = np.arange(floor((first - offset) / step), ceil((last - offset) / step) + 1)
    edges = numbers * step + offset
    inner = edges[(edges > first + narrow) & (edges < last - narrow)]
    edges = np.array([first, *inner, last])
    tiny = (last - first) * 1e-9
    at = np.array([first - tiny, first, *(edges[1:] + edges[:-1]) / 2, last, last + tiny])
    return Lines(at, np.pad(np.diff(edges), 2), taps(at, scale, offset, cells))


def threshold(values: NDArray[np.float32], masses: NDArray[np.float64], mass: float) -> float:
    """The level above which lies the smallest set of highest values that holds the mass.

    Halfway between the lowest value inside the set and the next lower one, so that a contour at
    that level parts the two without touching either. Values equal to the lowest one inside are
    inside too. 0 where nothing is positive.

    Parameters
    ----------
    values:
        Not negative, of any shape.
    masses:
        float64, of the same shape: what each value stands for.
    """
    # only the bin in which the level lies is sorted: all values would take four times as long
    values, masses = values.ravel(), masses.ravel()
    highest = values.max(initial=0.0) or 1.0
    bins = (values / highest * (BINS - 1)).astype(np.intp)
    held = np.cumsum(np.bincount(bins, masses, BINS)[::-1])
    if not held[-1] > 0:
        return 0.0
    wanted = mass * held[-1]
    place = int(np.searchsorted(held, wanted))
    within = np.flatnonzero((bins == BINS - 1 - place) & (values > 0))
    within = within[np.argsort(-values[within], kind="stable")]
    above = held[place - 1] if place else 0.0
    last = int(np.searchsorted(above + np.cumsum(masses[within]), wanted))
    lowest = values[within[min(last, within.size - 1)]]
    return (float(lowest) + _next_lower(values, values[within], lowest)) / 2


def _next_lower(
    values: NDArray[np.float32], falling: NDArray[np.float32], than: np.float32
) -> float:
    """The highest of the values below one of them; among its neighbours in order if possible."""
    below = falling[falling < than]
    return float(below[0] if below.size else values[values < than].max(initial=0.0))
