r"""The Display Shutter (PS3.3 C.7.6.11) and the bitmap shutter (C.7.6.15).

Coordinates count from 1\1, the centre of the upper left pixel, as row\column. The standard does
not say whether a pixel on the edge is seen; here the edge belongs to the picture, so that nothing
is hidden that may be meant to be seen: of a rectangle the rows and columns that are named are
visible, of a circle the pixels whose centre is at most the radius away, of a polygon those whose
centre lies inside or on a side.
"""

import math

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.planes import Overlay, Shutter
from radsal.dicom.attributes import decimals, raw_bytes, text, words
from radsal.dicom.faults import log

_SHAPES = ("RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP")
_EDGES = (
    *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge"),
    *("ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
)
_MOST_VERTICES = 4096
_FAR = 1 << 24  # pixels from the image; no shutter needs more, and squares stay exact


def display_shutter(
    data: Dataset, shape: tuple[int, int], aspect: float, overlays: tuple[Overlay, ...]
) -> tuple[Shutter | None, tuple[Overlay, ...]]:
    """The shutter, and the overlays without the one that is a bitmap shutter.

    Several shapes hide what any of them hides. A shape that contradicts itself is left out with a
    log record, and so is a shutter that would hide everything.

    Parameters
    ----------
    shape:
        (rows, columns) of the image.
    aspect:
        Height of a pixel over its width: a radius counts columns (0018,1612).
    """
    shapes = [name for name in text(data, "ShutterShape").split("\\") if name.strip()]
    visible = np.ones(shape, np.bool_)
    for name in dict.fromkeys(name.strip() for name in shapes):
        try:
            visible &= _visible(name, data, shape, aspect, overlays)
        except ValueError as error:
            log.warning("shutter shape left out: %s", error)
    if "BITMAP" in shapes:
        overlays = tuple(plane for plane in overlays if plane.group != _group(data))
    if visible.all():
        return None, overlays
    if not visible.any():
        log.warning("shutter left out: it hides the whole image")
        return None, overlays
    return Shutter(~visible, _gray(data)), overlays


def _visible(
    name: str, data: Dataset, shape: tuple[int, int], aspect: float, overlays: tuple[Overlay, ...]
) -> NDArray[np.bool_]:
    if name == "RECTANGULAR":
        return _rectangle(data, shape)
    if name == "CIRCULAR":
        return _circle(data, shape, aspect)
    if name == "POLYGONAL":
        return _polygon(_vertices(data), shape)
    if name == "BITMAP":
        return _bitmap(data, shape, overlays)
    raise ValueError("it is none of " + ", ".join(_SHAPES))


def _gray(data: Dataset) -> float:
    """Shutter Presentation Value (0018,1622), a P-Value; black where it is not stated."""
    if "ShutterPresentationColorCIELabValue" in data:
        log.info("the shutter's colour is not shown, its gray value is")
    stated = words(data, "ShutterPresentationValue")
    return stated[0] / 0xFFFF if stated else 0.0


def _integers(data: Dataset, *keywords: str) -> list[int]:
    """Whole numbers of attributes, one after the other. Raises ValueError."""
    found: list[int] = []
    for keyword in keywords:
        if len(raw_bytes(data, keyword)[0] or b"") > 13 * 2 * _MOST_VERTICES:  # IS, PS3.5 6.2
            raise ValueError(f"{keyword} has too many values")
        numbers = decimals(data, keyword)
        if not all(math.isfinite(number) and abs(number) <= _FAR for number in numbers):
            raise ValueError(f"{keyword} is no place in an image")
        found += [round(number) for number in numbers]
    return found


def _rectangle(data: Dataset, shape: tuple[int, int]) -> NDArray[np.bool_]:
    edges = _integers(data, *_EDGES)
    if len(edges) != 4 or edges[0] > edges[1] or edges[2] > edges[3]:
        raise ValueError("its edges are no rectangle")
    upper, lower, left, right = edges
    visible = np.zeros(shape, np.bool_)
    visible[max(upper - 1, 0) : max(lower, 0), max(left - 1, 0) : max(right, 0)] = True
    return visible


def _circle(data: Dataset, shape: tuple[int, int], aspect: float) -> NDArray[np.bool_]:
    center = _integers(data, "CenterOfCircularShutter")
    radius = _integers(data, "RadiusOfCircularShutter")
    if len(center) != 2 or len(radius) != 1 or radius[0] < 0:
        raise ValueError("it is no circle")
    down = (np.arange(1, shape[0] + 1, dtype=np.float64) - center[0]) * aspect
    across = np.arange(1, shape[1] + 1, dtype=np.float64) - center[1]
    return np.add.outer(down**2, across**2) <= float(radius[0]) ** 2


def _vertices(data: Dataset) -> NDArray[np.int64]:
    """(vertices, 2): rows and columns, from 1."""
    numbers = _integers(data, "VerticesOfThePolygonalShutter")
    if len(numbers) % 2 or not 3 <= len(numbers) // 2 <= _MOST_VERTICES:
        raise ValueError(f"a polygon of {len(numbers)} numbers")
    return np.array(numbers, np.int64).reshape(-1, 2)


def _polygon(vertices: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Even-odd, in whole numbers, with the pixels whose centre lies on a side.

    In each row that a side crosses, it turns all pixels to its right round.
    """
    turned = np.zeros((shape[0], shape[1] + 1), np.bool_)
    on_side = np.zeros(shape, np.bool_)
    corners = [(int(row), int(column)) for row, column in vertices]
    for begin, end in zip(corners, [*corners[1:], corners[0]], strict=True):
        top, bottom = sorted((begin, end))
        _draw_side(top, bottom, turned, on_side)
    inside = np.logical_xor.accumulate(turned[:, :-1], axis=1)
    return np.asarray(inside | on_side)


def _draw_side(
    top: tuple[int, int],
    bottom: tuple[int, int],
    turned: NDArray[np.bool_],
    on_side: NDArray[np.bool_],
) -> None:
    """Draw the side between two (row, column), of which ``top`` has the smaller row."""
    rows, columns = on_side.shape
    tall, wide = bottom[0] - top[0], bottom[1] - top[1]
    if tall == 0:
        if 1 <= top[0] <= rows:
            on_side[top[0] - 1, max(top[1] - 1, 0) : max(bottom[1], 0)] = True
        return
    row = np.arange(max(top[0], 1), min(bottom[0], rows) + 1)
    right = (row - top[0]) * wide  # over tall: how far the side is right of its top
    column = top[1] + right // tall
    met = (right % tall == 0) & (column >= 1) & (column <= columns)
    on_side[row[met] - 1, column[met] - 1] = True
    half_open = row < bottom[0]  # a vertex belongs to one of its two sides
    turned[row[half_open] - 1, np.clip(column[half_open], 0, columns)] ^= True


def _group(data: Dataset) -> int:
    stated = words(data, "ShutterOverlayGroup")
    return stated[0] if stated else 0


def _bitmap(
    data: Dataset, shape: tuple[int, int], overlays: tuple[Overlay, ...]
) -> NDArray[np.bool_]:
    """An overlay whose set bits are hidden; what lies beyond the overlay is visible."""
    overlay = next((plane for plane in overlays if plane.group == _group(data)), None)
    if overlay is None:
        raise ValueError(f"there is no overlay of group {_group(data):04X}")
    visible = np.ones(shape, np.bool_)
    (row, column), (rows, columns) = overlay.origin, overlay.plane.shape
    into = visible[max(row, 0) : max(row + rows, 0), max(column, 0) : max(column + columns, 0)]
    height, width = into.shape
    top, left = max(-row, 0), max(-column, 0)
    into &= ~overlay.plane[top : top + height, left : left + width]
    return visible
