"""Long work on the case: what, where, how far, and how to stop it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from radsal.app.widgets.labels import label
from radsal.core.progress import Progress
from radsal.session.asking import Asking

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

    def follow(self, asking: Asking) -> None:
        """Show how far the answer is that is waited for; hide where there is none."""
        progress = asking.progress
        self.setVisible(progress is not None)
        if progress is None:
            return
        self.what.setText(asking.subject)
        show_share(self.bar, progress)
        self.where.setText(asking.far)


def show_share(bar: QProgressBar, progress: Progress) -> None:
    """Let a bar show how far work is, or only that it goes on."""
    share = progress.fraction
    bar.setRange(0, 0 if share is None else FINE)
    bar.setValue(0 if share is None else round(share * FINE))
