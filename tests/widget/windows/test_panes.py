"""Methods side by side: one image, one finding, one way of looking, a map in each pane."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from radsal.app.viewer import ImageCanvas
from radsal.app.viewer.painting import RING
from radsal.app.viewer.tool import Tool
from radsal.core.errors import WorkerDied
from radsal.core.radiograph import VoiWindow
from radsal.review.vocabulary import Cause
from radsal.saliency.catalogue import CATALOGUE, CONSENSUS, GRADCAM, SPREAD

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

SLOW = "slow"
FINDINGS = ("Opacity", "Effusion")


@pytest.fixture(autouse=True)
def slow_method(monkeypatch) -> None:
    info = replace(GRADCAM, name=SLOW, title="Slow", family="slow", at_once=False)
    monkeypatch.setitem(CATALOGUE, SLOW, info)


@pytest.fixture
def asked(bench, make) -> list[str]:
    """The methods that were asked for, in order; each has a map of its own."""
    methods: list[str] = []

    def answer(film, request):
        methods.append(request.method)
        bright = np.zeros((8, 6), np.float32)
        bright[2 if request.method == SLOW else 5, 3] = 1.0
        maps = tuple(make.map(bright, finding=n, shape=film.shape) for n in FINDINGS)
        return make.answer(film, request, maps)

    bench.engines.compute.answer = answer
    return methods


@pytest.fixture
def compared(asked, reading_window, bench, qtbot):
    """Grad-CAM is judged, HiResCAM stands beside it."""
    bench.session.comparison.add("hirescam")
    qtbot.waitUntil(lambda: settled(bench))
    return reading_window


def settled(bench) -> bool:
    readings = (bench.session.reading, *bench.session.comparison.panes)
    return bench.idle() and all(r.saliency is not None for r in readings if r.asks)


def canvases(window) -> tuple[ImageCanvas, ...]:
    return window.panes.canvases


def test_that_the_key_sets_a_method_beside_and_takes_it_away_again(
    reading_window, bench, qtbot
) -> None:
    size = reading_window.canvas.size()
    before = bench.session.reading.analysis
    qtbot.keyClick(reading_window, Qt.Key.Key_V)
    (other,) = reading_window.panes.others
    qtbot.waitUntil(lambda: other.pane.saliency is not None)
    assert other.pane.method != "gradcam"
    assert other.canvas.isVisible()
    assert reading_window.panes.main.bar.isVisible()
    qtbot.keyClick(reading_window, Qt.Key.Key_V)
    assert canvases(reading_window) == (reading_window.canvas,)
    assert not reading_window.panes.main.bar.isVisible()
    qtbot.waitUntil(lambda: reading_window.canvas.size() == size)
    assert bench.session.reading.analysis is before


def test_that_panes_are_equally_large_and_lie_beside_each_other(compared, bench, qtbot) -> None:
    for number in (2, 3, 4):
        shown = (compared.panes.main, *compared.panes.others)
        assert len(shown) == number
        assert len({pane.size().toTuple() for pane in shown}) == 1
        for one in shown:
            assert compared.panes.rect().contains(one.geometry())
            others = (other for other in shown if other is not one)
            assert not any(one.geometry().intersects(other.geometry()) for other in others)
        if number < 4:
            bench.workstation.comparing.add()
    assert not compared.panes.main.more.isVisible()
    qtbot.waitUntil(bench.idle)


def test_that_window_zoom_and_place_are_the_same_in_all_panes(compared, bench) -> None:
    view = bench.session.view
    view.zoom, view.center = 3.0, (20.0, 30.0)
    view.voi = VoiWindow(1000, 500)
    first, second = canvases(compared)
    assert second.placement() == first.placement()
    assert second._session.view is view


def test_that_a_drag_in_any_pane_windows_all_of_them(compared, bench, qtbot) -> None:
    before = bench.session.view.voi
    canvas = canvases(compared)[1]
    middle = canvas.rect().center()
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(30, 20))
    qtbot.mouseMove(canvas, middle + QPoint(60, 40))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(60, 40))
    assert bench.session.view.voi != before


def test_that_the_place_under_the_mouse_is_marked_in_the_other_panes(compared, qtbot) -> None:
    first, second = canvases(compared)

    def ringed(canvas) -> bool:
        y, x = canvas.placement().to_view(32.5, 24.5)
        picture = canvas.grab().toImage()
        colour = picture.pixelColor(round(x + RING), round(y))  # the film is gray
        return colour.blue() > colour.red() + 60

    qtbot.mouseMove(second, second.rect().center())
    y, x = second.placement().to_view(32.5, 24.5)
    qtbot.mouseMove(second, QPoint(round(x), round(y)))
    qtbot.waitUntil(lambda: ringed(first))
    assert not ringed(second)
    QApplication.sendEvent(second, QEvent(QEvent.Type.Leave))
    assert not ringed(first)


def test_that_a_tool_is_chosen_for_all_panes_and_for_those_to_come(compared, bench, qtbot) -> None:
    qtbot.keyClick(compared, Qt.Key.Key_M)
    bench.workstation.comparing.add()
    assert {canvas.tool for canvas in canvases(compared)} == {Tool.PAN}
    qtbot.waitUntil(bench.idle)


def test_that_the_cheap_map_comes_before_the_slow_one_that_is_judged(
    compared, bench, asked, qtbot
) -> None:
    bench.workstation.analysing.choose_method(SLOW)
    qtbot.waitUntil(lambda: settled(bench))
    asked.clear()
    bench.workstation.analysing.analyse_anew()
    qtbot.waitUntil(lambda: asked == ["hirescam", SLOW])
    qtbot.waitUntil(bench.idle)


def test_that_the_next_case_is_asked_for_in_every_pane_and_the_old_one_is_gone(
    compared, bench, qtbot
) -> None:
    pane = bench.session.comparison.panes[0]
    bench.workstation.opening.step(+1)
    assert (pane.analysis, bench.session.reading.analysis) == (None, None)
    qtbot.waitUntil(lambda: settled(bench))
    second = bench.films[2].identity
    assert pane.analysis.image == second == bench.session.reading.analysis.image


def test_that_a_late_answer_in_a_pane_is_not_shown_on_the_next_case(
    compared, bench, make, qtbot
) -> None:
    pane, shown = bench.session.comparison.panes[0], []
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.comparing.choose(pane, SLOW)
    qtbot.waitUntil(lambda: pane.asking.progress is not None)
    pane.events.analysis.connect(shown.append)
    bench.workstation.opening.step(+1)
    gate.set()
    qtbot.waitUntil(lambda: settled(bench))
    images = {analysis.image for analysis in shown if analysis is not None}
    assert images == {bench.films[2].identity}


def test_that_another_finding_is_shown_in_every_pane(compared, bench, qtbot) -> None:
    comparing, pane = bench.workstation.comparing, bench.session.comparison.panes[0]
    comparing.choose(pane, SLOW)
    qtbot.waitUntil(lambda: settled(bench))
    bench.workstation.analysing.choose_finding("Effusion")
    assert pane.saliency is None
    qtbot.waitUntil(lambda: settled(bench))
    assert {pane.saliency.finding, bench.session.reading.saliency.finding} == {"Effusion"}


def test_that_work_is_shown_and_stopped_in_its_own_pane(compared, bench, asked, qtbot) -> None:
    (other,) = compared.panes.others
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.comparing.choose(other.pane, SLOW)
    qtbot.waitUntil(other.bar.cancel.isVisible)
    assert not compared.panes.main.bar.cancel.isVisible()
    assert not compared.findings.progress.isVisible()
    other.bar.cancel.click()
    qtbot.waitUntil(bench.idle)
    gate.set()
    assert not other.bar.cancel.isVisible()
    assert "Cancelled" in other.pane.asking.ended
    assert bench.session.reading.saliency is not None
    asked.clear()
    bench.workstation.analysing.analyse_anew()
    qtbot.waitUntil(lambda: settled(bench))
    assert asked == [SLOW]


def test_that_a_map_that_is_known_does_not_wait_for_one_that_is_computed(
    compared, bench, asked, qtbot
) -> None:
    reading, pane = bench.session.reading, bench.session.comparison.panes[0]
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.comparing.choose(pane, SLOW)
    qtbot.waitUntil(lambda: pane.asking.progress is not None)
    asked.clear()
    bench.workstation.analysing.choose_method("hirescam")
    qtbot.waitUntil(lambda: reading.saliency is not None)
    assert reading.saliency.method == "hirescam"
    assert pane.saliency is None
    gate.set()
    qtbot.waitUntil(lambda: settled(bench))
    assert asked == [SLOW]


def test_that_a_failure_is_stated_in_its_pane_and_disturbs_no_other(compared, bench, qtbot) -> None:
    answer, pane = bench.engines.compute.answer, bench.session.comparison.panes[0]

    def fail(film, request):
        if request.method == SLOW:
            raise WorkerDied("The compute process ended.")
        return answer(film, request)

    bench.engines.compute.answer = fail
    bench.workstation.comparing.choose(pane, SLOW)
    qtbot.waitUntil(lambda: "The compute process ended." in pane.asking.ended)
    assert not compared.messages.isVisible()
    assert bench.session.reading.saliency is not None


def test_that_reading_with_a_pane_s_method_changes_places(compared, bench, qtbot) -> None:
    reading, pane = bench.session.reading, bench.session.comparison.panes[0]
    (other,) = compared.panes.others
    read = reading.read
    other.read.click()
    assert (reading.method, pane.method) == ("hirescam", "gradcam")
    qtbot.waitUntil(lambda: settled(bench) and bool(reading.spots))
    assert reading.read is read
    bench.workstation.judging.judge_spot(reading.spots[0], Cause.TEXT)
    qtbot.waitUntil(bench.idle)
    assert [v.method for v in reading.read.verdicts] == ["hirescam"]
    assert reading.saved_at is not None


def test_that_only_the_pane_that_is_judged_has_outlines(compared, bench) -> None:
    assert bench.session.reading.spots
    judged, beside = (canvas._layers for canvas in canvases(compared))
    place = compared.canvas.placement()
    assert judged.outlines(place, 1.0)
    assert not beside.outlines(place, 1.0)


def test_that_a_consensus_names_who_voted_and_shows_its_spread(compared, bench, qtbot) -> None:
    comparing = bench.workstation.comparing
    (other,) = compared.panes.others
    comparing.choose(other.pane, SLOW)
    qtbot.waitUntil(lambda: settled(bench))
    agreed = bench.session.comparison.add(CONSENSUS)
    shown = compared.panes.others[1]
    assert "families of methods: Grad-CAM; Slow." in shown.told.text()
    assert shown.told.isVisible()
    assert not shown.read.isVisible()
    top = agreed.saliency
    shown.spread.click()
    assert agreed.method == SPREAD
    assert agreed.saliency is not top
    shown.spread.click()
    assert (agreed.saliency.values == top.values).all()
    qtbot.waitUntil(bench.idle)


def test_that_a_pane_s_menu_chooses_its_method_and_leaves_the_judged_one(
    compared, bench, qtbot
) -> None:
    (other,) = compared.panes.others
    lines = {a.text().partition("\t")[0]: a for a in other.bar.methods.menu().actions()}
    assert {info.title for info in CATALOGUE.values()} | {"Consensus"} <= set(lines)
    lines["Slow"].trigger()
    qtbot.waitUntil(lambda: settled(bench))
    assert other.pane.saliency.method == SLOW
    assert "Slow" in other.bar.methods.text()
    assert bench.session.reading.method == "gradcam"


def test_that_closing_the_last_pane_ends_the_comparison(compared, bench) -> None:
    compared.panes.others[0].close_button.click()
    assert bench.session.comparison.panes == ()
    assert not bench.workstation.comparing.on
