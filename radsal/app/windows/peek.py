"""Holding ``G`` peeks: the heatmap goes back to what it was when the key is let go."""

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from radsal.app.widgets.observe import Observer
from radsal.session import View

HELD = 350  # milliseconds from which a press counts as holding


class Peek(QObject):
    """Watches the key that the heatmap's action toggles by."""

    def __init__(self, window: QWidget, view: View) -> None:
        super().__init__(window)
        self._view = view
        self._down = False
        self._since = QElapsedTimer()
        Observer(self).watch(self._toggled, view.events.heatmap)
        window.installEventFilter(self)  # sees the keys that no text field took

    def _toggled(self) -> None:
        if self._down:  # and not by the mouse
            self._since.start()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Toggle back when the key comes up after it was held."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_G:
            if event.type() == QEvent.Type.ShortcutOverride:  # comes before the action's toggle
                self._down = True
            elif event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self._released()
        return False

    def _released(self) -> None:
        self._down = False
        held = self._since.isValid() and self._since.elapsed() >= HELD
        self._since.invalidate()
        if held:
            self._view.heatmap = not self._view.heatmap
