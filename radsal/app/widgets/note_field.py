"""A field for a remark: one line that grows, and tells its text when the reader pauses."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from radsal.app.widgets.observe import set_property

PAUSE_MS = 800
MOST_LINES = 5


class NoteField(QPlainTextEdit):
    """``committed`` carries the text after a pause, on Enter, Esc, and when the focus leaves.

    Enter ends the entry, Shift+Enter begins a new line. A text that is set from outside never
    takes away what is being typed.
    """

    committed = Signal(str)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = ""
        self.setPlaceholderText(hint)
        self.setAccessibleName(hint)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(3)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self.textChanged.connect(self._typed)
        self._grow()

    def show_text(self, text: str) -> None:
        """Show the text that the model holds, unless a newer one is being typed."""
        if self.toPlainText() != self._known or text == self._known:
            return
        self._known = text
        with QSignalBlocker(self):
            self.setPlainText(text)
        self._grow()

    def lock(self, locked: bool) -> None:
        """Show the text without letting it be changed."""
        self.setReadOnly(locked)
        set_property(self, "readOnly", locked)

    def commit(self) -> None:
        """Tell the text now, if it is new."""
        self._pause.stop()
        text = self.toPlainText()
        if text != self._known:
            self._known = text
            self.committed.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter and Esc leave the field."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        leave = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
        if plain and event.key() in leave:
            self.commit()
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Leaving the field commits."""
        self.commit()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width may need another number of lines."""
        super().resizeEvent(event)
        self._grow()

    def _typed(self) -> None:
        self._grow()
        self._pause.start()

    def _grow(self) -> None:
        lines = int(self.document().size().height())
        self.setFixedHeight(max(1, min(lines, MOST_LINES)) * self.fontMetrics().lineSpacing() + 12)
