"""A method that explains one finding at a time is asked about the one on screen."""

from dataclasses import replace

import numpy as np
import pytest

from radsal.app.actions.asker import CANCELLED
from radsal.core.errors import WorkerDied
from radsal.core.progress import Progress
from radsal.review.vocabulary import Cause
from radsal.saliency.catalogue import CATALOGUE, GRADCAM
from radsal.session import CaseStatus
from radsal.workflow.analysis import Preview
from radsal.workflow.recalling import kept

SLOW, THOROUGH = "slow", "thorough"


@pytest.fixture(autouse=True)
def slow_method(monkeypatch) -> None:
    """One that explains a finding at a time, and one that takes long and explains all."""
    monkeypatch.setitem(CATALOGUE, SLOW, replace(GRADCAM, name=SLOW, title="Slow", at_once=False))
    thorough = replace(GRADCAM, name=THOROUGH, title="Thorough", slow=True)
    monkeypatch.setitem(CATALOGUE, THOROUGH, thorough)


@pytest.fixture
def asked(bench, make):
    """(method, findings) of each question; a slow answer has the map of the finding alone."""
    questions: list[tuple[str, str]] = []

    def answer(film, request):
        questions.append((request.method, request.findings))
        return make.answer(film, request)

    bench.engines.compute.answer = answer
    return questions


@pytest.fixture
def slow(bench, asked, qtbot):
    """Film 1 is explained by the slow method; film 2 is in the list."""
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 2)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    bench.workstation.analysing.choose_method(SLOW)
    qtbot.waitUntil(lambda: bench.session.reading.saliency is not None)
    return bench.session.reading


def test_that_only_the_finding_on_screen_is_asked_for(slow, asked) -> None:
    assert asked[-1] == (SLOW, "Opacity")
    assert {m.finding for m in slow.analysis.maps} == {"Opacity"}


def test_that_another_finding_is_asked_for_when_it_is_selected(slow, bench, asked, qtbot) -> None:
    bench.workstation.analysing.choose_finding("Effusion")
    assert slow.saliency is None
    assert slow.spots == ()
    qtbot.waitUntil(lambda: slow.saliency is not None)
    assert asked[-1] == (SLOW, "Effusion")
    assert slow.saliency.finding == "Effusion"


def test_that_findings_stay_listed_while_another_map_is_waited_for(
    slow, bench, window, qtbot
) -> None:
    rows = window.findings.findings.rows
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(window.findings.progress.isVisible)
    assert "Slow for Effusion" in window.findings.progress.what.text()
    assert window.findings.findings.isVisible()
    assert window.findings.findings.rows is rows
    qtbot.waitUntil(lambda: not window.findings.spots.isVisible())
    gate.set()
    qtbot.waitUntil(window.findings.spots.isVisible)
    assert window.findings.findings.rows is rows


def test_that_a_case_is_asked_for_its_predictions_before_its_striking_finding(
    slow, bench, asked, qtbot
) -> None:
    read = slow.read
    bench.workstation.opening.step(+1)
    assert slow.predictions == ()
    qtbot.waitUntil(lambda: slow.saliency is not None and slow.read is not None)
    assert slow.analysis.image == bench.films[2].identity
    assert slow.finding == "Opacity"
    assert asked[-1] == (SLOW, "Opacity")
    assert slow.read is not read


@pytest.mark.parametrize("method", [SLOW, THOROUGH])
def test_that_no_list_is_worked_through_by_a_slow_method(bench, asked, qtbot, method) -> None:
    bench.workstation.analysing.choose_method(method)
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.ready() and bench.idle())
    assert [name for name, _ in asked].count(method) == 1
    states = {s.status for s in bench.session.worklist.summaries.values()}
    assert states == {CaseStatus.READY}


def test_that_cancel_says_so_and_f5_or_the_finding_ask_again(slow, bench, window, qtbot) -> None:
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(window.findings.progress.isVisible)
    window.findings.progress.cancel.click()
    qtbot.waitUntil(lambda: CANCELLED in window.findings.empty.text())
    assert slow.asking.ended == CANCELLED
    assert slow.predictions
    assert window.findings.findings.isVisible()
    gate.set()
    qtbot.waitUntil(bench.idle)
    assert slow.saliency is None
    window.findings.findings.rows[1].click()
    qtbot.waitUntil(lambda: slow.saliency is not None)


def test_that_a_failure_leaves_the_findings_and_says_why(slow, bench, window, qtbot) -> None:
    def fail(film, request):
        raise WorkerDied("The process ended.")

    bench.engines.compute.answer = fail
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(lambda: "Slow for Effusion. The process ended." in window.findings.empty.text())
    assert window.findings.findings.isVisible()
    assert slow.saliency is None


