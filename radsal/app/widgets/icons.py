"""The few icons there are, painted: no file, any size, any theme."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

Draw = Callable[[QPainter], None]


def _film(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(4, 3, 16, 18), 2, 2)
    painter.drawLine(QPointF(12, 6), QPointF(12, 16))
    for side in (-1, 1):
        for y in (8.5, 11.5, 14.5):
            path = QPainterPath(QPointF(12, y - 1))
            path.quadTo(QPointF(12 + side * 5, y - 1.5), QPointF(12 + side * 5, y + 2))
            painter.drawPath(path)


def _refused(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(3.5, 3.5, 17, 17))
    painter.drawLine(QPointF(6.2, 17.8), QPointF(17.8, 6.2))


def _lock(painter: QPainter) -> None:
    painter.drawRoundedRect(QRectF(5, 11, 14, 9), 2, 2)
    path = QPainterPath(QPointF(8, 11))
    path.lineTo(8, 8)
    path.arcTo(QRectF(8, 4, 8, 8), 180, -180)
    path.lineTo(16, 11)
    painter.drawPath(path)


def _notice(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(3.5, 3.5, 17, 17))
    painter.drawLine(QPointF(12, 7.5), QPointF(12, 13))
    painter.drawPoint(QPointF(12, 16.3))


def _search(painter: QPainter) -> None:
    painter.drawEllipse(QRectF(4.5, 4.5, 10, 10))
    painter.drawLine(QPointF(13.2, 13.2), QPointF(19.5, 19.5))


def _closed(painter: QPainter) -> None:
    painter.drawPolyline([QPointF(10, 7), QPointF(15, 12), QPointF(10, 17)])


def _open(painter: QPainter) -> None:
    painter.drawPolyline([QPointF(7, 10), QPointF(12, 15), QPointF(17, 10)])


_DRAWINGS: dict[str, Draw] = {
    "film": _film,
    "refused": _refused,
    "lock": _lock,
    "notice": _notice,
    "search": _search,
    "closed": _closed,
    "open": _open,
}


def pixmap(name: str, colour: str, size: int = 16, ratio: float = 2.0) -> QPixmap:
    """An icon as strokes of one colour, drawn on a grid of 24 and scaled to ``size``."""
    image = QPixmap(round(size * ratio), round(size * ratio))
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size * ratio / 24, size * ratio / 24)
    pen = QPen(QColor(colour), 1.7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    _DRAWINGS[name](painter)
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def icon(name: str, colour: str) -> QIcon:
    """The same for a button."""
    return QIcon(pixmap(name, colour))
