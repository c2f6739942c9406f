"""A control that fits a parameter of a method: one of a few words, or what is typed."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QWidget,
)

from radsal.saliency.options import Parameter, Value


class WordField(QComboBox):
    """One of a few words; others can be offered later, and one that is held stays."""

    changed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._default = str(parameter.default)
        self.offer({word: word for word in parameter.choices or (self._default,)})
        self.set_value(self._default)
        self.currentIndexChanged.connect(self.changed)

    def offer(self, words: dict[str, str]) -> None:
        """Other words, each with the text that is shown for it."""
        held = self.currentData()
        with QSignalBlocker(self):
            self.clear()
            for word, text in words.items():
                self.addItem(text, word)
            self.set_value(held if held is not None else self._default)

    def value(self) -> Value:
        """The word that is held."""
        return str(self.currentData())

    def set_value(self, value: Value) -> None:
        """Hold a word, also one that is not offered."""
        if self.findData(str(value)) < 0:
            self.addItem(str(value), str(value))
        self.setCurrentIndex(self.findData(str(value)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """With the same arrow as the menus of the toolbar: the stylesheet takes Qt's own away."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect().adjusted(0, 0, -9, 0), flags, "▾")
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """A wheel that passes over it changes nothing."""
        event.ignore()


class TextField(QLineEdit):
    """A number or a text; whether it is possible is the parameter's business."""

    changed = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(str(parameter.default), parent)
        self.textChanged.connect(self.changed)

    def value(self) -> Value:
        """The text without spaces around it."""
        return self.text().strip()

    def set_value(self, value: Value) -> None:
        """Show a value."""
        self.setText(str(value))


AnyField = WordField | TextField


def field_of(parameter: Parameter, *, listed: bool = False) -> AnyField:
    """The control that fits; ``listed``: the words of a text will be offered later."""
    return WordField(parameter) if parameter.choices or listed else TextField(parameter)
