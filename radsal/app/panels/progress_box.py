"""Long work on the case: what, where, how far, and how to stop it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from radsal.app.widgets.labels import label
from radsal.core.progress import Progress

FINE = 1000


class ProgressBox(QWidget):
    """Hidden while nothing runs."""

    cancelRequested = Signal()  # noqa: N815

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.what = label("", "strong", wrap=True)
        self.where = label("", "secondary", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(self.cancelRequested)
        row = QHBoxLayout()
        row.addWidget(self.where, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(10)
        column.addWidget(self.what)
        column.addWidget(self.bar)
        column.addLayout(row)
        self.hide()

    def follow(self, progress: Progress | None, where: str) -> None:
        """Show how far the work is; None hides the box."""
        self.setVisible(progress is not None)
        if progress is None:
            self.what.setText("")
            return
        share = progress.fraction
        self.what.setText(progress.what or self.what.text() or "Working")
        self.bar.setRange(0, 0 if share is None else FINE)
        self.bar.setValue(0 if share is None else round(share * FINE))
        steps = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
        self.where.setText(" · ".join(part for part in (where, steps) if part))
