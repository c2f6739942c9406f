"""The two menus of the toolbar: which model is asked, and how its answer is explained."""

from collections.abc import Callable, Mapping

from psygnal import SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QToolButton

from radsal.app.actions.workstation import Workstation
from radsal.app.widgets.labels import tip
from radsal.app.widgets.observe import Observer
from radsal.saliency.catalogue import CATALOGUE


class Chooser(Observer):
    """Fills a button's menu with choices and keeps its text on the one that holds.

    Parameters
    ----------
    choices:
        Key of each choice, with its text and tooltip.
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
        choices: Mapping[str, tuple[str, str]],
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
        for key, (text, meaning) in choices.items():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setToolTip(tip(meaning))
            action.setActionGroup(group)
            action.triggered.connect(lambda _checked=False, key=key: choose(key))
            self._actions[key] = action
        button.setEnabled(bool(choices))
        self.watch(self.refresh, changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the choice that holds."""
        action = self._actions.get(self._chosen() or "")
        if action is not None:
            action.setChecked(True)
        self._button.setText(f"{action.text() if action else self._nothing} ▾")


def follow_models(button: QToolButton, workstation: Workstation) -> None:
    """Every model package that could be read."""
    reading = workstation.session.reading
    packages = {p.id: (p.id, p.name or p.id) for p in workstation.services.packages}
    Chooser(
        button,
        packages,
        lambda: reading.model.id if reading.model else None,
        workstation.analysing.choose_model,
        reading.events.model,
    )


def follow_methods(button: QToolButton, workstation: Workstation) -> None:
    """Every saliency method."""
    reading = workstation.session.reading
    methods = {name: (info.title, info.summary) for name, info in CATALOGUE.items()}
    Chooser(
        button,
        methods,
        lambda: reading.method,
        workstation.analysing.choose_method,
        reading.events.method,
    )
