"""A choice of one among a few words that stand side by side."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget


class SegmentedChoice(QWidget):
    """Joined buttons; ``picked`` is emitted with the value a person chose, not when it is set."""

    picked = Signal(object)

    def __init__(self, options: Sequence[tuple[Any, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[Any, QPushButton] = {}
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for place, (value, text) in enumerate(options):
            row.addWidget(self._make(value, text, _place(place, len(options))))

    def set_value(self, value: Any) -> None:
        """Show a choice; None shows that there is none."""
        self._group.setExclusive(False)
        for key, button in self._buttons.items():
            with QSignalBlocker(button):
                button.setChecked(key == value)
        self._group.setExclusive(True)

    def button(self, value: Any) -> QPushButton:
        """The button of a value."""
        return self._buttons[value]

    def _make(self, value: Any, text: str, place: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        button.setProperty("role", "segment")
        button.setProperty("place", place)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.picked.emit(value))
        self._group.addButton(button)
        self._buttons[value] = button
        return button


def _place(index: int, count: int) -> str:
    return "first" if index == 0 else "last" if index == count - 1 else "middle"
