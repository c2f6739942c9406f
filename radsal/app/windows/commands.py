"""QActions made from the action table, kept in step with the session."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from radsal.app.actions.desk import Action, Desk
from radsal.app.actions.keys import MENUS
from radsal.app.actions.table import ACTIONS, HIDDEN
from radsal.app.widgets.observe import Observer, Refresh


class Commands(QObject):
    """One QAction for each row of the table; ``by_id`` finds it."""

    def __init__(self, window: QWidget, desk: Desk) -> None:
        super().__init__(window)
        self._desk = desk
        self._rows: dict[str, tuple[Action, QAction]] = {}
        for row in ACTIONS:
            self._rows[row.id] = (row, self._make(window, row))
        self._refresh = Refresh(self, self.refresh)
        self._observe()
        self.refresh()

    def by_id(self, identifier: str) -> QAction:
        """The QAction of a row. Raises KeyError."""
        return self._rows[identifier][1]

    def rows(self) -> tuple[tuple[Action, QAction], ...]:
        """Every row with its QAction, in the table's order."""
        return tuple(self._rows.values())

    def fill(self, menu: QMenu) -> None:
        """A submenu for each part of the table."""
        for part, title in MENUS.items():
            sub = menu.addMenu(title)
            for row, action in self.rows():
                if row.menu == part and row.id not in HIDDEN:
                    sub.addAction(action)

    def later(self) -> None:
        """Look again at what is enabled and checked, once control is back in the event loop."""
        self._refresh.later()

    def refresh(self) -> None:
        """Ask every row whether it is enabled and checked now."""
        for row, action in self._rows.values():
            if row.enabled is not None:
                action.setEnabled(row.enabled(self._desk))
            if row.checked is not None:
                action.setChecked(row.checked(self._desk))

    def _observe(self) -> None:
        session = self._desk.workstation.session
        observer = Observer(self)
        for model in (session.reading, session.view, session.worklist, session.comparison):
            for name in model.events:
                observer.watch(self.later, model.events[name])
        self._desk.workstation.judging.unsaved.connect(self.later)

    def _make(self, window: QWidget, row: Action) -> QAction:
        action = QAction(row.text, window)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(row.menu == "read")
        action.setCheckable(row.checked is not None)
        keys = f" ({key_text(row)})" if row.keys else ""
        action.setToolTip((row.tip or row.text) + keys)
        action.triggered.connect(lambda _checked=False, row=row: self._run(row))
        window.addAction(action)
        return action

    def _run(self, row: Action) -> None:
        self._desk.commit()
        row.run(self._desk)
        self.later()


def key_text(row: Action) -> str:
    """The first shortcut as this platform writes it."""
    native = QKeySequence.SequenceFormat.NativeText
    return QKeySequence(row.keys[0]).toString(native) if row.keys else ""
