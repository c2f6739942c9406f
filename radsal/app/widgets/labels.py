"""Labels: sized by role, elided where there is no room, never clipped."""

from html import escape

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from radsal.app.theme.fonts import heading_font


def label(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label of a role of the stylesheet; plain text, whatever a file may contain."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


def tip(text: str) -> str:
    """A tooltip's text that is shown as it stands, whatever a file may contain.

    Qt takes a tooltip that looks like HTML for HTML, and would load the pictures that it names.
    """
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>'


def heading(text: str = "") -> QLabel:
    """The small capitals above a section."""
    made = label(text.upper(), "heading")
    made.setFont(heading_font())
    return made


def rule() -> QFrame:
    """A one-pixel line between sections."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class ElidedLabel(QLabel):
    """A label in one line that ends in … where it does not fit, and then says all in its tip."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show another text, and say no more of the old one."""
        super().setText(text)
        self._tell_whole()

    def shown_text(self) -> str:
        """What is drawn: the text, or its beginning and an ellipsis."""
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width() - 1
        )

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Narrow: the text gives way."""
        return QSize(16, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Say the whole text in the tip exactly where it is cut."""
        super().resizeEvent(event)
        self._tell_whole()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the text, elided."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), int(self.alignment()), self.shown_text())
        painter.end()

    def _tell_whole(self) -> None:
        self.setToolTip(tip(self.text()) if self.shown_text() != self.text() else "")
