"""Erase and run again: the button, how far it is, and what came of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from radsal.app.panels.progress_box import show_share
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.chooser import Chooser, menu_button
from radsal.app.widgets.histogram import Histogram
from radsal.app.widgets.key_button import KeyButton
from radsal.app.widgets.labels import label, rule
from radsal.core.erasure import FILL_INS, Answer, Erasure, FillIn
from radsal.core.figures import percent
from radsal.core.results import HotSpot
from radsal.session import Session

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

    def __init__(
        self, session: Session, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._reading, self._evidence = session.reading, session.evidence
        self.erase = KeyButton("Erase and run again", KEY, "primary", tokens)
        self.erase.setToolTip(
            "Fill the hot spot in, ask the model again, and compare with equal erasures elsewhere"
        )
        self.fill_in = menu_button("What stands in the erased region instead")
        self.fill_in.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        Chooser(
            self.fill_in,
            {"": {way.name: (way.title + _caution(way), "") for way in FILL_INS.values()}},
            lambda: self._evidence.fill_in,
            self.fillInChosen.emit,
            self._evidence.events.fill_in,
        )
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.working = label("", "secondary", wrap=True)
        self.cancel = QPushButton("Cancel")
        self.with_it, self.without, self.only = _Figure(), _Figure(), _Figure()
        self.histogram = Histogram(tokens)
        self.sentence = label("", "secondary", wrap=True)
        self.warning = label("", "amber", wrap=True)
        self.erase.clicked.connect(self.eraseRequested)
        self.cancel.clicked.connect(self.cancelRequested)
        self._lay_out()

    def follow(self) -> None:
        """Show what is known of the hot spot at hand."""
        spot = self._reading.spot_at_hand
        self.setVisible(spot is not None)
        if spot is None:
            return
        self.erase.word = f"Erase {spot.rank} and run again"
        self.erase.updateGeometry()
        self.erase.update()
        self._follow_work()
        self._show(self._evidence.of(spot), spot)

    def _follow_work(self) -> None:
        progress = self._evidence.asking.progress
        self.erase.setEnabled(progress is None)
        self.fill_in.setEnabled(progress is None)
        for part in (self.bar, self.cancel, self.working):
            part.setVisible(progress is not None)
        if progress is not None:
            show_share(self.bar, progress)
            self.working.setText(self._evidence.asking.far)

    def _show(self, known: Erasure | None, spot: HotSpot) -> None:
        asking = self._evidence.asking
        erasure = known if asking.progress is None else None
        for part in (self.with_it, self.without, self.only, self.histogram):
            part.setVisible(erasure is not None)
        self.sentence.setText(erasure.sentence if erasure else asking.ended)
        self.sentence.setVisible(bool(self.sentence.text()))
        self.warning.setText(" ".join(erasure.warnings) if erasure else "")
        self.warning.setVisible(bool(self.warning.text()))
        if erasure is None:
            return
        self.with_it.show_answer(f"with {spot.rank}", erasure.before)
        self.without.show_answer(f"{spot.rank} erased", erasure.after)
        self.only.show_answer(f"only {spot.rank} left", erasure.kept)
        self.histogram.show_values(erasure.controls, erasure.delta_logit)

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


def _caution(way: FillIn) -> str:
    """At the right of the fill-in in its menu."""
    return "" if way.in_distribution else "\tno radiograph looks like this"


class _Figure(QFrame):
    """A probability under its name."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._name, self._value = label("", "secondary"), label("", "strong")
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
