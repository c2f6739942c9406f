"""Boxes, and the exact way from a network's grid to image pixels.

Coordinates are (row, column), origin at the top left corner of the top left pixel: pixel ``i``
covers ``[i, i + 1)`` and its centre lies at ``i + 0.5``. Boxes are half open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

_T = TypeVar("_T", bound=np.generic)
Edges = tuple[float, float, float, float]
"""``(r0, c0, r1, c1)``, image pixels."""

_EDGES = ("top", "right", "bottom", "left")  # clockwise


@dataclass(frozen=True, slots=True)
class Box:
    """Half-open rectangle ``[r0, r1) x [c0, c1)`` in image pixels."""

    r0: int
    c0: int
    r1: int
    c1: int

    def __post_init__(self) -> None:
        if self.r0 >= self.r1 or self.c0 >= self.c1:
            raise ValueError(f"empty box: {self.as_list()}")

    def as_list(self) -> list[int]:
        """``[r0, c0, r1, c1]``, the order of the JSON contract."""
        return [self.r0, self.c0, self.r1, self.c1]


@dataclass(frozen=True, slots=True)
class GridMapping:
    """Where the cells of a network's grid lie in the image.

    For edge coordinates ``g`` on the grid and ``p`` in the image, ``p = scale * g + offset``
    along each axis; ``transposed`` says that the grid's first axis runs along image columns
    (models trained behind MONAI's ``LoadImage``). Scales are image pixels per grid cell.

    ``reach`` is what the network saw of the image, ``(r0, c0, r1, c1)`` in image pixels, where
    that is not what the cells cover: cells that look up and to the left leave a strip below and
    on the right, which the outermost cells stand for. None: the cells' own area.
    """

    row_scale: float
    row_offset: float
    column_scale: float
    column_offset: float
    transposed: bool = False
    reach: Edges | None = None

    def __post_init__(self) -> None:
        if not (self.row_scale > 0 and self.column_scale > 0):
            raise ValueError("grid scales must be positive")
        scales = self.row_scale, self.row_offset, self.column_scale, self.column_offset
        if not all(map(isfinite, (*scales, *(self.reach or ())))):
            raise ValueError("grid scales, offsets and reach must be finite")
        if self.reach and (self.reach[0] >= self.reach[2] or self.reach[1] >= self.reach[3]):
            raise ValueError(f"what the network saw is empty: {self.reach}")

    @classmethod
    def stretch(cls, grid: tuple[int, int], image: tuple[int, int]) -> "GridMapping":
        """The grid covers the whole image, as after a plain resize. Shapes as (rows, columns)."""
        return cls(image[0] / grid[0], 0.0, image[1] / grid[1], 0.0)

    def refine(self, old: tuple[int, int], new: tuple[int, int]) -> "GridMapping":
        """The mapping of a grid of shape ``new`` that covers the same area as one of ``old``."""
        (old_r, old_c), (new_r, new_c) = (old[::-1], new[::-1]) if self.transposed else (old, new)
        return GridMapping(
            self.row_scale * old_r / new_r,
            self.row_offset,
            self.column_scale * old_c / new_c,
            self.column_offset,
            self.transposed,
            self.reach,
        )

    def within(self, scale: tuple[float, float], offset: tuple[float, float]) -> "GridMapping":
        """The mapping of a new grid that lies at ``scale * g + offset`` on this one, by axis."""
        if self.transposed:
            scale, offset = scale[::-1], offset[::-1]
        return GridMapping(
            self.row_scale * scale[0],
            self.row_offset + self.row_scale * offset[0],
            self.column_scale * scale[1],
            self.column_offset + self.column_scale * offset[1],
            self.transposed,
            self.reach,
        )

    def reached(self, upright: tuple[int, int]) -> Edges:
        """What the network saw, for a grid of so many cells along image rows and columns."""
        return self.reach or (
            self.row_offset,
            self.column_offset,
            self.row_offset + self.row_scale * upright[0],
            self.column_offset + self.column_scale * upright[1],
        )

    def to_image(self, row: float, column: float) -> tuple[float, float]:
        """Image point of a grid point, both in edge coordinates; the grid's own axis order."""
        if self.transposed:
            row, column = column, row
        return (
            self.row_scale * row + self.row_offset,
            self.column_scale * column + self.column_offset,
        )

    def upright(self, grid: NDArray[np.float32]) -> NDArray[np.float32]:
        """The grid with rows along image rows (a view)."""
        return grid.T if self.transposed else grid

    def sample(
        self,
        grid: NDArray[np.float32],
        rows: NDArray[np.floating[Any]],
        columns: NDArray[np.floating[Any]],
        *,
        outside: float = 0.0,
    ) -> NDArray[np.float32]:
        """Bilinear values of a grid at image points ``rows x columns`` (edge coordinates).

        Parameters
        ----------
        grid:
            float32, (h, w), on the network's axes.
        rows, columns:
            float64, (n,) and (m,): image coordinates of the points; pixel centres lie at i + 0.5.
        outside:
            Value where the network never saw that part of the image.

        Returns
        -------
        float32, (n, m). Between the border and the outermost cell centres the value is that of
        the nearest cell: nothing is extrapolated. Between two equal values it is that value.
        """
        values = self.upright(grid)
        row_taps = taps(rows, self.row_scale, self.row_offset, values.shape[0])
        column_taps = taps(columns, self.column_scale, self.column_offset, values.shape[1])
        out = bilinear(values, row_taps, column_taps)
        return self._seen(values, out, rows, columns, outside)

    def cells(
        self,
        grid: NDArray[np.float32],
        rows: NDArray[np.floating[Any]],
        columns: NDArray[np.floating[Any]],
    ) -> NDArray[np.float32]:
        """As :meth:`sample`, without interpolation: values of the cells nearest to the points."""
        values = self.upright(grid)
        at_r = _nearest(rows, self.row_scale, self.row_offset, values.shape[0])
        at_c = _nearest(columns, self.column_scale, self.column_offset, values.shape[1])
        return self._seen(values, values[at_r][:, at_c], rows, columns, 0.0)

    def _seen(
        self,
        upright: NDArray[np.float32],
        out: NDArray[np.float32],
        rows: NDArray[np.floating[Any]],
        columns: NDArray[np.floating[Any]],
        outside: float,
    ) -> NDArray[np.float32]:
        """Put ``outside`` in place of values at points that the network did not see."""
        r0, c0, r1, c1 = self.reached((upright.shape[0], upright.shape[1]))
        out[(rows < r0) | (rows > r1), :] = outside
        out[:, (columns < c0) | (columns > c1)] = outside
        return out

    def resample(self, grid: NDArray[np.float32], image: tuple[int, int]) -> NDArray[np.float32]:
        """Bilinear values of a grid at every pixel centre of an image of (rows, columns)."""
        return self.sample(grid, np.arange(image[0]) + 0.5, np.arange(image[1]) + 0.5)


@dataclass(frozen=True, slots=True)
class Turn:
    """One of the eight ways in which an image can be laid on the screen.

    First the image is mirrored left to right (or not), then turned clockwise by quarters. What
    lies over the image goes through the same turn: array, points and letters.
    """

    quarters: int = 0
    mirrored: bool = False

    def __post_init__(self) -> None:
        if self.quarters not in range(4):
            raise ValueError(f"there are 0 to 3 quarter turns, got {self.quarters}")

    @property
    def transposed(self) -> bool:
        """Rows of the image run up or down the screen."""
        return self.quarters % 2 == 1

    def rotated(self, quarters: int) -> "Turn":
        """As it looks now, turned clockwise by more quarters (negative: the other way)."""
        return Turn((self.quarters + quarters) % 4, self.mirrored)

    def flipped(self, *, vertically: bool = False) -> "Turn":
        """As it looks now, with left and right (or top and bottom) exchanged on the screen."""
        return Turn(((2 if vertically else 0) - self.quarters) % 4, not self.mirrored)

    def shape(self, shape: tuple[int, int]) -> tuple[int, int]:
        """(rows, columns) on the screen of an image of (rows, columns)."""
        return (shape[1], shape[0]) if self.transposed else shape

    def array(self, values: NDArray[_T]) -> NDArray[_T]:
        """An array whose first two axes are image rows and columns, as on the screen (a view)."""
        mirrored = values[:, ::-1] if self.mirrored else values
        return np.rot90(mirrored, -self.quarters)

    def point(self, row: float, column: float, shape: tuple[int, int]) -> tuple[float, float]:
        """Where a point of an image of ``shape`` comes to lie; edge coordinates on both sides."""
        rows, columns = shape
        if self.mirrored:
            column = columns - column
        for _ in range(self.quarters):
            row, column, rows, columns = column, rows - row, columns, rows
        return row, column

    def back(self, row: float, column: float, shape: tuple[int, int]) -> tuple[float, float]:
        """The point of an image of ``shape`` that lies at a point of the screen."""
        rows, columns = self.shape(shape)
        for _ in range(self.quarters):
            row, column, rows, columns = columns - column, row, columns, rows
        return row, columns - column if self.mirrored else column

    def edges(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts by edge of the image (``top``, ``right`` …) as texts by edge of the screen."""
        moved = {}
        for edge, text in texts.items():
            place = _EDGES.index(edge)
            if self.mirrored and place % 2:
                place = 4 - place
            moved[_EDGES[(place + self.quarters) % 4]] = text
        return moved


UPRIGHT = Turn()


class Taps(NamedTuple):
    """Between which cells of an axis points lie, each of shape (n,).

    Attributes
    ----------
    low, high:
        The cells whose centres lie before and behind; both the outermost one beyond its centre.
    part:
        float32, 0 to 1: how far it is from the one to the other.
    """

    low: NDArray[np.intp]
    high: NDArray[np.intp]
    part: NDArray[np.float32]


def taps(points: NDArray[np.floating[Any]], scale: float, offset: float, cells: int) -> Taps:
    """Taps for image coordinates, float64, (n,), on an axis of so many cells."""
    centre = np.minimum(np.maximum((points - offset) / scale - 0.5, 0), cells - 1)
    low = centre.astype(np.intp)
    return Taps(low, np.minimum(low + 1, cells - 1), (centre - low).astype(np.float32))


def bilinear(values: NDArray[np.float32], rows: Taps, columns: Taps) -> NDArray[np.float32]:
    """float32, (n, m), of a grid (h, w); exactly the grid's value between equal ones."""
    lines = _between(values[:, columns.low], values[:, columns.high], columns.part)
    return _between(lines[rows.low], lines[rows.high], rows.part[:, None])


def _between(
    low: NDArray[np.float32], high: NDArray[np.float32], part: NDArray[np.float32]
) -> NDArray[np.float32]:
    """``low + part * (high - low)``, in the memory of ``high``."""
    high -= low
    high *= part
    high += low
    return high


def _nearest(
    points: NDArray[np.floating[Any]], scale: float, offset: float, cells: int
) -> NDArray[np.intp]:
    """The cell that each point lies in; beyond the grid its outermost one."""
    cell: NDArray[np.intp] = np.floor((points - offset) / scale).astype(np.intp)
    return np.clip(cell, 0, cells - 1)
