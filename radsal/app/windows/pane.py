"""One pane: a line of what it shows above the image."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from radsal.app.actions.workstation import Workstation
from radsal.app.viewer import ImageCanvas
from radsal.app.widgets.labels import heading
from radsal.app.widgets.observe import Observer
from radsal.app.windows.pane_bar import PaneBar, quiet_button
from radsal.saliency.catalogue import CONSENSUS, SPREAD
from radsal.session import Beside, Pane


class Told(QLabel):
    """Sentences over the lower edge of a canvas: they take no room from the image."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "told")
        self.setWordWrap(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._canvas = canvas
        canvas.installEventFilter(self)
        self.hide()

    def say(self, text: str) -> None:
        """Show sentences; none hide the line."""
        self.setText(text)
        self.setVisible(bool(text))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Stay at the lower edge."""
        if watched is self._canvas and event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        width = self._canvas.width()
        height = self.heightForWidth(width)
        self.setGeometry(0, self._canvas.height() - height, width, height)


class MainPane(QWidget):
    """The canvas of the reading that is judged; its bar shows while methods are compared."""

    def __init__(self, workstation: Workstation) -> None:
        super().__init__()
        session, analysing = workstation.session, workstation.analysing
        self.canvas = ImageCanvas(session)
        self.bar = PaneBar(session.reading, analysing.choose_method, analysing.cancel, judged=True)
        self.bar.row.insertWidget(1, heading("judged"))
        self.more = quiet_button("Add method", "One more method beside these")
        self.more.clicked.connect(workstation.comparing.add)
        self.bar.row.addWidget(self.more)
        _stack(self, self.bar, self.canvas)


class OtherPane(QWidget):
    """A map beside the one that is judged."""

    def __init__(self, pane: Pane, workstation: Workstation) -> None:
        super().__init__()
        comparing = workstation.comparing
        self.pane = pane
        self.canvas = ImageCanvas(Beside(pane, workstation.session), beside=True)
        self.bar = PaneBar(
            pane,
            lambda method: comparing.choose(pane, method),
            lambda: comparing.cancel(pane),
        )
        self.spread = quiet_button("Spread", "How far the families of methods lie apart")
        self.spread.setCheckable(True)
        self.spread.clicked.connect(lambda on: comparing.choose(pane, SPREAD if on else CONSENSUS))
        self.read = quiet_button(
            "Judge this", "Read with this method: verdicts are given on its map"
        )
        self.read.clicked.connect(lambda: comparing.read_with(pane))
        self.close_button = quiet_button("×", "Close this pane")
        self.close_button.setAccessibleName("Close this pane")
        self.close_button.clicked.connect(lambda: comparing.remove(pane))
        for button in (self.spread, self.read, self.close_button):
            self.bar.row.addWidget(button)
        self.told = Told(self.canvas)
        _stack(self, self.bar, self.canvas)
        asking, events = pane.asking.events, pane.events
        Observer(self).watch(self._follow, events.method, events.told, asking.progress)
        self._follow()

    def _follow(self) -> None:
        pane = self.pane
        self.spread.setVisible(not pane.asks)
        self.spread.setChecked(pane.method == SPREAD)
        self.read.setVisible(pane.asks and not self.bar.working)
        self.told.say(pane.told)


def _stack(box: QWidget, bar: QWidget, canvas: QWidget) -> None:
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(bar)
    column.addWidget(canvas, 1)
