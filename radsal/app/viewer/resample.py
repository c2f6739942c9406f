"""An image at view resolution: averaged over areas below 1:1, the nearest pixel from 1:1 on.

Pixels that are not square have another scale along each axis, so each axis is taken for itself:
a film may be averaged across its columns while its rows are drawn larger than they are.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radsal.app.viewer.placement import Axis, Placement

Plane = NDArray[np.integer[Any] | np.bool_]
Holes = NDArray[np.bool_] | None
_AREA, _BETWEEN = Image.Resampling.HAMMING, Image.Resampling.BICUBIC
_THREADS = min(4, os.cpu_count() or 1)
_WORTH_IT = 1 << 20  # image pixels that keep a thread busy longer than it takes to wake it
_beside = ThreadPoolExecutor(_THREADS, "resampling")  # NumPy and Pillow let go of the GIL


def mixes(placement: Placement, *, smooth: bool = False) -> bool:
    """Whether :func:`resampled` makes values that are not in the image."""
    return any(_filter(axis, smooth=smooth) is not None for axis in placement.axes)


def resampled(
    plane: Plane, placement: Placement, *, smooth: bool = False, holes: Holes = None
) -> NDArray[Any]:
    """The visible part of a plane, one value for each device pixel.

    Along an axis below 1:1 a value is a mean over the image pixels under and around it: over
    whole blocks first, then Hamming-windowed for what is left, so that a line one pixel wide
    gets paler but never vanishes. From 1:1 on it is that of the nearest image pixel.

    Parameters
    ----------
    plane:
        Integers or booleans, (rows, columns) of the image.
    smooth:
        Above 1:1 interpolate (bicubic; it may reach a little beyond the values around it).
    holes:
        Pixels that are taken as 0 wherever values are mixed.

    Returns
    -------
    (n, m) on the image's own axes, not yet turned: float32, or the type of ``plane`` where only
    nearest pixels were taken.
    """
    axes = placement.axes
    if any(axis.first >= axis.last for axis in axes):
        return np.zeros([max(0, axis.last - axis.first) for axis in axes], plane.dtype)
    rows, columns = axes
    strips = _strips(rows, columns) if mixes(placement, smooth=smooth) else [rows]
    if len(strips) == 1:
        return _part(plane, holes, rows, columns, smooth=smooth)
    parts = _beside.map(lambda strip: _part(plane, holes, strip, columns, smooth=smooth), strips)
    return np.concatenate(list(parts))


def _strips(rows: Axis, columns: Axis) -> list[Axis]:
    """The rows in parts for one thread each; all of them where that is not worth it."""
    seen = [(axis.last - axis.first) / axis.scale for axis in (rows, columns)]
    count = min(_THREADS, rows.last - rows.first, max(1, int(seen[0] * seen[1] / _WORTH_IT)))
    edges = np.linspace(rows.first, rows.last, count + 1).round().astype(int).tolist()
    pairs = pairwise(edges)
    return [rows._replace(first=first, last=last) for first, last in pairs]


def _part(
    plane: Plane, holes: Holes, row_axis: Axis, column_axis: Axis, *, smooth: bool
) -> NDArray[Any]:
    """What :func:`resampled` gives, of some rows and columns of device pixels."""
    rows, columns = (_reach(axis, smooth=smooth) for axis in (row_axis, column_axis))
    needed = slice(rows.start, rows.stop), slice(columns.start, columns.stop)
    part: NDArray[Any] = plane[needed]
    if rows.filter is not None or columns.filter is not None:
        part = _filtered(part, None if holes is None else holes[needed], rows, columns)
    lines = part if rows.filter is not None else part[rows.nearest()]
    return lines if columns.filter is not None else lines[:, columns.nearest()]


class _Reach(NamedTuple):
    """What one axis needs of the image, and how it comes to its device pixels."""

    axis: Axis
    filter: Image.Resampling | None
    start: int  # image pixels, half open
    stop: int
    factor: int  # image pixels that are averaged as blocks first

    @property
    def size(self) -> int:
        """Device pixels that are seen."""
        return self.axis.last - self.axis.first

    def nearest(self) -> NDArray[np.intp]:
        """Image pixels under the centres of the device pixels, counted from ``start``."""
        return self.axis.points().astype(np.intp) - self.start

    def box(self, blocks: int) -> tuple[float, float]:
        """The device pixels' extent in ``blocks`` of image pixels."""
        first, last = self.axis.first / self.axis.scale, self.axis.last / self.axis.scale
        low, high = ((n - self.start) / self.factor for n in (first, last))
        return max(0.0, low), min(high, blocks)


def _filter(axis: Axis, *, smooth: bool) -> Image.Resampling | None:
    if axis.scale < 1:
        return _AREA
    return _BETWEEN if smooth and axis.scale > 1 else None


def _reach(axis: Axis, *, smooth: bool) -> _Reach:
    chosen = _filter(axis, smooth=smooth)
    factor = max(1, int(1 / axis.scale))
    margin = 0 if chosen is None else 2 * factor + 2
    low = max(0, math.floor(axis.first / axis.scale) - margin)
    high = math.ceil((math.ceil(axis.last / axis.scale) + margin) / factor) * factor
    return _Reach(axis, chosen, low - low % factor, min(axis.cells, high), factor)


def _filtered(part: Plane, holes: Holes, rows: _Reach, columns: _Reach) -> NDArray[np.float32]:
    small = block_means(block_means(part, rows.factor, holes).T, columns.factor).T
    image = Image.fromarray(np.ascontiguousarray(small, np.float32))
    if rows.filter is not None:
        low, high = rows.box(image.height)
        size = image.width, rows.size
        image = image.resize(size, rows.filter, (0.0, low, float(image.width), high))
    if columns.filter is not None:
        low, high = columns.box(image.width)
        size = columns.size, image.height
        image = image.resize(size, columns.filter, (low, 0.0, high, float(image.height)))
    return np.asarray(image)


def block_means(values: NDArray[Any], size: int, holes: Holes = None) -> NDArray[Any]:
    """Means of every ``size`` lines, with 0 in the holes; the last block may have fewer lines.

    Returns
    -------
    float32, (ceil(n / size), m), or ``values`` themselves for blocks of one line.
    """
    if size == 1:
        return _filled(values, holes, slice(None))
    end = len(values) // size * size
    sums = _filled(values, holes, slice(0, end, size)).astype(np.float32)
    for step in range(1, size):  # a share of the image at a time: the memory stays small
        sums += _filled(values, holes, slice(step, end, size))
    sums /= size
    rest = _filled(values, holes, slice(end, None))
    if not len(rest):
        return sums
    return np.concatenate([sums, rest.mean(axis=0, keepdims=True, dtype=np.float32)])


def _filled(values: NDArray[Any], holes: Holes, lines: slice) -> NDArray[Any]:
    if holes is None:
        return values[lines]
    return np.where(holes[lines], values.dtype.type(0), values[lines])
