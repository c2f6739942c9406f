"""What went wrong, said once, over the image's lower edge, until it is put away."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from radsal.core.errors import BugError, KnownError, RadSalError

MARGIN, WIDTH = 16, 520


class Messages(QFrame):
    """A banner with the newest trouble; nothing is covered, nothing waits for a click."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setProperty("role", "banner")
        self.setProperty("tone", "amber")
        self._over = over
        self._what, self._remedy = QLabel(), QLabel()
        self._what.setProperty("role", "strong")
        self._remedy.setProperty("role", "secondary")
        for label in (self._what, self._remedy):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = QPushButton("Dismiss")
        close.setProperty("role", "quiet")
        close.clicked.connect(self.hide)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._what)
        texts.addWidget(self._remedy)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 8, 10)
        layout.addLayout(texts, 1)
        layout.addWidget(close, alignment=Qt.AlignmentFlag.AlignTop)
        over.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown, for tests and screen readers."""
        return f"{self._what.text()} {self._remedy.text()}".strip()

    def show_error(self, error: RadSalError) -> None:
        """Show an error and what can be done about it."""
        if isinstance(error, BugError):
            what = "RadSal made a mistake. What you entered is kept."
            remedy = f"{str(error).splitlines()[0]} (the log has the details)"
        else:
            what = error.reason if isinstance(error, KnownError) else str(error)
            remedy = error.remedy if isinstance(error, KnownError) else ""
        self._what.setText(what)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(self.text)
        self.show()
        self.raise_()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the lower edge when the image is resized."""
        if watched is self._over and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        width = min(WIDTH, self._over.width() - 2 * MARGIN)
        self.setFixedWidth(max(200, width))
        self.setFixedHeight(max(self.sizeHint().height(), self.heightForWidth(self.width())))
        left = (self._over.width() - self.width()) // 2
        self.move(left, self._over.height() - self.height() - MARGIN)
