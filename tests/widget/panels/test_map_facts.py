"""What stands beside the findings of the map: what it is made of, chosen, measured, and against."""

from dataclasses import replace

import numpy as np
import pytest

from radsal.app.panels import FindingsPanel
from radsal.app.panels.map_facts import basis_text, map_text, warnings
from radsal.core.results import MapStatus
from radsal.saliency import catalogue
from radsal.saliency.catalogue import GRADCAM, SEED, Basis
from radsal.saliency.options import Parameter

GUIDED = replace(
    GRADCAM,
    name="played",
    title="Guided play",
    basis=Basis.INPUT,
    class_specific=False,
    advised=False,
    parameters=(SEED, Parameter("samples", 25, "Copies.", 1, 99)),
)


@pytest.fixture
def played(monkeypatch) -> str:
    monkeypatch.setattr(catalogue, "CATALOGUE", {**catalogue.CATALOGUE, "played": GUIDED})
    monkeypatch.setattr("radsal.app.panels.map_facts.CATALOGUE", catalogue.CATALOGUE)
    return GUIDED.name


def test_that_a_map_says_its_method_grid_and_basis(make) -> None:
    analysis = make.analysis(make.film(), parameters={"asked_layer": "last", "layer": "relu"})
    assert map_text(analysis, "Opacity") == "Map by Grad-CAM, 8×6 grid · activation-based."
    assert warnings(analysis, "Opacity") == ()


def test_that_a_layer_that_was_chosen_is_named(make) -> None:
    chosen = {"asked_layer": "block3", "layer": "block3"}
    text = map_text(make.analysis(make.film(), parameters=chosen), "Opacity")
    assert text == "Map by Grad-CAM, 8×6 grid · activation-based · layer block3."


def test_that_what_was_measured_on_the_way_to_this_map_is_told_and_to_no_other(
    make, played
) -> None:
    measured = {"completeness_gap Opacity": 0.00312345, "completeness_gap Effusion": 0.5}
    given = {"samples": 10, "seed": 0, **measured}
    analysis = make.analysis(make.film(), method=played, parameters=given)
    assert map_text(analysis, "Opacity") == (
        "Map by Guided play, 8×6 grid · input-based, class-agnostic · samples 10"
        " · completeness gap 0.00312."
    )


def test_that_a_method_that_fails_randomisation_and_a_map_that_is_not_ok_are_warned_of(
    make, played
) -> None:
    nothing = make.map(-np.ones((2, 2)), reason="Nothing in the image speaks for the finding.")
    failed = make.map(
        np.zeros((1, 1)), finding="Effusion", status=MapStatus.FAILED, reason="Not a number."
    )
    analysis = make.analysis(make.film(), method=played, maps=(nothing, failed), spots=())
    fails = "Fails weight randomisation in the literature."
    empty = "Map empty: Nothing in the image speaks for the finding."
    assert warnings(analysis, "Opacity") == (fails, empty)
    assert warnings(analysis, "Effusion") == (fails, "Map failed: Not a number.")


def test_that_the_warning_stands_in_the_panel_in_amber_and_leaves_with_its_map(
    make, session, qtbot
) -> None:
    panel = FindingsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    film, nothing = make.film(), make.map(-np.ones((2, 2)), reason="Nothing speaks for it.")
    other = make.map(np.ones((2, 2)), finding="Effusion")
    make.show(session, film, make.analysis(film, maps=(nothing, other), spots=()))
    line = panel.findings._warning
    qtbot.waitUntil(line.isVisible)
    assert (line.text(), line.property("role")) == ("Map empty: Nothing speaks for it.", "amber")
    session.reading.select_finding("Effusion")
    qtbot.waitUntil(lambda: not line.isVisible())


def test_that_every_basis_has_a_word() -> None:
    words = [basis_text(replace(GRADCAM, basis=basis)) for basis in Basis]
    assert words == ["input-based", "activation-based", "attention-based"]
