"""Outlines of regions, closed also where a region meets the border of the image."""

import numpy as np
from contourpy import FillType, LineType, SerialContourGenerator, ZInterp
from numpy.typing import NDArray

Line = NDArray[np.float64]
"""float64, (n, 2), (row, column) in image pixels, closed."""


def outline(
    values: NDArray[np.float32],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
    level: float,
) -> tuple[Line, float]:
    """The outer contour of what lies above a level, and its area.

    Parameters
    ----------
    values:
        float32, (h, w), one connected region above the level; nothing of it on the outermost lines.
    rows, columns:
        float64, (h,) and (w,), rising, image coordinates of the values.

    Returns
    -------
    line:
        The longest way round; holes are not drawn.
    area:
        In image pixels, holes subtracted.
    """
    lines = [np.asarray(line)[:, ::-1] for line in _generator(values, rows, columns).lines(level)]
    areas = [signed_area(line) for line in lines]
    outer = int(np.argmax(np.abs(areas)))
    return lines[outer], abs(float(np.sum(areas)))


def _generator(
    values: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> SerialContourGenerator:
    """What ``contourpy.contour_generator`` makes, without its search for values to mask."""
    return SerialContourGenerator(
        np.broadcast_to(columns, values.shape),
        np.broadcast_to(rows[:, None], values.shape),
        values.astype(np.float64),
        None,
        corner_mask=False,
        line_type=LineType.Separate,
        fill_type=FillType.OuterCode,
        quad_as_tri=False,
        z_interp=ZInterp.Linear,
    )


def signed_area(line: Line) -> float:
    """Area inside a closed line (shoelace formula); the sign says which way round it runs."""
    r, c = line[:, 0] - line[0, 0], line[:, 1] - line[0, 1]
    return float(np.dot(r[:-1], c[1:]) - np.dot(r[1:], c[:-1])) / 2


def simplify(line: Line, tolerance: float, most: int) -> Line:
    """A closed line with fewer points, none of those left out further away than the tolerance.

    Passes over every other point, whose tolerances add up to the one given. Where more than
    ``most`` points remain, more passes follow with tolerances that grow until they do not.
    """
    points = np.ascontiguousarray(line).view(np.complex128)[:, 0]
    for part in (0.5, 0.25, 0.125, 0.125):
        points = _thinned(points, tolerance * part)
    while len(points) > max(most, 16):
        tolerance *= 1.5
        points = _thinned(points, tolerance)
    return points[:, None].view(np.float64)


def _thinned(points: NDArray[np.complex128], tolerance: float) -> NDArray[np.complex128]:
    """Drop every other point that lies near the straight piece between its neighbours."""
    if len(points) < 8:
        return points
    start = points[:-2:2]
    piece, away = points[2::2] - start, points[1:-1:2] - start
    along = (away * piece.conj()).real / np.maximum((piece * piece.conj()).real, 1e-30)
    away -= piece * np.minimum(np.maximum(along, 0), 1)
    keep = np.ones(len(points), np.bool_)
    keep[1:-1:2] = np.abs(away) > tolerance
    return points[keep]
