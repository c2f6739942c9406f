"""One finding of the model: its probability against its operating point."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from radsal.app.theme.fonts import ui_font
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.bars import paint_bar
from radsal.app.widgets.labels import tip
from radsal.core.figures import percent
from radsal.core.results import Prediction

HEIGHT = 27
NAME = 108
FIGURE = 48


class FindingRow(QAbstractButton):
    """A line that selects its finding; the bar is blue where the finding is called."""

    def __init__(
        self, prediction: Prediction, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.prediction = prediction
        self._tokens = tokens
        self.setCheckable(True)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tip(sentence(prediction)))
        self.setAccessibleName(sentence(prediction))

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as there is room."""
        return QSize(300, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw name, bar with the operating point, and probability."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        text = QColor(self._tokens.text)
        painter.setPen(text)
        painter.setFont(ui_font(strong=self.isChecked()))
        metrics, inner = QFontMetrics(painter.font()), self.rect().adjusted(6, 0, -6, 0)
        name = metrics.elidedText(self.prediction.finding, Qt.TextElideMode.ElideRight, NAME - 6)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, name)
        figure = percent(self.prediction.probability)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, right, figure)
        self._paint_bar(painter, inner)
        painter.end()

    def _paint_ground(self, painter: QPainter) -> None:
        if self.isChecked() or self.underMouse():
            colour = self._tokens.raised if self.isChecked() else self._tokens.background
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(self.rect(), 4, 4)
        if self.hasFocus():
            painter.setPen(QColor(self._tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_bar(self, painter: QPainter, inner: QRect) -> None:
        box = QRectF(inner.left() + NAME, 0, inner.width() - NAME - FIGURE, self.height())
        found = self.prediction
        colour = self._tokens.accent if found.positive else self._tokens.faint
        ground = self._tokens.raised if self.isChecked() else self._tokens.panel
        paint_bar(painter, box, found.probability, colour, self._tokens.line)
        x = round(box.left() + found.operating_point * (box.width() - 2))
        middle = round(box.center().y())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.fillRect(x - 1, middle - 6, 4, 13, QColor(ground))
        painter.fillRect(x, middle - 6, 2, 13, QColor(self._tokens.text))


def sentence(prediction: Prediction) -> str:
    """``Opacity 94%, above the operating point 41%.``"""  # noqa: D400
    side = "above" if prediction.probability > prediction.operating_point else "below"
    if prediction.probability == prediction.operating_point:
        side = "at"
    point = percent(prediction.operating_point)
    return f"{prediction.finding} {percent(prediction.probability)}, {side} the operating point {point}."
