"""Where the film lies in the view: the one mapping that everything drawn on it goes through."""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from radsal.core.geometry import UPRIGHT, Turn

LOWEST_ZOOM, HIGHEST_ZOOM = 0.02, 64.0
_T = TypeVar("_T", bound=np.generic)


class Axis(NamedTuple):
    """Rows or columns of the image as stored, as far as they are seen.

    Attributes
    ----------
    first, last:
        Device pixels of the film that are seen, half open, counted along the image's own axis
        from its row or column 0: the same ones whichever way the film is turned.
    length:
        Device pixels of the whole film along this axis.
    cells:
        Image pixels along this axis.
    """

    first: int
    last: int
    length: int
    cells: int

    @property
    def scale(self) -> float:
        """Device pixels per image pixel."""
        return self.length / self.cells

    def points(self) -> NDArray[np.float64]:
        """Image points (edge coordinates) under the centres of the device pixels, ascending."""
        return (np.arange(self.first, self.last, dtype=np.float64) + 0.5) / self.scale


@dataclass(frozen=True, slots=True)
class Placement:
    """The film as a rectangle of whole device pixels.

    The size of the film is rounded to whole device pixels and the scales follow from that, so
    that film, heat map and contours share every edge exactly.

    Attributes
    ----------
    rows, columns:
        Shape of the image as stored.
    top, left, height, width:
        Rectangle of the whole film, as it is turned, in device pixels of the view; it may reach
        outside.
    view:
        (height, width) of the view in device pixels.
    zoom:
        Device pixels along the shorter side of an image pixel, as asked for.
    turn:
        How the image is laid on the screen.
    aspect:
        Height of an image pixel over its width.
    """

    rows: int
    columns: int
    top: int
    left: int
    height: int
    width: int
    view: tuple[int, int]
    zoom: float
    turn: Turn = UPRIGHT
    aspect: float = 1.0

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        view: tuple[int, int],
        zoom: float | None = None,
        center: tuple[float, float] | None = None,
        *,
        turn: Turn = UPRIGHT,
        aspect: float = 1.0,
    ) -> "Placement":
        """The placement of an image of ``shape``; zoom, center and turn as in ``session.View``."""
        scale = fit_zoom(shape, view, turn=turn, aspect=aspect) if zoom is None else zoom
        rows, columns = (max(1, round(n * scale)) for n in _proportions(shape, aspect))
        height, width = turn.shape((rows, columns))
        row, column = center or (shape[0] / 2, shape[1] / 2)
        y, x = turn.point(row * rows / shape[0], column * columns / shape[1], (rows, columns))
        top, left = round(view[0] / 2 - y), round(view[1] / 2 - x)
        return cls(*shape, top, left, height, width, view, scale, turn, aspect)

    def zoomed(self, zoom: float) -> "Placement":
        """The same image in the same view at another zoom, its middle in the view's."""
        shape = self.rows, self.columns
        return Placement.of(shape, self.view, zoom, turn=self.turn, aspect=self.aspect)

    @property
    def extent(self) -> tuple[int, int]:
        """Device pixels of the whole film along the rows and columns of the image as stored."""
        return self.turn.shape((self.height, self.width))

    @property
    def row_scale(self) -> float:
        """Device pixels per image row."""
        return self.extent[0] / self.rows

    @property
    def column_scale(self) -> float:
        """Device pixels per image column."""
        return self.extent[1] / self.columns

    @property
    def visible(self) -> tuple[int, int, int, int]:
        """``(y0, x0, y1, x1)``: the part of the film inside the view, half open, maybe empty."""
        y0, x0 = max(0, self.top), max(0, self.left)
        y1 = min(self.view[0], self.top + self.height)
        x1 = min(self.view[1], self.left + self.width)
        return y0, x0, max(y0, y1), max(x0, x1)

    # points ----------------------------------------------------------------------------------

    def to_image(self, y: float, x: float) -> tuple[float, float]:
        """Image point (row, column) in edge coordinates of a point of the view."""
        along, across = self.turn.back(y - self.top, x - self.left, self.extent)
        return along / self.row_scale, across / self.column_scale

    def to_view(self, row: float, column: float) -> tuple[float, float]:
        """Point (y, x) of the view in device pixels of an image point."""
        along, across = row * self.row_scale, column * self.column_scale
        y, x = self.turn.point(along, across, self.extent)
        return self.top + y, self.left + x

    def center_for(self, row: float, column: float, y: float, x: float) -> tuple[float, float]:
        """The image point to centre so that (row, column) comes to lie under (y, x)."""
        now_y, now_x = self.to_view(row, column)
        return self.to_image(now_y - y + self.view[0] / 2, now_x - x + self.view[1] / 2)

    # arrays ----------------------------------------------------------------------------------

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """What is seen of the image's rows and of its columns."""
        y0, x0, y1, x1 = self.visible
        one = self.turn.back(y0 - self.top, x0 - self.left, self.extent)
        other = self.turn.back(y1 - self.top, x1 - self.left, self.extent)
        (r0, r1), (c0, c1) = (sorted((int(a), int(b))) for a, b in zip(one, other, strict=True))
        rows, columns = self.extent
        return Axis(r0, r1, rows, self.rows), Axis(c0, c1, columns, self.columns)

    def sample_points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Image rows and columns (edge coordinates) under the centres of the visible pixels.

        Both ascend, however the film is turned: what is sampled there is laid on the screen by
        :meth:`on_screen`.
        """
        rows, columns = self.axes
        return rows.points(), columns.points()

    def on_screen(self, values: NDArray[_T]) -> NDArray[_T]:
        """Values of the visible pixels on the image's axes, as they lie in the view; in C order."""
        return np.ascontiguousarray(self.turn.array(values))


def fit_zoom(
    shape: tuple[int, int],
    view: tuple[int, int],
    *,
    turn: Turn = UPRIGHT,
    aspect: float = 1.0,
) -> float:
    """The zoom at which the whole image just fits into the view."""
    rows, columns = _proportions(shape, aspect)
    room = turn.shape(view)
    return clamp_zoom(min(max(1, room[0]) / rows, max(1, room[1]) / columns))


def _proportions(shape: tuple[int, int], aspect: float) -> tuple[float, float]:
    """Size of an image in units of the shorter side of its pixels: nothing is below 1:1 at 1."""
    return shape[0] * max(1.0, aspect), shape[1] * max(1.0, 1 / aspect)


def clamp_zoom(zoom: float) -> float:
    """A zoom within what makes sense on any screen."""
    return min(HIGHEST_ZOOM, max(LOWEST_ZOOM, zoom))
