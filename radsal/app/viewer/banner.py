"""A quiet line over the film: why there is no heat map, or not the one that is expected."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from radsal.app.theme.fonts import ui_font
from radsal.app.theme.tokens import DARK
from radsal.core.figures import percent
from radsal.core.results import MapStatus, SaliencyMap
from radsal.core.rules import Shown
from radsal.session.reading import Reading

PREVIEW = "Preview, coarse"
NOTHING = "No positive evidence anywhere"
AGAINST = "what speaks against the finding is drawn"


def banner_text(saliency: SaliencyMap, shown: Shown | None, threshold: float = 0.0) -> str:
    """What to say of a map that is not drawn, or not for the finding; nothing of another.

    What an empty map has against the finding is drawn where the rule asks for it. ``shown`` is
    None while the heat map is switched off.
    """
    if saliency.status is MapStatus.FAILED:
        return f"No map: {saliency.reason or 'the method failed'}"
    if saliency.status is MapStatus.EMPTY:
        return f"{NOTHING}; {AGAINST}" if shown is not None and shown.top > 0 else NOTHING
    if shown is None or (shown.reach > 0 and shown.reach >= threshold):
        return ""
    if shown.top <= 0:
        return f"No {shown.rule.sign.value} evidence anywhere"
    return f"Below the threshold everywhere: at most {percent(shown.reach)} of the {shown.of_what}"


def waiting_text(reading: Reading) -> str:
    """What to say while the map of the selected finding is not there; nothing where it is."""
    asking = reading.asking
    if reading.saliency is not None:
        return ""
    if asking.ended:
        return f"{asking.subject}: {asking.ended}"
    if asking.progress is None or not reading.takes_long:  # what is cheap is soon there
        return ""
    said = f"{asking.subject}: {asking.far}"
    return f"{PREVIEW} · {said}" if reading.shown_saliency else said


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
