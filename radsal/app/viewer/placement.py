"""Where the film lies in the view: the one mapping that everything drawn on it goes through."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LOWEST_ZOOM, HIGHEST_ZOOM = 0.02, 64.0


@dataclass(frozen=True, slots=True)
class Placement:
    """The film as a rectangle of whole device pixels.

    The size of the film is rounded to whole device pixels and the scales follow from that, so
    that film, heat map and contours share every edge exactly.

    Attributes
    ----------
    rows, columns:
        Shape of the image.
    top, left, height, width:
        Rectangle of the whole film in device pixels of the view; it may reach outside.
    view:
        (height, width) of the view in device pixels.
    zoom:
        Device pixels per image pixel, as asked for.
    """

    rows: int
    columns: int
    top: int
    left: int
    height: int
    width: int
    view: tuple[int, int]
    zoom: float

    @classmethod
    def of(
        cls,
        shape: tuple[int, int],
        view: tuple[int, int],
        zoom: float | None = None,
        center: tuple[float, float] | None = None,
    ) -> "Placement":
        """The placement of an image of ``shape``; zoom and center as in ``session.View``."""
        scale = fit_zoom(shape, view) if zoom is None else zoom
        row, column = center or (shape[0] / 2, shape[1] / 2)
        height, width = (max(1, round(n * scale)) for n in shape)
        top = round(view[0] / 2 - row * height / shape[0])
        left = round(view[1] / 2 - column * width / shape[1])
        return cls(*shape, top, left, height, width, view, scale)

    @property
    def row_scale(self) -> float:
        """Device pixels per image row."""
        return self.height / self.rows

    @property
    def column_scale(self) -> float:
        """Device pixels per image column."""
        return self.width / self.columns

    @property
    def visible(self) -> tuple[int, int, int, int]:
        """``(y0, x0, y1, x1)``: the part of the film inside the view, half open, maybe empty."""
        y0, x0 = max(0, self.top), max(0, self.left)
        y1 = min(self.view[0], self.top + self.height)
        x1 = min(self.view[1], self.left + self.width)
        return y0, x0, max(y0, y1), max(x0, x1)

    def to_image(self, y: float, x: float) -> tuple[float, float]:
        """Image point (row, column) in edge coordinates of a point of the view."""
        return (y - self.top) / self.row_scale, (x - self.left) / self.column_scale

    def to_view(self, row: float, column: float) -> tuple[float, float]:
        """Point (y, x) of the view in device pixels of an image point."""
        return self.top + row * self.row_scale, self.left + column * self.column_scale

    def sample_points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Image rows and columns (edge coordinates) under the centres of the visible pixels."""
        y0, x0, y1, x1 = self.visible
        rows = (np.arange(y0, y1, dtype=np.float64) + 0.5 - self.top) / self.row_scale
        columns = (np.arange(x0, x1, dtype=np.float64) + 0.5 - self.left) / self.column_scale
        return rows, columns

    def center_for(self, row: float, column: float, y: float, x: float) -> tuple[float, float]:
        """The image point to centre so that (row, column) comes to lie under (y, x)."""
        return (
            row - (y - self.view[0] / 2) / self.row_scale,
            column - (x - self.view[1] / 2) / self.column_scale,
        )


def fit_zoom(shape: tuple[int, int], view: tuple[int, int]) -> float:
    """The zoom at which the whole image just fits into the view."""
    return clamp_zoom(min(max(1, view[0]) / shape[0], max(1, view[1]) / shape[1]))


def clamp_zoom(zoom: float) -> float:
    """A zoom within what makes sense on any screen."""
    return min(HIGHEST_ZOOM, max(LOWEST_ZOOM, zoom))
