"""The buttons that judge one hot spot: cause, agreement, note."""

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from radsal.app.panels.spot_facts import possible
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.key_button import KeyButton
from radsal.app.widgets.note_field import NoteField
from radsal.app.widgets.segmented import SegmentedChoice
from radsal.review.read import Verdict
from radsal.review.vocabulary import MEANINGS, Agreement, Cause

CANNOT = "cannot assess"
PER_LINE = 3
CHOICES: tuple[Cause | None, ...] = (*Cause, None)
AGREEMENTS = (Agreement.AGREE, Agreement.PARTLY, Agreement.DISAGREE)


class VerdictBox(QWidget):
    """Shows a verdict and says which one was asked for.

    Signals
    -------
    judged(Cause | None, Agreement | None):
        No cause: it cannot be assessed. No agreement: the usual one of the cause.
    noted(str), withdrawn():
        The note changed; the verdict is taken back.
    """

    judged = Signal(object, object)
    noted = Signal(str)
    withdrawn = Signal()

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._verdict: Verdict | None = None
        self.chips = self._make_chips(tokens)
        self.agreement = SegmentedChoice([(a, a.value) for a in AGREEMENTS])
        self.agreement.setToolTip("Does the model look where you would look for the finding?")
        self.agreement.picked.connect(self._pick_agreement)
        self.withdraw = QPushButton("Withdraw")
        self.withdraw.setProperty("role", "quiet")
        self.withdraw.setToolTip("Take this verdict back")
        self.withdraw.clicked.connect(self.withdrawn)
        self.note = NoteField("Note")
        self.note.committed.connect(self.noted)
        self._details = QWidget()
        self._lay_out()

    def show_verdict(self, verdict: Verdict | None, *, locked: bool) -> None:
        """Mark what was chosen; a signed read can be looked at only."""
        self._verdict = verdict
        chosen = verdict is not None
        for cause, chip in self.chips.items():
            with QSignalBlocker(chip):
                chip.setChecked(verdict is not None and verdict.cause is cause)
            chip.setEnabled(not locked)
        self.agreement.set_value(verdict.agreement if verdict else None)
        for agreement in AGREEMENTS:
            usable = agreement in possible(verdict) and not locked
            self.agreement.button(agreement).setEnabled(usable)
        self.note.show_text(verdict.note if verdict else "")
        self.note.lock(locked)
        self.note.setVisible(chosen and (not locked or bool(verdict and verdict.note)))
        self.withdraw.setVisible(chosen and not locked)
        self._details.setVisible(chosen)

    def _pick(self, cause: Cause | None) -> None:
        self._restore()
        self.judged.emit(cause, None)

    def _pick_agreement(self, agreement: Agreement) -> None:
        if self._verdict is not None:
            self._restore()
            self.judged.emit(self._verdict.cause, agreement)

    def _restore(self) -> None:
        """What is marked is what the read holds; a click marks nothing by itself."""
        for cause, chip in self.chips.items():
            with QSignalBlocker(chip):
                chip.setChecked(self._verdict is not None and self._verdict.cause is cause)
        self.agreement.set_value(self._verdict.agreement if self._verdict else None)

    def _make_chips(self, tokens: Tokens) -> dict[Cause | None, KeyButton]:
        chips = {}
        for place, cause in enumerate(CHOICES, start=1):
            words = CANNOT if cause is None else cause.words
            chip = KeyButton(words, str(place), "chip", tokens)
            chip.setCheckable(True)
            chip.setToolTip("the image does not allow it" if cause is None else MEANINGS[cause])
            chip.clicked.connect(lambda _checked=False, c=cause: self._pick(c))
            chips[cause] = chip
        return chips

    def _lay_out(self) -> None:
        self._details.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self._details)
        row.setContentsMargins(0, 2, 0, 0)
        row.addWidget(self.agreement)
        row.addStretch()
        row.addWidget(self.withdraw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        chips = list(self.chips.values())
        for first in range(0, len(chips), PER_LINE):
            column.addLayout(_line(chips[first : first + PER_LINE]))
        column.addWidget(self._details)
        column.addWidget(self.note)


def _line(chips: list[KeyButton]) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(6)
    for chip in chips:
        line.addWidget(chip)
    line.addStretch()
    return line
