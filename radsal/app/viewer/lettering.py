"""Letters on the film: each text is drawn once, with its shadow, and kept as a small picture."""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from radsal.app.theme.fonts import SMALL, ui_font
from radsal.app.theme.tokens import DARK

EDGE = 2.0
_AROUND = ((-1, -1), (-1, 1), (1, -1), (1, 1), (0, 1.4), (1.4, 0), (0, -1.4), (-1.4, 0))
_Align = Qt.AlignmentFlag


def paint_text(
    painter: QPainter,
    box: QRectF,
    text: str,
    *,
    shadow: bool,
    size: int = SMALL,
    strong: bool = False,
    align: Qt.AlignmentFlag = _Align.AlignLeft,
) -> None:
    """Draw a text in the middle of a box's height, with a dark edge where it is on the film."""
    ratio = painter.device().devicePixelRatio()
    image = _lettered(text, size, strong, shadow, ratio)
    width, height = image.width() / ratio - 2 * EDGE, image.height() / ratio - 2 * EDGE
    x = box.left()
    if align == _Align.AlignRight:
        x = box.right() - width
    elif align == _Align.AlignHCenter:
        x = box.center().x() - width / 2
    y = box.center().y() - height / 2
    painter.drawImage(QPointF(round(x - EDGE), round(y - EDGE)), image)


@lru_cache(maxsize=256)
def _lettered(text: str, size: int, strong: bool, shadow: bool, ratio: float) -> QImage:
    font = ui_font(size, strong=strong)
    metrics = QFontMetricsF(font)
    box = QRectF(EDGE, EDGE, metrics.horizontalAdvance(text) + 1, metrics.height())
    extent = box.adjusted(-EDGE, -EDGE, EDGE, EDGE).size() * ratio
    image = QImage(extent.toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setFont(font)
    _draw(painter, box, text, shadow=shadow)
    painter.end()
    return image


def _draw(painter: QPainter, box: QRectF, text: str, *, shadow: bool) -> None:
    flags = _Align.AlignLeft | _Align.AlignVCenter
    if shadow:
        painter.setPen(QColor(0, 0, 0, 170))
        for dx, dy in _AROUND:
            painter.drawText(box.translated(dx, dy), flags, text)
    painter.setPen(QColor(DARK.text))
    painter.drawText(box, flags, text)
