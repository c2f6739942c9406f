"""Erase a hot spot and run again: by key or button, with progress, for the film on screen only."""

import pytest
from PySide6.QtCore import Qt

from radsal.core.errors import WorkerDied
from radsal.core.geometry import Box


@pytest.fixture
def ready(bench, qtbot):
    """Film 1 is on screen with its two hot spots; film 2 is in the list."""
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 2)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    return bench


def erasures(bench):
    return bench.session.evidence.erasures


def test_that_the_key_erases_the_first_hot_spot_and_the_column_says_what_came_of_it(
    ready, window, qtbot
) -> None:
    box = window.findings.evidence
    assert box.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: len(erasures(ready)) == 1)
    ((spot, how),) = erasures(ready)
    assert (spot, how) == ("spot-1", "diffusion")
    assert erasures(ready)[spot, how].box == Box(8, 6, 24, 18)
    qtbot.waitUntil(box.sentence.isVisible)
    assert "p = 0.01" in box.sentence.text()
    assert "The answer depends on this region." in box.sentence.text()
    assert not box.warning.isVisible()
    assert ready.session.evidence.asking.progress is None


def test_that_the_active_hot_spot_is_the_one_that_is_erased(ready, window, qtbot) -> None:
    ready.session.reading.spot = "spot-2"
    qtbot.waitUntil(lambda: window.findings.evidence.erase.word == "Erase 2 and run again")
    qtbot.mouseClick(window.findings.evidence.erase, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("spot-2", "diffusion") in erasures(ready))


def test_that_what_was_found_is_shown_for_its_own_hot_spot_only(ready, window, qtbot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_E)
    box = window.findings.evidence
    qtbot.waitUntil(box.histogram.isVisible)
    ready.session.reading.spot = "spot-2"
    qtbot.waitUntil(lambda: not box.histogram.isVisible())
    ready.session.reading.spot = "spot-1"
    qtbot.waitUntil(box.histogram.isVisible)


def test_that_a_fill_in_that_no_radiograph_looks_like_is_warned_of(ready, window, qtbot) -> None:
    window.findings.evidence.fillInChosen.emit("zero")
    qtbot.keyClick(window, Qt.Key.Key_E)
    qtbot.waitUntil(window.findings.evidence.warning.isVisible)
    assert "No radiograph looks like this" in window.findings.evidence.warning.text()


def test_that_an_erasure_can_be_given_up(ready, window, qtbot) -> None:
    gate = ready.engines.compute.hold(ready.films[1])
    box = window.findings.evidence
    qtbot.keyClick(window, Qt.Key.Key_E)
    qtbot.waitUntil(box.cancel.isVisible)
    assert not box.erase.isEnabled()
    assert ready.session.evidence.asking.subject == "Erasing hot spot 1"
    qtbot.mouseClick(box.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not box.cancel.isVisible())
    gate.set()
    qtbot.waitUntil(ready.idle)
    assert box.sentence.text() == "Cancelled."
    assert erasures(ready) == {}


def test_that_leaving_the_case_gives_the_erasure_up_and_nothing_of_it_is_shown(
    ready, window, qtbot
) -> None:
    gate = ready.engines.compute.hold(ready.films[1])
    qtbot.keyClick(window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: ready.engines.compute.asked[-1][0] == "erase")
    ready.workstation.opening.step(+1)
    gate.set()
    qtbot.waitUntil(lambda: ready.ready() and ready.idle())
    assert ready.session.reading.radiograph.identity == ready.films[2].identity
    assert erasures(ready) == {}
    assert not window.findings.evidence.histogram.isVisible()


def test_that_a_failure_is_said_where_it_was_asked_for(
    ready, window, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise WorkerDied("The compute process ended.", remedy="Try again.")

    monkeypatch.setattr(ready.engines.compute, "erase", broken, raising=False)
    qtbot.keyClick(window, Qt.Key.Key_E)
    box = window.findings.evidence
    qtbot.waitUntil(box.sentence.isVisible)
    assert box.sentence.text() == "The compute process ended. Try again."
    assert box.erase.isEnabled()
