"""The analysis on screen is that of the image, model and method on screen, or there is none."""

from dataclasses import replace

import pytest

from radsal.core.errors import BugError, WorkerDied
from radsal.core.progress import Progress
from radsal.inference.package import Intended
from radsal.session import CaseStatus


@pytest.fixture
def shown(bench, qtbot):
    """Film 1 is on screen and analysed; film 2 is in the list."""
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 2)
    qtbot.waitUntil(bench.idle)
    return bench.session.reading


def test_that_what_was_computed_once_is_not_computed_again(bench, shown, qtbot) -> None:
    asked = list(bench.engines.compute.asked)
    bench.workstation.opening.step(+1)
    bench.workstation.opening.step(-1)
    qtbot.waitUntil(bench.ready)
    assert bench.engines.compute.asked == asked
    assert shown.analysis.image == bench.films[1].identity


def test_that_the_model_is_asked_again_where_the_reader_says_so(bench, shown, qtbot) -> None:
    asked = bench.engines.compute.asked.count(("analyse", bench.films[1].header.path))
    bench.workstation.analysing.analyse_anew()
    again = ("analyse", bench.films[1].header.path)
    qtbot.waitUntil(lambda: bench.engines.compute.asked.count(again) == asked + 1)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())


def test_that_looking_at_films_writes_nothing_into_the_store(bench, shown, qtbot, make) -> None:
    for method in ("hirescam", "gradcam"):
        bench.workstation.analysing.choose_method(method)
        qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    store = bench.workstation.services.store
    for film in bench.films.values():
        assert store.image(film.identity) is None
        assert store.analysis(film.identity, make.model, "gradcam") is None


def test_that_an_answer_for_another_image_is_shown_to_nobody(bench, qtbot, make, heard) -> None:
    """The compute process mixes its jobs up: the answer is dropped, and said to be."""
    wrong = make.film(3)
    answer = bench.engines.compute.answer
    bench.engines.compute.answer = lambda film, request: answer(wrong, request)
    bench.open(1)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert "another image or model" in str(heard.troubles[0])
    assert bench.session.reading.analysis is None
    store = bench.workstation.services.store
    for film in (bench.films[1], wrong):
        assert store.analysis(film.identity, make.model, "gradcam") is None


@pytest.mark.parametrize("what", ["model", "method"])
def test_that_an_answer_by_another_model_or_method_is_shown_to_nobody(
    bench, qtbot, make, heard, what
) -> None:
    answer = bench.engines.compute.answer
    other = {"model": make.other_model} if what == "model" else {"method": "hirescam"}
    bench.engines.compute.answer = lambda film, request: answer(film, replace(request, **other))
    bench.open(1)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert bench.session.reading.analysis is None


def test_that_an_analysis_of_a_case_that_was_left_never_arrives(bench, qtbot) -> None:
    reading = bench.session.reading
    arrived: list[str] = []
    reading.events.analysis.connect(
        lambda found: arrived.append(found.image.sop_instance_uid) if found else None
    )
    gate = bench.engines.compute.hold(bench.films[1])
    bench.open(1, 2)
    qtbot.waitUntil(lambda: ("analyse", bench.films[1].header.path) in bench.engines.compute.asked)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(bench.ready)
    gate.set()
    qtbot.waitUntil(bench.idle)
    assert arrived == ["2.25.2"]


def test_that_another_model_answers_for_the_image_on_screen(bench, shown, qtbot, make) -> None:
    bench.workstation.analysing.choose_model("demo-twin")
    assert shown.analysis is None
    qtbot.waitUntil(bench.ready)
    assert shown.analysis.model == make.other_model
    assert shown.analysis.image == bench.films[1].identity


def test_that_another_method_explains_and_the_read_stays(bench, shown, qtbot) -> None:
    read = shown.read
    bench.workstation.analysing.choose_method("hirescam")
    assert shown.analysis is None
    qtbot.waitUntil(lambda: shown.analysis is not None)
    assert {m.method for m in shown.analysis.maps} == {"hirescam"}
    assert shown.read is read


def test_that_the_model_is_asked_with_the_options_that_hold(bench, shown, qtbot) -> None:
    analysing = bench.workstation.analysing
    analysing.choose_options({"layer": "features.block4"})
    assert shown.analysis is None
    assert analysing.request().options == (("layer", "features.block4"),)
    qtbot.waitUntil(lambda: shown.analysis is not None)
    assert shown.analysis.parameters["asked_layer"] == "features.block4"
    analysing.choose_options({})
    qtbot.waitUntil(lambda: shown.analysis is not None)
    assert shown.analysis.parameters["asked_layer"] == "last"


def test_that_an_answer_with_older_options_never_arrives(bench, shown, qtbot) -> None:
    arrived = []
    shown.events.analysis.connect(lambda found: found and arrived.append(dict(found.parameters)))
    gate = bench.engines.compute.hold(bench.films[1])
    analysing = bench.workstation.analysing
    for layer in ("features.block3", "features.block4"):
        analysing.choose_options({"layer": layer})
    gate.set()
    qtbot.waitUntil(lambda: shown.analysis is not None)
    qtbot.waitUntil(bench.idle)
    assert [said["asked_layer"] for said in arrived] == ["features.block4"]


def test_that_quick_changes_of_mind_end_with_the_last_choice(bench, shown, qtbot, make) -> None:
    for model in ("demo-twin", "demo-opacity", "demo-twin"):
        bench.workstation.analysing.choose_model(model)
    for method in ("hirescam", "gradcam", "hirescam"):
        bench.workstation.analysing.choose_method(method)
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    assert (shown.analysis.model, shown.analysis.method) == (make.other_model, "hirescam")


