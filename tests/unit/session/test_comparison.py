"""Panes show the image, model and finding of the main reading, or nothing."""

from dataclasses import replace

import numpy as np
import pytest

from radsal.core.errors import IdentityMismatch
from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.core.results import Analysis, MapStatus, SaliencyMap
from radsal.saliency.catalogue import CATALOGUE, CONSENSUS, GRADCAM, SPREAD, Basis
from radsal.saliency.consensus import consensus
from radsal.session import Comparison, Pane, Reading, Session
from tests.unit.session.test_reading import MODEL, OTHER_MODEL, analysis, case, radiograph

OTHERS = {"ig": "gradient", "occlusion": "perturbation"}


@pytest.fixture(autouse=True)
def methods(monkeypatch) -> None:
    """Methods of three families, whatever the catalogue has."""
    for name, family in OTHERS.items():
        info = replace(GRADCAM, name=name, title=name, family=family, at_once=False)
        monkeypatch.setitem(CATALOGUE, name, info)


@pytest.fixture
def session() -> Session:
    """Film 1 is analysed by Grad-CAM, and Opacity selected."""
    session = Session()
    session.reading.choose_model(MODEL)
    session.reading.choose(case(1))
    session.reading.present(radiograph(1))
    session.reading.attach(analysis(1))
    return session


@pytest.fixture
def comparison(session: Session) -> Comparison:
    return session.comparison


@pytest.fixture
def pane(comparison: Comparison) -> Pane:
    pane = comparison.add("ig")
    pane.attach(by("ig"))
    return pane


def by(method: str, number: int = 1, values: object = ((4, 1), (2, 3)), **changes) -> Analysis:
    whole = replace(analysis(number), hot_spots=(), maps=(), method=method)
    grid = np.array(values, np.float32)
    status = MapStatus.OK if (grid > 0).any() else MapStatus.EMPTY
    one = SaliencyMap("Opacity", method, grid, GridMapping(2, 0, 2, 0), status)
    return replace(whole, maps=(one,), **changes)


def test_that_a_pane_begins_with_what_the_main_reading_shows(session, comparison) -> None:
    pane = comparison.add("ig")
    main = session.reading
    assert (pane.case, pane.header, pane.radiograph) == (main.case, main.header, main.radiograph)
    assert (pane.model, pane.finding, pane.method) == (MODEL, "Opacity", "ig")
    assert pane.analysis is None


def test_that_a_late_answer_for_an_old_case_is_not_taken_in_a_pane(session, pane) -> None:
    session.reading.choose(case(2))
    assert (pane.analysis, pane.radiograph) == (None, None)
    with pytest.raises(IdentityMismatch):
        pane.attach(by("ig", 1))
    session.reading.present(radiograph(2))
    with pytest.raises(IdentityMismatch):
        pane.attach(by("ig", 1))
    pane.attach(by("ig", 2))
    assert pane.analysis.image == session.reading.radiograph.identity


def test_that_a_pane_has_nothing_of_another_image_at_any_moment(session, pane) -> None:
    main, mixed = session.reading, []

    def look(*_: object) -> None:
        shown = pane.analysis.image if pane.analysis else None
        if shown is not None and (main.radiograph is None or main.radiograph.identity != shown):
            mixed.append(shown)

    for name in ("case", "header", "radiograph", "finding"):  # after the panes' own observer
        main.events[name].connect(look)
    main.choose(case(2))
    main.present(radiograph(2))
    pane.attach(by("ig", 2))
    main.choose(case(1))
    assert mixed == []


def test_that_a_pane_follows_the_finding_and_the_model(session, pane) -> None:
    session.reading.select_finding("Effusion")
    assert pane.finding == "Effusion"
    assert pane.saliency is None
    session.reading.choose_model(OTHER_MODEL)
    assert (pane.model, pane.analysis, pane.predictions) == (OTHER_MODEL, None, ())


def test_that_the_main_reading_keeps_all_that_it_has_when_panes_come_and_go(
    session, comparison
) -> None:
    main = session.reading
    main.step_spot(1)
    before = {name: getattr(main, name) for name in main.events}
    first, second = comparison.add("ig"), comparison.add("occlusion")
    comparison.remove(first)
    assert comparison.panes == (second,)
    comparison.stop()
    assert {name: getattr(main, name) for name in main.events} == before


def test_that_nothing_in_a_pane_can_be_judged(comparison) -> None:
    pane = comparison.add("hirescam")
    whole = analysis(1)
    pane.attach(
        replace(
            whole,
            method="hirescam",
            maps=tuple(replace(m, method="hirescam") for m in whole.maps),
            hot_spots=tuple(replace(h, method="hirescam") for h in whole.hot_spots),
        )
    )
    assert pane.saliency is not None
    assert pane.spots == ()
    assert pane.read is None


def test_that_at_most_four_maps_stand_side_by_side(comparison) -> None:
    for name in ("ig", "occlusion", "hirescam"):
        comparison.add(name)
    assert not comparison.room
    with pytest.raises(ValueError, match="at most 4"):
        comparison.add("gradcam")


def test_that_the_next_method_is_of_another_family_and_not_shown_yet(session, comparison) -> None:
    shown = {session.reading.method}
    families = {CATALOGUE[session.reading.method].family}
    while comparison.room:
        name = comparison.next_method()
        assert name not in shown
        assert CATALOGUE[name].advised
        assert CATALOGUE[name].family not in families
        families.add(CATALOGUE[name].family)
        shown.add(name)
        if len(families) == len({info.family for info in CATALOGUE.values() if info.advised}):
            break
        comparison.add(name)


