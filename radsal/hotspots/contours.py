"""Outlines of regions, closed also where a region meets the border of the image."""

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray

from radsal.hotspots.surface import Surface

Line = NDArray[np.float64]
"""float64, (n, 2), (row, column) in image pixels, closed."""


def outline(
    surface: Surface, inside: NDArray[np.bool_], corner: tuple[int, int], level: float
) -> tuple[Line, float]:
    """The outer contour of one region at a level, and the region's area.

    Parameters
    ----------
    inside:
        bool, (h, w): the region within a window of the working grid.
    corner:
        (row, column) of that window in the working grid.

    Returns
    -------
    line:
        The longest way round; holes are not drawn.
    area:
        In image pixels, holes subtracted.
    """
    values, rows, columns = _framed(surface, inside, corner, level)
    generator = contour_generator(columns, rows, values, line_type=LineType.Separate)
    lines = [np.asarray(line)[:, ::-1] for line in generator.lines(level)]
    areas = [signed_area(line) for line in lines]
    outer = int(np.argmax(np.abs(areas)))
    return lines[outer], abs(float(np.sum(areas)))


def _framed(
    surface: Surface, inside: NDArray[np.bool_], corner: tuple[int, int], level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The window's values with a frame round it, and the image coordinates of its lines.

    Other regions in the window are taken out. Where the window ends inside the image the frame
    is the next line of values; at the image's border the outermost values are carried to the
    border itself, and a line of zeros lies on it: there the contour runs along the border.
    """
    full = surface.values
    (r0, c0), (h, w) = corner, inside.shape
    index_r, rows, edge_r = _lines(r0, h, full.shape[0], surface.step[0], surface.image[0])
    index_c, columns, edge_c = _lines(c0, w, full.shape[1], surface.step[1], surface.image[1])
    values = full[np.ix_(index_r, index_c)].astype(np.float64)
    near = np.pad(inside, 1)[np.ix_(index_r - r0 + 1, index_c - c0 + 1)]
    values[(values >= level) & ~near] = 0.0
    values[edge_r, :] = 0.0
    values[:, edge_c] = 0.0
    return values, rows, columns


def _lines(
    start: int, count: int, total: int, step: float, end: float
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
    """Working lines round a window: their index, their image coordinate, and which are zero.

    At a border of the image two lines are added: the outermost values on the border, and zeros
    at the same place, a rounding error further out.
    """
    index = np.arange(start - 1, start + count + 1)
    at = (index + 0.5) * step
    before, after = int(start == 0), int(start + count == total)
    if before:
        at[0] = 0.0
    if after:
        at[-1] = end
    tiny = end * 1e-9
    zero = np.zeros(index.size + before + after, dtype=np.bool_)
    zero[:before] = True
    zero[zero.size - after :] = True
    framed = np.array([*[-tiny] * before, *at, *[end + tiny] * after], dtype=np.float64)
    index = np.pad(index, (before, after), mode="edge")
    return np.clip(index, 0, total - 1), framed, zero


def signed_area(line: Line) -> float:
    """Area inside a closed line (shoelace formula); the sign says which way round it runs."""
    r, c = line[:, 0] - line[0, 0], line[:, 1] - line[0, 1]
    return float(np.dot(r[:-1], c[1:]) - np.dot(r[1:], c[:-1])) / 2


def simplify(line: Line, tolerance: float, most: int) -> Line:
    """A closed line with fewer points, none of those left out further away than the tolerance.

    Passes over every other point, whose tolerances add up to the one given. Where more than
    ``most`` points remain, more passes follow with tolerances that grow until they do not.
    """
    for part in (0.5, 0.25, 0.125, 0.125):
        line = _thinned(line, tolerance * part)
    while len(line) > max(most, 16):
        tolerance *= 1.5
        line = _thinned(line, tolerance)
    return line


def _thinned(line: Line, tolerance: float) -> Line:
    """Drop every other point that lies near the straight piece between its neighbours."""
    if len(line) < 8:
        return line
    odd = np.arange(1, len(line) - 1, 2)
    start, point, end = line[odd - 1], line[odd], line[odd + 1]
    along = end - start
    length = np.maximum((along**2).sum(1), 1e-30)
    share = np.clip(((point - start) * along).sum(1) / length, 0, 1)
    away = np.linalg.norm(point - start - share[:, None] * along, axis=1)
    return np.delete(line, odd[away <= tolerance], axis=0)
