"""The card of one hot spot."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from radsal.app.panels.spot_facts import share_text, verdict_text
from radsal.app.panels.verdict_box import VerdictBox
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.badge import SpotBadge
from radsal.app.widgets.bars import Bar
from radsal.app.widgets.labels import ElidedLabel, label
from radsal.app.widgets.observe import set_property
from radsal.core.results import HotSpot
from radsal.review.read import Verdict


class SpotCard(QFrame):
    """Number, share, size, and the verdict; the buttons show while the card is active.

    Signals
    -------
    chosen():
        A click, or Enter on the focused card.
    """

    chosen = Signal()

    def __init__(
        self, spot: HotSpot, size: str, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.spot = spot
        self._tokens = tokens
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(f"Hot spot {spot.rank}, {share_text(spot)}")
        self._badge = SpotBadge(spot.rank, tokens)
        self._bar = Bar(spot.share, tokens)
        self._said = label("", "secondary")
        self.size_line = ElidedLabel(size, "secondary")
        self.box = VerdictBox(tokens)
        self._lay_out()

    def show_state(self, verdict: Verdict | None, *, active: bool, locked: bool) -> None:
        """Follow the read and the selection."""
        set_property(self, "active", active)
        self._badge.set_active(active)
        self._bar.set_colour(self._tokens.amber if active else self._tokens.accent)
        self._said.setText(verdict_text(verdict))
        set_property(self._said, "role", "faint" if verdict is None else "amber")
        self.box.show_verdict(verdict, locked=locked)
        self.box.setVisible(active)
        self.setCursor(Qt.CursorShape.ArrowCursor if active else Qt.CursorShape.PointingHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click anywhere on the card makes it active."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter makes the focused card active."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._badge)
        row.addWidget(label(share_text(self.spot), "strong"))
        row.addStretch()
        row.addWidget(self._said)
        column = QVBoxLayout(self)
        column.setContentsMargins(11, 9, 11, 10)
        column.setSpacing(7)
        column.addLayout(row)
        column.addWidget(self._bar)
        column.addWidget(self.size_line)
        column.addWidget(self.box)