def test_that_a_method_for_few_networks_or_for_no_finding_is_not_the_first_choice(
    comparison,
) -> None:
    first = CATALOGUE[comparison.next_method()]
    assert first.class_specific
    assert first.basis is not Basis.ATTENTION


# the consensus -----------------------------------------------------------------------------------


def test_that_a_consensus_follows_the_maps_that_are_there(comparison, pane) -> None:
    agreed = comparison.add(CONSENSUS)
    assert agreed.saliency is None  # Grad-CAM's map has one value everywhere
    assert "Grad-CAM" in agreed.told
    other = comparison.add("occlusion")
    assert "occlusion: on its way." in agreed.told
    other.attach(by("occlusion", values=((4, 2), (1, 3))))
    expected = consensus([pane.analysis, other.analysis], "Opacity", (4, 4))
    shared = np.maximum(expected.map.values - 0.75, 0)
    assert (agreed.saliency.values == shared).all()
    assert 0 < (shared > 0).mean() < 0.5
    assert "Mean rank over 2 families of methods: ig; occlusion." in agreed.told


def test_that_the_spread_can_be_looked_at_instead(comparison, pane) -> None:
    other = comparison.add("occlusion")
    other.attach(by("occlusion", values=((4, 2), (1, 3))))
    agreed = comparison.add(CONSENSUS)
    agreed.choose_method(SPREAD)
    expected = consensus([pane.analysis, other.analysis], "Opacity", (4, 4))
    assert (agreed.saliency.values == expected.spread).all()
    assert agreed.saliency.values.max() > 0
    assert "Mean rank over 2 families" in agreed.told


def test_that_methods_that_share_no_place_have_an_empty_consensus(comparison, pane) -> None:
    comparison.add("occlusion").attach(by("occlusion", values=((1, 4), (3, 2))))
    agreed = comparison.add(CONSENSUS)
    assert agreed.saliency.status is MapStatus.EMPTY
    assert "share no place" in agreed.saliency.reason


def test_that_methods_that_agree_everywhere_have_an_empty_spread(comparison, pane) -> None:
    comparison.add("occlusion").attach(by("occlusion"))
    spread = comparison.add(SPREAD).saliency
    assert spread.status is MapStatus.EMPTY
    assert "agree everywhere" in spread.reason


def test_that_a_consensus_leaves_with_the_finding_and_the_case(session, comparison, pane) -> None:
    comparison.add("occlusion").attach(by("occlusion", values=((4, 2), (1, 3))))
    agreed = comparison.add(CONSENSUS)
    assert agreed.saliency is not None
    session.reading.select_finding("Effusion")
    assert agreed.saliency is None
    session.reading.select_finding("Opacity")
    assert agreed.saliency is not None
    session.reading.choose(case(2))
    assert (agreed.saliency, agreed.analysis) == (None, None)


def test_that_an_empty_map_and_one_that_was_given_up_are_named_as_left_out(
    comparison, pane
) -> None:
    empty, waits = comparison.add("occlusion"), comparison.add(CONSENSUS)
    empty.attach(by("occlusion", values=((-1, -2), (-3, -4))))
    assert waits.saliency is None
    assert "Its map is empty." in waits.told
    empty.choose_method("hirescam")
    empty.asking.begin("HiResCAM")
    assert "HiResCAM: on its way." in waits.told
    empty.asking.end("Cancelled.")
    assert "HiResCAM: Cancelled." in waits.told


def test_that_a_pane_that_shows_a_method_again_says_nothing_of_the_consensus(
    comparison, pane
) -> None:
    agreed = comparison.add(CONSENSUS)
    assert agreed.told
    agreed.choose_method("hirescam")
    assert (agreed.told, agreed.analysis, agreed.asks) == ("", None, True)


# previews ----------------------------------------------------------------------------------------


def test_that_a_preview_is_taken_only_of_what_is_selected(session) -> None:
    main: Reading = session.reading
    main.choose_method("ig")
    coarse = by("ig", values=((1, 0), (0, 0)))
    for stray in (by("ig", 2), by("occlusion"), replace(coarse, model=OTHER_MODEL)):
        with pytest.raises(IdentityMismatch):
            main.show_preview(stray)
    main.select_finding("Effusion")
    with pytest.raises(IdentityMismatch):
        main.show_preview(coarse)
    main.select_finding("Opacity")
    main.show_preview(coarse)
    assert main.shown_saliency is coarse.maps[0]
    assert (main.saliency, main.spots) == (None, ())


@pytest.mark.parametrize("change", ["finding", "method", "model", "case"])
def test_that_a_preview_and_the_state_of_its_question_leave_with_what_they_belong_to(
    session, change
) -> None:
    main: Reading = session.reading
    main.choose_method("ig")
    main.asking.begin("ig for Opacity")
    main.asking.go_on(Progress(1, 2, "Steps"))
    main.show_preview(by("ig"))
    {
        "finding": lambda: main.select_finding("Effusion"),
        "method": lambda: main.choose_method("occlusion"),
        "model": lambda: main.choose_model(OTHER_MODEL),
        "case": lambda: main.choose(case(2)),
    }[change]()
    assert (main.preview, main.asking.progress, main.asking.ended) == (None, None, "")


def test_that_predictions_stay_with_another_method_and_leave_with_another_model(session) -> None:
    main: Reading = session.reading
    known = main.predictions
    main.choose_method("ig")
    assert main.predictions == known
    main.choose_model(OTHER_MODEL)
    assert main.predictions == ()
