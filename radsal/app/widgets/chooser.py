"""A button whose menu holds choices, of which one holds."""

from collections.abc import Callable, Mapping

from psygnal import SignalInstance
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidgetAction

from radsal.app.widgets.labels import heading, tip
from radsal.app.widgets.observe import Observer

Choices = Mapping[str, tuple[str, str]]
"""Key of each choice, with its text and tooltip; a text after a tab stands at the right."""


class Chooser(Observer):
    """Fills a button's menu with choices and keeps its text on the one that holds.

    Parameters
    ----------
    choices:
        Groups of choices by their heading, which may be empty.
    chosen:
        The key that holds now, or None.
    choose:
        Called with the key that the user picked.
    changed:
        Emitted when the choice may have changed.
    """

    def __init__(
        self,
        button: QToolButton,
        choices: Mapping[str, Choices],
        chosen: Callable[[], str | None],
        choose: Callable[[str], None],
        changed: SignalInstance,
    ) -> None:
        super().__init__(button)
        self._button = button
        self._chosen = chosen
        self._nothing = button.text()
        menu, group = button.menu(), QActionGroup(button)
        menu.setToolTipsVisible(True)
        self._actions: dict[str, QAction] = {}
        for title, group_of in choices.items():
            if title:
                add_heading(menu, title)
            for key, (text, meaning) in group_of.items():
                action = menu.addAction(text)
                action.setCheckable(True)
                action.setToolTip(tip(meaning))
                action.setActionGroup(group)
                action.triggered.connect(lambda _checked=False, key=key: choose(key))
                self._actions[key] = action
        button.setEnabled(any(choices.values()))
        self.watch(self.refresh, changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the choice that holds."""
        action = self._actions.get(self._chosen() or "")
        if action is not None:
            action.setChecked(True)
        text = action.text().partition("\t")[0] if action else self._nothing
        self._button.setText(f"{text} ▾")


def add_heading(menu: QMenu, text: str) -> None:
    """A line of a menu that only names the lines below it."""
    if not menu.isEmpty():
        menu.addSeparator()
    action = QWidgetAction(menu)
    words = heading(text)
    words.setContentsMargins(14, 5, 26, 3)
    action.setDefaultWidget(words)
    action.setEnabled(False)
    menu.addAction(action)


def menu_button(meaning: str, role: str = "", text: str = "") -> QToolButton:
    """A button that opens its menu, which is empty yet, at once."""
    button = QToolButton()
    button.setText(text)
    button.setProperty("role", role)
    button.setToolTip(meaning)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setMenu(QMenu(button))
    return button
