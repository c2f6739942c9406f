"""The colour bar: what the colours of the heat map stand for."""

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from radsal.app.theme.fonts import TINY
from radsal.app.theme.tokens import DARK
from radsal.app.viewer.corners import MARGIN
from radsal.app.viewer.lettering import paint_text
from radsal.app.viewer.raster import as_image
from radsal.core import colormaps
from radsal.core.figures import percent
from radsal.core.results import SaliencyMap
from radsal.saliency.catalogue import title_of

WIDTH = 10.0


def bar_box(view: QRectF) -> QRectF:
    """Where the bar stands: at the right, below the middle, clear of letters and corners."""
    length = min(240.0, 0.26 * view.height())
    top = view.center().y() + 26
    return QRectF(view.right() - MARGIN - WIDTH, top, WIDTH, length)


def legend(saliency: SaliencyMap) -> tuple[str, str]:
    """Method and native grid, and the rule by which the display normalises."""
    h, w = saliency.grid
    return f"{title_of(saliency.method)}, {h}×{w} grid", "per-map maximum"


def paint_colorbar(
    painter: QPainter, view: QRectF, saliency: SaliencyMap, colormap: str, threshold: float
) -> None:
    """Draw the scale, its ends, the threshold and the words, in logical pixels."""
    box = bar_box(view)
    painter.save()
    scale = _scale(colormap)
    painter.drawImage(box, as_image(scale, QImage.Format.Format_RGB32))
    painter.setPen(QColor(255, 255, 255, 70))
    painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
    _paint_ends(painter, box)
    _paint_threshold(painter, box, threshold)
    for place, text in enumerate(legend(saliency)):
        _right(painter, box.right(), box.bottom() + 14 + 15 * place, text)
    painter.restore()


def _scale(colormap: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    red, green, blue = colormaps.table(colormap)[::-1].astype(np.uint32).T
    column = 0xFF000000 | red << 16 | green << 8 | blue
    return np.ascontiguousarray(column.astype(np.uint32)[:, None])


def _paint_ends(painter: QPainter, box: QRectF) -> None:
    _right(painter, box.left() - 6, box.top() + 5, "max")
    _right(painter, box.left() - 6, box.bottom() - 4, "0")


def _paint_threshold(painter: QPainter, box: QRectF, threshold: float) -> None:
    y = round(box.bottom() - threshold * box.height())
    if threshold <= 0:
        return
    dimmed = QRectF(box.left(), y, box.width(), box.bottom() - y)
    painter.fillRect(dimmed, QColor(0, 0, 0, 150))
    painter.fillRect(QRectF(box.left() - 3, y - 1, WIDTH + 6, 2), QColor(DARK.text))
    if 0.07 < threshold < 0.93:
        _right(painter, box.left() - 6, y, percent(threshold))


def _right(painter: QPainter, right: float, middle: float, text: str) -> None:
    box = QRectF(right - 200, middle - 8, 200, 16)
    align = Qt.AlignmentFlag.AlignRight
    paint_text(painter, box, text, shadow=True, size=TINY, align=align)
