"""Menus of a choice: which model is asked, and how its answer is explained."""

from collections.abc import Callable, Mapping
from textwrap import fill

from psygnal import SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidgetAction

from radsal.app.actions.workstation import Workstation
from radsal.app.widgets.labels import heading, tip
from radsal.app.widgets.observe import Observer
from radsal.saliency.catalogue import CATALOGUE, CONSENSUS, SPREAD, MethodInfo, title_of
from radsal.session import Reading

TIP = 72  # letters in a line of a tooltip

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


def follow_models(button: QToolButton, workstation: Workstation) -> None:
    """Every model package that could be read."""
    reading = workstation.session.reading
    packages = {p.id: (p.id, p.name or p.id) for p in workstation.services.packages}
    Chooser(
        button,
        {"": packages},
        lambda: reading.model.id if reading.model else None,
        workstation.analysing.choose_model,
        reading.events.model,
    )


def follow_methods(
    button: QToolButton,
    reading: Reading,
    choose: Callable[[str], None],
    *,
    made_of_maps: bool = False,
) -> None:
    """Every saliency method, by what its maps are made of; also other methods' maps."""
    choices = {**method_choices(), **(MADE_OF_MAPS if made_of_maps else {})}
    Chooser(button, choices, lambda: reading.method, choose, reading.events.method)


def method_choices() -> dict[str, Choices]:
    """The catalogue in groups; what fails weight randomisation stands apart, at the end."""
    groups = {kind: [i for i in CATALOGUE.values() if _kind(i) == kind] for kind in KINDS}
    return {
        KINDS[kind]: {info.name: (method_text(info), method_tip(info)) for info in infos}
        for kind, infos in groups.items()
        if infos
    }


MADE_OF_MAPS: dict[str, Choices] = {
    "From the maps of the other panes": {
        CONSENSUS: (
            title_of(CONSENSUS),
            "Mean rank of each place over the families of methods: what they agree on.",
        ),
        SPREAD: (
            title_of(SPREAD),
            "How far the families of methods lie apart at each place: bright where they disagree.",
        ),
    }
}

KINDS = {
    "activation": "From features of a layer",
    "attention": "From attention of a transformer",
    "input": "From gradients at the pixels",
    "perturbation": "By covering parts of the image",
    "unadvised": "Fails weight randomisation",
}


def _kind(info: MethodInfo) -> str:
    if not info.advised:
        return "unadvised"
    return "perturbation" if info.family == "perturbation" else info.basis.value


def method_text(info: MethodInfo) -> str:
    """Its title, and at the right what a reader waits for."""
    wait = "" if info.at_once else "\tper finding"
    return info.title + ("\tslow" if info.slow else wait)


def method_tip(info: MethodInfo) -> str:
    """What a bright place means, what the map costs, and how far it may be trusted."""
    same = "" if info.class_specific else " The same map for every finding."
    slow = "" if info.at_once else " It is asked about one finding, when that is looked at."
    slow = " Only the image on screen is asked about." if info.slow else slow
    said = (info.summary + same, f"Cost: {info.cost}.{slow}", info.sanity, info.paper)
    return "\n".join(fill(sentences, TIP, break_on_hyphens=False) for sentences in said)