def test_that_verdicts_on_maps_of_several_findings_and_methods_are_one_read(
    slow, bench, qtbot
) -> None:
    judging, store = bench.workstation.judging, bench.workstation.services.store
    analysing = bench.workstation.analysing
    judging.judge_spot(slow.spots[0], Cause.TEXT)
    analysing.choose_finding("Effusion")
    qtbot.waitUntil(lambda: bool(slow.spots))
    judging.judge_spot(slow.spots[0], Cause.MARKER)
    analysing.choose_method("gradcam")
    qtbot.waitUntil(lambda: bool(slow.spots))
    judging.judge_spot(slow.spots[0], Cause.FINDING)
    qtbot.waitUntil(bench.idle)
    saved = store.open_read(slow.read.study_instance_uid, slow.read.reader, slow.model)
    given = {(v.method, v.finding, v.cause) for v in saved.verdicts}
    assert given == {
        (SLOW, "Opacity", Cause.TEXT),
        (SLOW, "Effusion", Cause.MARKER),
        ("gradcam", "Effusion", Cause.FINDING),
    }
    behind = {(a.method, m.finding) for a in store.analyses(saved.id) for m in a.maps}
    assert {(SLOW, "Opacity"), (SLOW, "Effusion"), ("gradcam", "Effusion")} <= behind


# previews ----------------------------------------------------------------------------------------


@pytest.fixture
def sketched(bench, asked, make, monkeypatch):
    """The slow method sketches before it waits for the film's gate; the sketch can be changed."""
    changes: dict[str, object] = {}
    play = bench.engines.compute.analyse

    def analyse(film, request):
        if request.method in (SLOW, THOROUGH):
            every = request.findings == "all"
            names = ("Opacity", "Effusion") if every else (request.findings,)
            sketch = make.analysis(
                film,
                maps=tuple(make.map(np.eye(2), finding=n, shape=film.shape) for n in names),
                spots=(),
                model=request.model,
                method=request.method,
                parameters=request.parameters,
            )
            yield Progress(1, 9, "Covering")
            yield Preview(replace(sketch, **changes))
        return (yield from play(film, request))

    bench.engines.compute.analyse = analyse
    return changes


def test_that_a_preview_is_shown_without_hot_spots_until_the_map_replaces_it(
    sketched, slow, bench, window, qtbot
) -> None:
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(lambda: slow.preview is not None)
    assert slow.shown_saliency.values.shape == (2, 2)
    assert slow.saliency is None
    assert slow.spots == ()
    qtbot.waitUntil(lambda: not window.findings.spots.isVisible())
    gate.set()
    qtbot.waitUntil(lambda: slow.saliency is not None)
    assert slow.preview is None
    assert slow.shown_saliency is slow.saliency


def test_that_a_preview_is_never_kept(sketched, slow, bench, make, qtbot) -> None:
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(lambda: slow.preview is not None)
    bench.workstation.analysing.cancel()
    assert slow.preview is None
    qtbot.waitUntil(bench.idle)
    gate.set()
    services, request = bench.workstation.services, bench.workstation.analysing.request()
    assert request.findings == "Effusion"
    assert kept(services.maps, bench.films[1], request) is None
    assert kept(services.maps, bench.films[1], replace(request, findings="Opacity")) is not None
    assert services.store.analysis(bench.films[1].identity, make.model, SLOW) is None


@pytest.mark.parametrize("what", ["image", "model", "method"])
def test_that_a_preview_of_something_else_is_shown_to_nobody(
    sketched, slow, bench, make, heard, qtbot, what
) -> None:
    stray = {
        "image": {"image": bench.films[3].identity},
        "model": {"model": make.other_model},
        "method": {"method": "gradcam", "maps": ()},
    }
    sketched.update(stray[what])
    shown: list[object] = []
    slow.events.preview.connect(shown.append)
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(bench.idle)
    assert [preview for preview in shown if preview is not None] == []
    assert "another image or model" in str(heard.troubles[0])


def test_that_a_preview_leaves_with_its_case(sketched, slow, bench, qtbot) -> None:
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_finding("Effusion")
    qtbot.waitUntil(lambda: slow.preview is not None)
    bench.workstation.opening.step(+1)
    assert slow.preview is None
    assert slow.shown_saliency is None
    gate.set()
    qtbot.waitUntil(lambda: slow.saliency is not None)
    assert slow.analysis.image == bench.films[2].identity


def test_that_a_preview_of_all_findings_stays_with_the_work_when_another_is_selected(
    sketched, slow, bench, asked, qtbot
) -> None:
    gate = bench.engines.compute.hold(bench.films[1])
    bench.workstation.analysing.choose_method(THOROUGH)
    qtbot.waitUntil(lambda: slow.preview is not None)
    bench.workstation.analysing.choose_finding("Effusion")
    assert slow.shown_saliency.finding == "Effusion"
    assert slow.asking.progress is not None
    gate.set()
    qtbot.waitUntil(lambda: slow.saliency is not None)
    assert slow.saliency.finding == "Effusion"
    assert asked.count((THOROUGH, "all")) == 1
