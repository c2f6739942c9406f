"""The end of a case: a remark, sign or amend, the next case, the report."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.key_button import KeyButton
from radsal.app.widgets.labels import rule
from radsal.app.widgets.note_field import NoteField
from radsal.review.read import ReadState
from radsal.session.reading import Reading

KEYS = {"sign": "Ctrl+↵", "next": "PgDn"}


class ReadFooter(QWidget):
    """Says what a reader wants to do with the read as a whole."""

    remarked = Signal(str)
    signRequested = Signal()  # noqa: N815
    amendRequested = Signal()  # noqa: N815
    nextRequested = Signal()  # noqa: N815
    reportRequested = Signal()  # noqa: N815

    def __init__(
        self,
        tokens: Tokens = DARK,
        keys: Mapping[str, str] = KEYS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.remark = NoteField("Remark on the whole read")
        self.sign = KeyButton("Sign read", keys.get("sign", ""), "primary", tokens)
        self.amend = KeyButton("Amend", keys.get("amend", ""), "primary", tokens)
        self.next = KeyButton("Next case", keys.get("next", ""), "", tokens)
        self.report = KeyButton("Report…", keys.get("report", ""), "", tokens)
        self.remark.committed.connect(self.remarked)
        self.sign.clicked.connect(self.signRequested)
        self.amend.clicked.connect(self.amendRequested)
        self.next.clicked.connect(self.nextRequested)
        self.report.clicked.connect(self.reportRequested)
        self._lay_out()

    def follow(self, reading: Reading) -> None:
        """Offer what the state of the read allows."""
        read, analysed = reading.read, reading.analysis is not None
        self.remark.show_text(read.comment if read else "")
        self.remark.lock(reading.locked or not analysed)  # a read is saved with its analysis
        empty = read is None or (reading.locked and not read.comment)
        self.remark.setVisible(not empty)
        self.sign.setVisible(not reading.locked)
        self.sign.setEnabled(reading.signable)
        self.sign.setToolTip(
            "" if reading.signable else "Judge a hot spot first, or write a remark"
        )
        self.amend.setVisible(reading.locked)
        signed = read is not None and read.state is ReadState.SIGNED
        self.amend.setEnabled(signed and analysed)
        self.report.setEnabled(reading.saved_at is not None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.sign, self.amend, self.next, self.report):
            row.addWidget(button)
        row.addStretch()
        inner = QVBoxLayout()
        inner.setContentsMargins(14, 10, 14, 12)
        inner.setSpacing(10)
        inner.addWidget(self.remark)
        inner.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(inner)
