"""Observe models from widgets without outliving either."""

import weakref
from collections.abc import Callable
from typing import Any

from psygnal import SignalInstance
from PySide6.QtCore import QObject, Qt, Signal


class Observer(QObject):
    """The psygnal connections of one owner, cut when the owner is destroyed.

    Slots are bound methods; they are held weakly, so that a view that went away without being
    destroyed first is not kept alive by the model.
    """

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self._links: list[tuple[SignalInstance, weakref.WeakMethod[Callable[..., None]]]] = []
        links = self._links
        owner.destroyed.connect(lambda: _cut(links))

    def watch(self, slot: Callable[..., None], *signals: SignalInstance) -> None:
        """Call a slot, without arguments, whenever one of the signals is emitted."""
        for signal in signals:
            signal.connect(slot, max_args=0, check_nargs=False)
            self._links.append((signal, weakref.WeakMethod(slot)))


def _cut(links: list[tuple[SignalInstance, "weakref.WeakMethod[Callable[..., None]]"]]) -> None:
    for signal, method in links:
        slot = method()
        if slot is not None:
            signal.disconnect(slot, missing_ok=True)
    links.clear()


class Refresh(QObject):
    """Joins many changes in one turn of the event loop into one call.

    The call is a posted event, which Qt delivers before it paints: no frame shows the old state.
    """

    _stale = Signal()

    def __init__(self, owner: QObject, slot: Callable[[], None]) -> None:
        super().__init__(owner)
        self._slot = weakref.WeakMethod(slot)
        self._waiting = False
        self._stale.connect(self.now, Qt.ConnectionType.QueuedConnection)

    def later(self) -> None:
        """Refresh when control returns to the event loop."""
        if not self._waiting:
            self._waiting = True
            self._stale.emit()

    def now(self) -> None:
        """Refresh at once, if that is due."""
        slot = self._slot()
        if self._waiting and slot is not None:
            self._waiting = False
            slot()


def set_property(widget: Any, name: str, value: object) -> None:
    """Set a property that the stylesheet looks at, and let the style look again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
