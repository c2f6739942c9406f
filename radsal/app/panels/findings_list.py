"""The findings of the model, and what it says of the selected one."""

from html import escape

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from radsal.app.panels.finding_row import FindingRow, sentence
from radsal.app.panels.map_facts import map_text, warnings
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.labels import ElidedLabel, heading, label
from radsal.core.results import Prediction
from radsal.dicom.gray.model_input import INPUT_FACTS
from radsal.saliency.catalogue import title_of
from radsal.session.reading import Reading


class FindingsList(QWidget):
    """One row for each finding, in the model's order.

    Signals
    -------
    findingChosen(str):
        A click on a finding.
    """

    findingChosen = Signal(str)  # noqa: N815

    def __init__(self, tokens: Tokens = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._predictions: tuple[Prediction, ...] = ()
        self.rows: list[FindingRow] = []
        self._model = ElidedLabel("", "secondary")
        self.sentence = label("", "", wrap=True)
        self.sentence.setTextFormat(Qt.TextFormat.RichText)
        self._method = label("", "secondary", wrap=True)
        self._warning = label("", "amber", wrap=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self._lay_out()

    def follow(self, reading: Reading) -> None:
        """Show the predictions; they stay while another map is waited for."""
        if reading.predictions != self._predictions:
            self._predictions = reading.predictions
            self._rebuild()
        for row in self.rows:
            with QSignalBlocker(row):
                row.setChecked(row.prediction.finding == reading.finding)
        self._model.setText(reading.model.id if reading.model else "")
        self._describe(reading)

    def _describe(self, reading: Reading) -> None:
        chosen = next((p for p in self._predictions if p.finding == reading.finding), None)
        if chosen is None:
            return
        said = sentence(chosen)
        first, comma, rest = said.rpartition(", ")
        self.sentence.setText(f"<b>{escape(first)}</b>{comma}{escape(rest)}")
        self._method.setText(method_text(reading))
        analysis = reading.analysis if reading.saliency else None
        self._warning.setText(" ".join(warnings(analysis, chosen.finding)) if analysis else "")
        self._warning.setVisible(bool(self._warning.text()))

    def _rebuild(self) -> None:
        for row in self.rows:
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [FindingRow(prediction, self._tokens) for prediction in self._predictions]
        for row in self.rows:
            row.clicked.connect(lambda _checked=False, f=row.prediction.finding: self._choose(f))
            self._lines.addWidget(row)

    def _choose(self, finding: str) -> None:
        for row in self.rows:
            row.setChecked(row.prediction.finding == finding)
        self.findingChosen.emit(finding)

    def _lay_out(self) -> None:
        heads = QHBoxLayout()
        heads.addWidget(heading("Findings"))
        heads.addSpacing(16)
        heads.addWidget(self._model, 1)
        self._model.setAlignment(self._model.alignment() | Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addLayout(heads)
        column.addLayout(self._lines)
        column.addWidget(self.sentence)
        column.addWidget(self._method)
        column.addWidget(self._warning)


def method_text(reading: Reading) -> str:
    """By what the map of the selected finding was made, on which grid, of which input."""
    analysis, finding = reading.analysis, reading.finding
    if analysis is None or finding is None or reading.saliency is None:
        return f"No map by {title_of(reading.method)} yet."
    facts = "".join(f" {_sentence(n)}" for n in analysis.notes if n in INPUT_FACTS)
    return f"{map_text(analysis, finding)}{facts}"


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."
