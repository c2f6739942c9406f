"""Erase and run again: the button, how far it is, and what came of it."""

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from radsal.app.panels.progress_box import show_share
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.histogram import Histogram
from radsal.app.widgets.key_button import KeyButton
from radsal.app.widgets.labels import label, rule
from radsal.core.erasure import Answer, Erasure
from radsal.core.figures import percent
from radsal.core.results import HotSpot
from radsal.session import Evidence, Reading
from radsal.trust.fillins import FILL_INS

KEY = "E"


class EvidenceBox(QWidget):
    """For the active hot spot, or the first one.

    Signals
    -------
    eraseRequested(), cancelRequested():
        What the buttons ask for.
    fillInChosen(str):
        What stands in an erased region from now on.
    """

    eraseRequested = Signal()  # noqa: N815
    cancelRequested = Signal()  # noqa: N815
    fillInChosen = Signal(str)  # noqa: N815

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.erase = KeyButton("Erase and run again", KEY, "primary", tokens)
        self.erase.setToolTip(
            "Fill the hot spot in, ask the model again, and compare with equal erasures elsewhere"
        )
        self.fill_in = _menu_button(self.fillInChosen)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.working = label("", "secondary", wrap=True)
        self.cancel = QPushButton("Cancel")
        self.with_it, self.without = _Figure("with it", "strong"), _Figure("erased", "strong")
        self.only = _Figure("only it left", "strong")
        self.histogram = Histogram(tokens)
        self.sentence = label("", "secondary", wrap=True)
        self.warning = label("", "amber", wrap=True)
        self.erase.clicked.connect(self.eraseRequested)
        self.cancel.clicked.connect(self.cancelRequested)
        self._lay_out()

    def follow(self, reading: Reading, evidence: Evidence) -> None:
        """Show what is known of the hot spot at hand."""
        spot = reading.active_spot or next(iter(reading.spots), None)
        self.setVisible(spot is not None)
        if spot is None:
            return
        self.erase.word = f"Erase {spot.rank} and run again"
        self.erase.updateGeometry()
        self.erase.update()
        self.fill_in.setText(f"{FILL_INS[evidence.fill_in].title} ▾")
        for action in self.fill_in.menu().actions():
            action.setChecked(action.data() == evidence.fill_in)
        self._follow_work(evidence)
        self._show(evidence.of(spot), spot, evidence)

    def _follow_work(self, evidence: Evidence) -> None:
        progress = evidence.asking.progress
        busy = progress is not None
        self.erase.setEnabled(not busy)
        self.fill_in.setEnabled(not busy)
        for part in (self.bar, self.cancel, self.working):
            part.setVisible(busy)
        if progress is not None:
            show_share(self.bar, progress)
            self.working.setText(evidence.asking.far)

    def _show(self, erasure: Erasure | None, spot: HotSpot, evidence: Evidence) -> None:
        there = erasure is not None and evidence.asking.progress is None
        for part in (self.with_it, self.without, self.only, self.histogram):
            part.setVisible(there)
        ended = evidence.asking.ended
        self.sentence.setVisible(there or bool(ended))
        self.warning.setVisible(False)
        if not there or erasure is None:
            self.sentence.setText(ended)
            return
        self.with_it.show_answer(f"with {spot.rank}", erasure.before)
        self.without.show_answer(f"{spot.rank} erased", erasure.after)
        self.only.show_answer(f"only {spot.rank} left", erasure.kept)
        self.histogram.show_values(erasure.controls, erasure.delta_logit)
        self.sentence.setText(erasure.sentence)
        warnings = erasure.warnings
        self.warning.setText(" ".join(warnings))
        self.warning.setVisible(bool(warnings))

    def _lay_out(self) -> None:
        asking = QHBoxLayout()
        asking.setSpacing(8)
        asking.addWidget(self.erase)
        asking.addWidget(self.fill_in)
        asking.addStretch()
        running = QHBoxLayout()
        running.addWidget(self.bar, 1)
        running.addWidget(self.cancel)
        figures = QHBoxLayout()
        figures.setSpacing(8)
        for figure in (self.with_it, self.without, self.only):
            figures.addWidget(figure, 1)
        inner = QVBoxLayout()
        inner.setContentsMargins(14, 10, 14, 10)
        inner.setSpacing(8)
        inner.addLayout(asking)
        inner.addLayout(running)
        inner.addWidget(self.working)
        inner.addLayout(figures)
        inner.addWidget(self.histogram)
        inner.addWidget(self.sentence)
        inner.addWidget(self.warning)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(inner)


class _Figure(QFrame):
    """A probability under its name."""

    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._name, self._value = label(name, "secondary"), label("", role)
        column = QVBoxLayout(self)
        column.setContentsMargins(9, 6, 9, 7)
        column.setSpacing(2)
        column.addWidget(self._name)
        column.addWidget(self._value)

    def show_answer(self, name: str, answer: Answer) -> None:
        """Show a probability, and the logit in the tip."""
        self._name.setText(name)
        self._value.setText(percent(answer.probability))
        self.setToolTip(f"Logit {answer.logit:.2f}".replace("-", "−"))


def _menu_button(chosen: SignalInstance) -> QToolButton:
    """The fill-ins in a menu; those that no radiograph looks like say so."""
    button = QToolButton()
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setToolTip("What stands in the erased region instead")
    menu = QMenu(button)
    group = QActionGroup(button)
    for name, way in FILL_INS.items():
        natural = "" if way.in_distribution else " (no radiograph looks like this)"
        action = menu.addAction(way.title + natural)
        action.setData(name)
        action.setCheckable(True)
        action.setActionGroup(group)
        action.triggered.connect(lambda _checked=False, name=name: chosen.emit(name))
    button.setMenu(menu)
    return button
