"""What the view shows while there is no image: how to begin, that it loads, why it cannot."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from radsal.app.theme.tokens import DARK
from radsal.app.widgets.icons import pixmap
from radsal.app.widgets.labels import label
from radsal.app.widgets.words import exam, patient
from radsal.session.reading import Reading

TEXT_WIDTH = 460
NEWCOMER = "Drop a folder of DICOM files here, or press Ctrl+O."
ABOUT = (
    "RadSal shows where an X-ray classifier looks, and asks you what you see there. "
    "The demo cases are synthetic: no patient is in them."
)


class ViewState(QWidget):
    """One message in the middle of the black view."""

    openRequested = Signal()  # noqa: N815
    demoRequested = Signal()  # noqa: N815

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("viewState")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._icon = QLabel()
        self._title = label("", "title", wrap=True)
        self._code = label("", "code")
        self._text = label("", "", wrap=True)
        self._hint = label("", "secondary", wrap=True)
        self._busy = _busy_line()
        self._buttons = self._make_buttons()
        self._lay_out()

    def follow(self, reading: Reading) -> None:
        """Show what the reading asks for; hide while there is an image."""
        self.setVisible(reading.radiograph is None)
        if reading.refusal is not None:
            self._show_refused(reading)
        elif reading.header is not None:
            self._show_loading(reading)
        else:
            self._show_empty()

    def _show_empty(self) -> None:
        self._say("film", "No case is open", NEWCOMER, ABOUT)
        self._buttons.show()

    def _show_loading(self, reading: Reading) -> None:
        assert reading.header is not None
        what = f"{patient(reading.header)} · {exam(reading.header)}"
        self._say("film", "Loading the image", what, reading.header.path.name)
        self._busy.show()

    def _show_refused(self, reading: Reading) -> None:
        assert reading.refusal is not None
        refusal = reading.refusal
        others = "Every other file stays open; PgDn goes on with the next case."
        said = f"{refusal.reason} {refusal.remedy}".rstrip()
        self._say("refused", "This image cannot be shown", said, others)
        self._code.setText(f"{refusal.code} · {refusal.path.name}")
        self._code.show()

    def _say(self, icon: str, title: str, text: str, hint: str) -> None:
        colour = DARK.amber if icon == "refused" else DARK.faint
        self._icon.setPixmap(pixmap(icon, colour, 48))
        self._title.setText(title)
        self._text.setText(text)
        self._hint.setText(hint)
        for part in (self._code, self._busy, self._buttons):
            part.hide()

    def _make_buttons(self) -> QWidget:
        box = QWidget()
        box.setProperty("role", "plain")
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 12, 0, 0)
        row.setSpacing(8)
        folder, demo = QPushButton("Open folder…"), QPushButton("Open the demo cases")
        folder.setProperty("role", "primary")
        folder.clicked.connect(self.openRequested)
        demo.clicked.connect(self.demoRequested)
        row.addStretch()
        row.addWidget(folder)
        row.addWidget(demo)
        row.addStretch()
        return box

    def _lay_out(self) -> None:
        box = QWidget()
        box.setProperty("role", "plain")
        box.setFixedWidth(TEXT_WIDTH)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self._icon, self._title, self._code, self._text, self._hint):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            narrow = Qt.AlignmentFlag.AlignHCenter if part is self._code else Qt.AlignmentFlag(0)
            column.addWidget(part, 0, narrow)
        column.addWidget(self._busy, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._buttons)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(box)
        row.addStretch()
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(row)
        whole.addStretch(3)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """It asks the window for nothing."""
        return QSize(0, 0)


def _busy_line() -> QProgressBar:
    line = QProgressBar()
    line.setRange(0, 0)
    line.setTextVisible(False)
    line.setFixedWidth(180)
    return line
