"""A quiet line over the film: why there is no heat map."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from radsal.app.theme.fonts import ui_font
from radsal.app.theme.tokens import DARK
from radsal.core.results import MapStatus, SaliencyMap

NOTHING = "No positive evidence anywhere"


def banner_text(saliency: SaliencyMap | None) -> str:
    """What to say of a map that is not drawn; nothing where it is."""
    if saliency is None or saliency.status is MapStatus.OK:
        return ""
    if saliency.status is MapStatus.EMPTY:
        return NOTHING
    return f"No map: {saliency.reason or 'the method failed'}"


def paint_banner(painter: QPainter, view: QRectF, text: str) -> None:
    """Draw the line low in the view, clear of letters and of where tags are burned in."""
    painter.save()
    painter.setFont(ui_font())
    metrics = QFontMetricsF(painter.font())
    room = view.width() - 360 if view.width() > 720 else view.width() - 32
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(shown) + 28
    box = QRectF(view.center().x() - width / 2, view.bottom() - 96, width, 30)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(DARK.line))
    painter.setBrush(QColor(16, 18, 20, 225))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(DARK.text))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
    painter.restore()
