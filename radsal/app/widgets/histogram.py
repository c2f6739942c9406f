"""Where one value lies beside many: a histogram with a mark."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from radsal.app.theme.tokens import DARK, Tokens

BINS = 28
HEIGHT = 40
GAP = 1.0
MARK = 8.0


class Histogram(QWidget):
    """Bars for many values and one amber mark for the value that they are compared with."""

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._counts: list[int] = []
        self._place = 0.0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, values: Sequence[float], mark: float) -> None:
        """Draw other values and another mark; no values draw nothing."""
        self._counts, self._place = binned(values, mark)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as there is room."""
        return QSize(200, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw bars from the line at the bottom, and the mark over them."""
        if not self._counts:
            return
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        room = self.width() - MARK
        wide, high = room / len(self._counts), self.height() - 2.0
        painter.setBrush(QColor(self._tokens.secondary))
        for place, count in enumerate(self._counts):
            bar = high * count / max(self._counts)
            left = MARK / 2 + place * wide
            painter.drawRect(QRectF(left, high - bar, max(wide - GAP, 1.0), bar))
        painter.setBrush(QColor(self._tokens.line))
        painter.drawRect(QRectF(0, high, self.width(), 1.0))
        painter.setBrush(QColor(self._tokens.amber))
        painter.drawRoundedRect(QRectF(self._place * room, high - 22, MARK, 22), 2, 2)
        painter.end()


def binned(values: Sequence[float], mark: float) -> tuple[list[int], float]:
    """Counts in equal bins from the smallest to the largest, the mark included, and its place.

    Returns
    -------
    The counts, none where there are no values; and where the mark lies, 0 to 1.
    """
    if not values:
        return [], 0.0
    low, high = min(*values, mark), max(*values, mark)
    span = (high - low) or 1.0
    counts = [0] * BINS
    for value in values:
        counts[min(int((value - low) / span * BINS), BINS - 1)] += 1
    return counts, (mark - low) / span
