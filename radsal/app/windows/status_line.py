"""The status line: research use only, saved, model, device, what digits do, reader, work."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton

from radsal.app.viewer import Hover
from radsal.app.widgets.observe import Observer, Refresh, set_property
from radsal.core.progress import Progress
from radsal.session import Session

SAID_FOR = 8_000  # milliseconds that a quiet sentence stays


class StatusLine(QFrame):
    """Shows state; the only thing that can be pressed is Cancel."""

    cancelRequested = Signal()  # noqa: N815 - Qt's convention

    def __init__(self, session: Session, reader: str) -> None:
        super().__init__()
        self.setProperty("role", "status")
        self._session = session
        self._waiting = 0
        self._failed = False
        self._research = _label("Research use only. Not for diagnostic use.", "amber")
        self._saved, self._model = _label(), _label()
        self._device, self._digits = _label(), _label()
        self._said, self._pixel, self._reader = _label(), _label(), _label(reader)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(140)
        self._progress.setTextVisible(False)
        self._cancel = QPushButton("Cancel")
        self._cancel.setProperty("role", "quiet")
        self._cancel.clicked.connect(self.cancelRequested)
        self._lay_out()
        self._timer = QTimer(self, singleShot=True, interval=SAID_FOR)
        self._timer.timeout.connect(lambda: self._said.setText(""))
        self._refresh = Refresh(self, self.refresh)
        observer, events = Observer(self), session.reading.events
        observer.watch(
            self._refresh.later,
            events.saved_at, events.model, events.analysis, events.spot, events.read, events.case,
        )  # fmt: skip
        self.work(None)
        self.refresh()

    def set_reader(self, name: str) -> None:
        """Show under which name verdicts are given."""
        self._reader.setText(name)

    def say(self, sentence: str) -> None:
        """Show a quiet sentence for a while."""
        self._said.setText(sentence)
        self._timer.start()

    def work(self, progress: Progress | None) -> None:
        """Show how far long work is; None when there is none."""
        for widget in (self._progress, self._cancel):
            widget.setVisible(progress is not None)
        if progress is None:
            return
        self._progress.setRange(0, progress.total)
        self._progress.setValue(progress.done)
        self._said.setText(progress.what)
        self._timer.start()

    def show_pixel(self, hover: Hover | None) -> None:
        """Show what is under the mouse: row, column, value and the map's raw value."""
        self._pixel.setText(pixel_text(hover))

    def unsaved(self, waiting: int, kept: int) -> None:
        """How many saves are on their way, and how many reads could not be saved."""
        self._waiting = waiting
        self._failed = kept > 0
        self.refresh()

    def refresh(self) -> None:
        """Write every text anew."""
        reading = self._session.reading
        self._saved.setText(self._saved_text())
        set_property(self._saved, "role", "red" if self._failed else "secondary")
        model, analysis = reading.model, reading.analysis
        self._model.setText(
            f"{model.id} · sha256 {model.sha256[:4]}…{model.sha256[-4:]}" if model else ""
        )
        self._device.setText(
            f"{analysis.device} · {analysis.milliseconds:.0f} ms" if analysis else ""
        )
        self._digits.setText(self._digits_text())

    def _saved_text(self) -> str:
        if self._failed:
            return "⚠ Not saved: press Ctrl+S to try again"
        if self._waiting:
            return "Saving…"
        saved = self._session.reading.saved_at
        return f"Saved {saved.astimezone():%H:%M:%S}" if saved else ""

    def _digits_text(self) -> str:
        reading = self._session.reading
        if reading.radiograph is None:
            return ""
        if reading.active_spot is None:
            return "Digits: window presets"
        if reading.locked:
            return "Signed: verdicts are locked"
        return f"Digits: verdict on hot spot {reading.active_spot.rank}, Esc leaves it"

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 4)
        layout.setSpacing(18)
        for label in (self._research, self._saved, self._model, self._device, self._digits):
            layout.addWidget(label)
        layout.addStretch(1)
        for widget in (self._said, self._progress, self._cancel, self._pixel, self._reader):
            layout.addWidget(widget)


def pixel_text(hover: Hover | None) -> str:
    """Row and column from 0, the value after the modality stage or RGB, the map's raw value."""
    if hover is None:
        return ""
    heat = "" if hover.map_value is None else f" · map {hover.map_value:.3g}"
    here = "RGB {} {} {}".format(*hover.colour) if hover.colour else f"{hover.value:g}"
    return f"row {hover.row}, column {hover.column}: {here}{heat}"


def _label(text: str = "", role: str = "secondary") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label
