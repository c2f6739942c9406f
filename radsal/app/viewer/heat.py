"""The heat layer: uniform opacity where the map reaches the threshold, nothing below."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.raster import as_image, extent
from radsal.core import colormaps
from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus, SaliencyMap

STEPS = 1024


@dataclass(frozen=True, slots=True)
class HeatLook:
    """How a map is coloured: the fields of ``session.View`` that matter for it."""

    colormap: str
    opacity: float
    threshold: float


def heat_colours(look: HeatLook) -> NDArray[np.uint32]:
    """Premultiplied 0xAARRGGBB for each step of the map's own range, 0 to its maximum."""
    share = np.arange(STEPS) / (STEPS - 1)
    rgb = colormaps.table(look.colormap)[np.rint(share * 255).astype(np.intp)].astype(np.float64)
    alpha = np.where((share >= look.threshold) & (share > 0), look.opacity, 0.0)
    red, green, blue = np.rint(rgb * alpha[:, None]).astype(np.uint32).T
    opaque = np.rint(alpha * 255).astype(np.uint32)
    return np.asarray(opaque << 24 | red << 16 | green << 8 | blue, dtype=np.uint32)


def steps_at(saliency: SaliencyMap, placement: Placement, *, native_grid: bool) -> NDArray[np.intp]:
    """Steps of the map under the visible pixels of the film as it is turned, below 0 if negative.

    With ``native_grid`` each pixel has the value of the grid cell that it lies in.
    """
    rows, columns = placement.sample_points()
    top = max(float(saliency.values.max()), 1e-30)
    scaled = saliency.values * np.float32((STEPS - 1) / top)
    if native_grid:
        values = _cells(saliency.mapping, scaled, rows, columns)
    else:
        values = saliency.mapping.sample(scaled, rows, columns)
    # rounded down: a value below the threshold never reaches the step that shows
    values += np.float32(1e-3)
    return placement.on_screen(values.astype(np.intp))


def _cells(
    mapping: GridMapping,
    values: NDArray[np.float32],
    rows: NDArray[np.float64],
    columns: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Values of the native cells, without interpolation, 0 where the grid does not reach."""
    grid = mapping.upright(values)
    at_r, in_r = _cell(rows, mapping.row_scale, mapping.row_offset, grid.shape[0])
    at_c, in_c = _cell(columns, mapping.column_scale, mapping.column_offset, grid.shape[1])
    out = grid[at_r][:, at_c]
    out[~in_r] = 0
    out[:, ~in_c] = 0
    return out


def _cell(
    points: NDArray[np.float64], scale: float, offset: float, cells: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    edge = (points - offset) / scale
    inside = (edge >= 0) & (edge < cells)
    return np.clip(np.floor(edge), 0, cells - 1).astype(np.intp), inside


class HeatMap:
    """One saliency map on screen: its steps at view resolution and the pixels made of them."""

    def __init__(self, saliency: SaliencyMap) -> None:
        self.saliency = saliency
        self._where: tuple[Placement, bool] | None = None
        self._steps = np.empty((0, 0), np.intp)
        self._look: HeatLook | None = None
        self._pixels = np.empty((0, 0), np.uint32)
        self._image = QImage()
        self._corner = (0, 0)

    def image(
        self, placement: Placement, look: HeatLook, *, native_grid: bool
    ) -> tuple[QImage, tuple[int, int]]:
        """The part of the map that shows, and its corner (y, x) in device pixels of the view."""
        if self.saliency.status is not MapStatus.OK:
            return QImage(), (0, 0)
        moved = self._where != (placement, native_grid)
        if moved:
            self._steps = steps_at(self.saliency, placement, native_grid=native_grid)
            self._where = (placement, native_grid)
        if moved or look != self._look:
            self._look = look
            self._colour(placement, look)
        return self._image, self._corner

    def _colour(self, placement: Placement, look: HeatLook) -> None:
        """Look up only the rectangle in which anything shows."""
        colours = heat_colours(look)
        r0, c0, r1, c1 = extent(self._steps >= np.argmax(colours > 0) if colours.any() else None)
        self._pixels = np.take(colours, self._steps[r0:r1, c0:c1], mode="clip")
        self._image = as_image(self._pixels, QImage.Format.Format_ARGB32_Premultiplied)
        self._corner = placement.visible[0] + r0, placement.visible[1] + c0
