"""Menus of a choice: which model is asked, and how its answer is explained."""

from collections.abc import Callable
from textwrap import fill

from PySide6.QtWidgets import QToolButton

from radsal.app.actions.workstation import Workstation
from radsal.app.widgets.chooser import Choices, Chooser
from radsal.saliency.catalogue import CATALOGUE, CONSENSUS, SPREAD, MethodInfo, title_of
from radsal.session import Reading

TIP = 72  # letters in a line of a tooltip


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
