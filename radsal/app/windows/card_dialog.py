"""The model card: what the model is, what it was made for, and what is known of its failures."""

from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument, QTextFormat
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from radsal.app.widgets.labels import label
from radsal.core.figures import percent
from radsal.inference.package import ModelPackage

SIZE = (720, 760)
HEADING_ROOM = 12
NO_CARD = "*This package brings no model card: nothing is known of its data and its failures.*"


class CardText(QTextBrowser):
    """Markdown of a stranger: no HTML in it is obeyed, no link opens, nothing is loaded."""

    def __init__(self, markdown: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setAccessibleName("Model card")
        dialect = QTextDocument.MarkdownFeature
        self.document().setDocumentMargin(10)
        self.document().setMarkdown(
            markdown, dialect.MarkdownDialectGitHub | dialect.MarkdownNoHTML
        )
        self._space_headings()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _space_headings(self) -> None:
        """Room above each heading, and letters no larger than the dialog's own title."""
        block = self.document().begin()
        while block.isValid():
            form = block.blockFormat()
            if form.headingLevel():
                form.setTopMargin(HEADING_ROOM)
                form.setBottomMargin(HEADING_ROOM / 4)
                cursor = QTextCursor(block)
                cursor.setBlockFormat(form)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                size = QTextCharFormat()
                size.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
                cursor.mergeCharFormat(size)
            block = block.next()

    def loadResource(self, kind: int, name: QUrl | str) -> Any:  # noqa: N802 - Qt's name
        """Pictures and files that a card names stay where they are."""
        del kind, name


class CardDialog(QDialog):
    """Facts that RadSal read itself, then the card as its authors wrote it."""

    def __init__(self, parent: QWidget, package: ModelPackage) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Model card · {package.id}")
        self.resize(*SIZE)
        self.facts = label(facts_text(package), "secondary", wrap=True)
        self.text = CardText(package.card_text() or NO_CARD)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(package.name or package.id, "title"))
        column.addWidget(self.facts)
        column.addWidget(self.text, 1)
        column.addWidget(buttons)


def facts_text(package: ModelPackage) -> str:
    """Findings with their operating points, intended use and the hash over the whole package."""
    points = zip(package.labels, package.operating_points, strict=True)
    findings = ", ".join(f"{name} (positive from {percent(point)})" for name, point in points)
    intended = package.intended
    uses = [
        f"{what} {' or '.join(allowed)}"
        for what, allowed in (
            ("modality", intended.modality),
            ("body part", intended.body_part),
            ("view", intended.view),
        )
        if allowed
    ]
    made_for = ", ".join(uses) or "not stated"
    return f"Findings: {findings}\nIntended for: {made_for}\nSHA-256: {package.identity.sha256}"
