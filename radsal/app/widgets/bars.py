"""Bars: a share of one, as a line that is filled from the left."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from radsal.app.theme.tokens import DARK, Tokens

THICK = 6.0


def paint_bar(painter: QPainter, box: QRectF, value: float, colour: str, groove: str) -> None:
    """Draw groove and value (0 to 1) in the middle of a box."""
    line = QRectF(box.left(), box.center().y() - THICK / 2, box.width(), THICK)
    _fill(painter, line, groove)
    if value > 0:
        line.setWidth(max(THICK, line.width() * value))
        _fill(painter, line, colour)


def _fill(painter: QPainter, box: QRectF, colour: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(box, THICK / 2, THICK / 2)


class Bar(QWidget):
    """A horizontal bar from 0 to 1."""

    def __init__(self, value: float, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._value = value
        self._colour = tokens.accent
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_colour(self, colour: str) -> None:
        """Fill in a token's colour."""
        self._colour = colour
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as there is room."""
        return QSize(160, 6)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw groove and value."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_bar(painter, QRectF(self.rect()), self._value, self._colour, self._tokens.line)
        painter.end()
