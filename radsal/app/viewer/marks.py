"""Heat map, overlays and outlines in one picture, so that a change of window blends only once."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter

from radsal.app.viewer.contours import RADIUS, Outline, paint_outlines
from radsal.app.viewer.heat import HeatLook, HeatMap
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.planes import Ink

_REACH = RADIUS + 4
Layer = tuple[QImage, tuple[int, int]]  # a picture and its corner (y, x), in device pixels


class Marks:
    """What is laid over the film, in device pixels; made anew only where something changed."""

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio
        self._key: object = None
        self._image = QImage()
        self._corner = QPointF()

    def paint(
        self,
        painter: QPainter,
        placement: Placement,
        heat: tuple[HeatMap, HeatLook, bool] | None,
        ink: Ink | None,
        outlines: Sequence[Outline],
        active: str | None,
    ) -> None:
        """Blend the marks over the film. ``heat`` is the map, its look and "native grid"."""
        key = placement, heat, ink, outlines, active
        if self._key != key:
            layers = _heat_layer(placement, heat), _ink_layer(placement, ink)
            self._make(placement, layers, outlines, active)
            self._key = key
        if not self._image.isNull():
            painter.drawImage(self._corner, self._image)

    def _make(
        self,
        placement: Placement,
        layers: Sequence[Layer],
        outlines: Sequence[Outline],
        active: str | None,
    ) -> None:
        box = self._reach(outlines)
        for picture, (y, x) in layers:
            box |= QRect(x, y, picture.width(), picture.height())
        box &= QRect(0, 0, placement.view[1], placement.view[0])
        self._image = QImage(box.size(), QImage.Format.Format_ARGB32_Premultiplied)
        self._corner = QPointF(box.x() / self.ratio, box.y() / self.ratio)
        if self._image.isNull():
            return
        self._image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._image)
        for picture, (y, x) in layers:
            painter.drawImage(x - box.x(), y - box.y(), picture)
        painter.scale(self.ratio, self.ratio)
        painter.translate(-self._corner)
        paint_outlines(painter, outlines, active)
        painter.end()
        self._image.setDevicePixelRatio(self.ratio)

    def _reach(self, outlines: Sequence[Outline]) -> QRect:
        """Whole device pixels around all outlines and discs."""
        box = QRectF()
        for outline in outlines:
            box |= outline.polygon.boundingRect().adjusted(-_REACH, -_REACH, _REACH, _REACH)
        left, top = math.floor(box.left() * self.ratio), math.floor(box.top() * self.ratio)
        right, bottom = math.ceil(box.right() * self.ratio), math.ceil(box.bottom() * self.ratio)
        return QRect(left, top, right - left, bottom - top)


def _heat_layer(placement: Placement, heat: tuple[HeatMap, HeatLook, bool] | None) -> Layer:
    if heat is None:
        return QImage(), (0, 0)
    layer, look, native = heat
    return layer.image(placement, look, native_grid=native)


def _ink_layer(placement: Placement, ink: Ink | None) -> Layer:
    return (QImage(), (0, 0)) if ink is None else ink.image(placement)
