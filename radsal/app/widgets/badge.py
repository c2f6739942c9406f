"""The numbered disc that stands for a hot spot, on its card and on its contour."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from radsal.app.theme.fonts import ui_font
from radsal.app.theme.tokens import DARK, Tokens


def paint_disc(
    painter: QPainter,
    centre: QPointF,
    radius: float,
    number: int,
    fill: str,
    ink: str = DARK.background,
) -> None:
    """Draw the disc of a hot spot in logical pixels."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawEllipse(centre, radius, radius)
    painter.setFont(ui_font(radius * (1.2 if number < 10 else 1.0), strong=True))
    painter.setPen(QColor(ink))
    box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.restore()


class SpotBadge(QWidget):
    """A disc with the rank of a hot spot; amber while it is the active one."""

    def __init__(self, number: int, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._tokens = tokens
        self._active = False
        self.setFixedSize(QSize(18, 18))

    def set_active(self, active: bool) -> None:
        """Colour the disc as on the image."""
        self._active = active
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the disc."""
        painter = QPainter(self)
        fill = self._tokens.amber if self._active else self._tokens.accent
        paint_disc(painter, QPointF(9, 9), 9, self._number, fill, self._tokens.on_accent)
        painter.end()