def test_that_a_model_that_is_not_there_is_not_chosen(bench, shown) -> None:
    analysis = shown.analysis
    bench.workstation.analysing.choose_model("no-such-model")
    assert shown.analysis is analysis


@pytest.mark.parametrize("error", [WorkerDied("The process ended."), BugError("unforeseen")])
def test_that_a_failure_is_told_and_the_image_stays(bench, qtbot, heard, error) -> None:
    failed = []
    bench.workstation.analysing.failed.connect(failed.append)

    def fail(film, request):
        raise error

    answer, bench.engines.compute.answer = bench.engines.compute.answer, fail
    bench.open(1)
    qtbot.waitUntil(lambda: bool(failed))
    assert (failed, heard.troubles) == ([error], [error])
    assert bench.session.reading.radiograph is bench.films[1]
    bench.engines.compute.answer = answer
    bench.workstation.analysing.analyse()
    qtbot.waitUntil(bench.ready)


def test_that_work_is_announced_until_it_ends_also_after_an_older_one_was_stopped(
    bench, qtbot
) -> None:
    """The end of what was cancelled must not say that nothing runs."""
    told: list[Progress | None] = []
    bench.session.reading.asking.events.progress.connect(told.append)
    gates = [bench.engines.compute.hold(bench.films[n]) for n in (1, 2)]
    bench.open(1, 2)
    qtbot.waitUntil(lambda: ("analyse", bench.films[1].header.path) in bench.engines.compute.asked)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(lambda: ("analyse", bench.films[2].header.path) in bench.engines.compute.asked)
    assert told[-1] is not None
    for gate in gates:
        gate.set()
    qtbot.waitUntil(bench.ready)
    assert told[-1] is None


def test_that_cancel_ends_the_work_and_the_image_can_be_analysed_again(bench, qtbot) -> None:
    told: list[Progress | None] = []
    bench.session.reading.asking.events.progress.connect(told.append)
    gate = bench.engines.compute.hold(bench.films[1])
    bench.open(1)
    qtbot.waitUntil(lambda: bool(bench.engines.compute.asked))
    bench.workstation.analysing.cancel()
    qtbot.waitUntil(bench.idle)
    assert told[-1] is None
    assert bench.session.reading.analysis is None
    gate.set()
    bench.workstation.analysing.analyse()
    qtbot.waitUntil(bench.ready)


# ahead -------------------------------------------------------------------------------------------


def summaries(bench) -> dict[str, CaseStatus]:
    cases = bench.session.worklist.cases
    return {
        c.first.path.name: bench.session.worklist.summary(c.study_instance_uid).status
        for c in cases
    }


def test_that_the_other_cases_are_analysed_while_one_is_looked_at(bench, qtbot) -> None:
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    assert set(summaries(bench).values()) == {CaseStatus.READY}
    lines = [s.line for s in bench.session.worklist.summaries.values()]
    assert lines == ["Opacity 94%"] * 3
    assert bench.session.reading.analysis.image == bench.films[1].identity


def test_that_what_the_reader_chooses_is_not_queued_behind_the_whole_list(bench, qtbot) -> None:
    bench.open(1, 2, 3)
    gate = bench.engines.compute.hold(bench.films[2])
    qtbot.waitUntil(lambda: ("analyse", bench.films[2].header.path) in bench.engines.compute.asked)
    bench.workstation.opening.choose(bench.session.worklist.cases[2])
    gate.set()
    qtbot.waitUntil(lambda: bench.ready() and bench.session.reading.radiograph is bench.films[3])
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    assert set(summaries(bench).values()) == {CaseStatus.READY}


def test_that_a_case_that_cannot_be_read_ahead_is_marked_and_the_others_go_on(bench, qtbot) -> None:
    bench.refuse(2)
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    assert summaries(bench) == {
        "film1.dcm": CaseStatus.READY,
        "film2.dcm": CaseStatus.REFUSED,
        "film3.dcm": CaseStatus.READY,
    }


def test_that_a_failure_ahead_is_not_shown_on_the_case_on_screen(bench, qtbot, heard) -> None:
    failed = []
    bench.workstation.analysing.failed.connect(failed.append)
    answer = bench.engines.compute.answer

    def fail_second(film, request):
        if film is bench.films[2]:
            raise WorkerDied("The process ended.")
        return answer(film, request)

    bench.engines.compute.answer = fail_second
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    assert (failed, heard.troubles) == ([], [])
    assert summaries(bench)["film1.dcm"] is CaseStatus.READY


def test_that_another_model_is_asked_about_every_case_again(bench, qtbot, make) -> None:
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    bench.workstation.analysing.choose_model("demo-twin")
    assert set(summaries(bench).values()) == {CaseStatus.NEW}
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.ready() and bench.idle())
    assert set(summaries(bench).values()) == {CaseStatus.READY}
    for film in bench.films.values():
        assert bench.engines.compute.asked.count(("analyse", film.header.path)) == 2


def test_that_a_model_says_before_it_runs_that_the_image_is_none_of_its_kind(
    bench, qtbot, window
) -> None:
    services = bench.workstation.services
    first, *others = services.packages
    services.packages = (replace(first, intended=Intended(modality=("CR",))), *others)
    gate = bench.engines.compute.hold(bench.films[1])
    told: list[tuple[str, ...]] = []
    bench.workstation.analysing.objected.connect(told.append)
    bench.open(1)
    sentence = "The model is intended for modality CR; this image has DX."
    qtbot.waitUntil(lambda: told == [(sentence,)])
    assert bench.session.reading.analysis is None
    assert window.findings.notices.scope.text.text() == sentence
    gate.set()
    qtbot.waitUntil(bench.ready)
