import json
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from radsal.core.errors import KnownError, ModelRefusal, WorkerDied, WorkerError
from radsal.core.progress import Progress
from radsal.dicom.reading import read_radiograph
from radsal.workflow import compute
from radsal.workflow.ahead import Kept
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.engines import Engines
from radsal.workflow.folders import TOGETHER, Answered, NotAnswered, analyse_folders
from radsal.workflow.results_folder import ResultsFolder


class Compute:
    """In place of the compute process: ``deadly`` films take it with them."""

    def __init__(self, answer):
        self.answer = answer
        self.deadly, self.faults, self.jobs = set(), {}, []

    def run(self, target, *given, timeout):
        yield Progress(0, 0)
        if target.endswith(":make_ready"):
            return "cpu"
        films, request = given
        self.jobs.append([film.header.path.name for film in films])
        for place, film in enumerate(films):
            if film.header.path.name in self.deadly:
                raise WorkerDied("it was ended by SIGKILL")
            fault = self.faults.get(film.header.path.name)
            yield place, fault or self.answer(film, request)
        return None

    def close(self):
        """There is no process to end."""


@pytest.fixture
def engines(answered):
    engines = Engines()
    engines.compute = Compute(answered)
    with engines:
        yield engines


@pytest.fixture
def films(new_film):
    return [new_film(number, seed=number) for number in range(1, TOGETHER + 5)]


def outcomes(steps):
    return [step for step in steps if not isinstance(step, Progress)]


def test_that_every_file_of_a_folder_has_one_outcome_in_its_order(engines, films, request_all):
    folder = films[0].parent
    (folder / "0.txt").write_text("no film")
    found = outcomes(analyse_folders(engines, [folder], request_all))
    assert isinstance(found[0], NotAnswered)
    assert (found[0].path, found[0].error.code) == (folder / "0.txt", "not-dicom")
    answered = [one.radiograph.header.path for one in found[1:]]
    assert answered == sorted(films)
    assert all(one.analysis.image == one.radiograph.identity for one in found[1:])


def test_that_progress_ends_at_the_number_of_files(engines, films, request_all):
    steps = analyse_folders(engines, films, request_all)
    progress = [step for step in steps if isinstance(step, Progress)]
    assert progress[-1].done == len(films)
    done = [step.done for step in progress]
    assert done == sorted(done)


def test_that_the_films_of_an_archive_are_analysed_by_their_place_in_it(
    engines, films, request_all, tmp_path
):
    with zipfile.ZipFile(tmp_path / "films.zip", "w") as archive:
        for film in films[:2]:
            archive.write(film, f"inner/{film.name}")
    found = outcomes(analyse_folders(engines, [tmp_path / "films.zip"], request_all))
    paths = [one.radiograph.header.path for one in found]
    assert paths == [tmp_path / "films.zip" / "inner" / film.name for film in films[:2]]


def test_that_a_film_which_takes_the_process_with_it_is_named_and_no_other(
    engines, films, request_all
):
    engines.compute.deadly = {films[1].name}
    found = outcomes(analyse_folders(engines, films, request_all))
    lost = [one for one in found if isinstance(one, NotAnswered)]
    assert [(one.path, one.error.code) for one in lost] == [(films[1], "worker-died")]
    assert len(found) == len(films)


def test_that_films_that_all_kill_the_process_end_the_run(engines, films, request_all):
    engines.compute.deadly = {film.name for film in films}
    with pytest.raises(WorkerDied):
        outcomes(analyse_folders(engines, films, request_all))


@pytest.mark.parametrize("code", ["model-output", "out-of-memory"])
def test_that_a_film_without_an_answer_is_named(engines, films, request_all, code):
    engines.compute.faults = {films[2].name: KnownError("no", code=code)}
    found = outcomes(analyse_folders(engines, films, request_all))
    (refused,) = (one for one in found if isinstance(one, NotAnswered))
    assert (refused.path, refused.error.code) == (films[2], code)


def test_that_an_answer_for_another_film_is_never_handed_on(engines, films, request_all, answered):
    other = read_radiograph(films[3])
    engines.compute.answer = lambda _, request: answered(other, request)
    found = outcomes(analyse_folders(engines, films[:2], request_all))
    assert [one.error.code for one in found] == ["identity-mismatch"] * 2


def test_that_what_would_happen_to_every_film_ends_the_run(engines, films, request_all):
    def refuse(film, request):
        raise ModelRefusal("the package changed")

    engines.compute.answer = refuse
    with pytest.raises(ModelRefusal):
        outcomes(analyse_folders(engines, films, request_all))


def test_that_an_early_end_leaves_no_thread_decoding(engines, films, request_all):
    steps = analyse_folders(engines, films * 20, request_all)
    for step in steps:
        if isinstance(step, Answered):
            break
    steps.close()
    assert engines.decoder.call("radsal.dicom.jobs:load", films[0]) is not None


def test_that_a_second_run_asks_only_what_has_changed(
    engines, films, new_film, request_all, tmp_path
):
    folder = ResultsFolder(tmp_path / "out", request_all)
    for one in outcomes(analyse_folders(engines, films, request_all, folder.kept)):
        folder.write(one.radiograph, one.analysis)
    engines.compute.jobs.clear()
    new_film(3, seed=99)  # other pixels
    moved = films[0].rename(films[0].with_name("moved.dcm"))
    again = outcomes(analyse_folders(engines, [moved, *films[1:]], request_all, folder.kept))
    assert engines.compute.jobs == [[films[2].name]]
    assert [type(one) for one in again] == [
        Answered if film == films[2] else Kept for film in films
    ]
    assert again[0].document["image"]["path"] == str(moved)


@pytest.mark.parametrize(
    "change", ["model", "method", "findings", "mass", "map lost", "damaged", "chain", "fresh"]
)
def test_that_only_the_same_question_about_the_same_film_is_answered_from_the_folder(
    film, request_all, answered, tmp_path, change
):
    folder = ResultsFolder(tmp_path, request_all)
    written = folder.write(film, answered(film, request_all))
    assert folder.kept(film) == written
    asked = request_all
    match change:
        case "model":
            asked = replace(asked, model=replace(asked.model, sha256="f" * 64))
        case "method":
            asked = replace(asked, method="hirescam")
        case "findings":
            asked = replace(asked, findings="top")
        case "mass":
            asked = replace(asked, mass=0.7)
        case "map lost":
            Path(written["maps"][0]["file"]).unlink()
        case "damaged":
            path = folder.path(film)
            path.write_bytes(path.read_bytes()[:-9])
        case "chain":
            film = replace(film, chain=replace(film.chain, inverted=True))
    assert ResultsFolder(tmp_path, asked, fresh=change == "fresh").kept(film) is None


def test_that_the_folder_holds_documents_of_the_contract(film, request_all, answered, tmp_path):
    folder = ResultsFolder(tmp_path, request_all)
    written = folder.write(film, answered(film, request_all))
    document = json.loads(folder.path(film).read_text("utf-8"))
    assert document["schema"] == "radsal.analysis/1"
    assert document["results"] == [written]
    with np.load(written["maps"][0]["file"]) as file:
        assert file["image_map"].shape == film.shape


def run_films(films, request):
    return dict(e for e in compute.analyse_films(films, request) if isinstance(e, tuple))


def same(one, other):
    """Whether two analyses agree to the last bit."""
    return one.predictions == other.predictions and [m.sha256 for m in one.maps] == [
        m.sha256 for m in other.maps
    ]


def test_that_a_films_answer_does_not_depend_on_the_films_beside_it(package, films):
    request = AnalysisRequest.of(package, device="cpu")
    many = [read_radiograph(path) for path in films[:8]]
    together = run_films(many, request)
    assert sorted(together) == list(range(8))
    for place, film in enumerate(many):
        assert same(run_films([film], request)[0], together[place])


def test_that_a_method_of_many_steps_tells_how_far_a_film_is(package, films, monkeypatch):
    monkeypatch.setattr(compute, "TICK", 0)
    request = AnalysisRequest.of(package, "ig", device="cpu", options={"steps": 40, "chunk": 1})
    events = list(compute.analyse_films([read_radiograph(films[0])], request))
    told = [event for event in events if isinstance(event, Progress)]
    assert told
    for step in told:
        assert step.what == f"Integrated Gradients {step.done} of {step.total}"
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert isinstance(events[-1], tuple)


def test_that_films_that_nobody_waits_for_stop_at_their_next_step(package, films, monkeypatch):
    class Endless:
        def steps(self, *_):
            while True:
                yield Progress(1, 2)
                time.sleep(0.001)

    monkeypatch.setattr(compute, "TICK", 0.01)
    monkeypatch.setattr(compute, "method_named", lambda _: Endless())
    request = AnalysisRequest.of(package, device="cpu")
    events = compute.analyse_films([read_radiograph(path) for path in films[:3]], request)
    assert isinstance(next(events), Progress)
    events.close()  # would wait for ever


def test_that_how_far_a_film_is_stands_beside_how_far_the_folder_is(engines, films, request_all):
    run_job = engines.compute.run

    def told(target, *arguments, timeout):
        if target.endswith(":analyse_films"):
            yield Progress(3, 50, "Integrated Gradients 3 of 50")
        return (yield from run_job(target, *arguments, timeout=timeout))

    engines.compute.run = told
    steps = [e for e in analyse_folders(engines, films[:1], request_all) if isinstance(e, Progress)]
    assert "Integrated Gradients 3 of 50" in {step.what for step in steps}
    assert {step.done for step in steps} <= {0, 1}


def test_that_the_window_and_a_folder_agree(package, films, finished):
    request = AnalysisRequest.of(package, device="cpu")
    many = [read_radiograph(path) for path in films[:3]]
    together = run_films(many, request)
    for place, film in enumerate(many):
        alone = finished(compute.analyse(film, request))
        for a, b in zip(alone.predictions, together[place].predictions, strict=True):
            assert a.logit == pytest.approx(b.logit, abs=1e-5)
        for a, b in zip(alone.maps, together[place].maps, strict=True):
            np.testing.assert_allclose(a.values, b.values, atol=1e-5)


def test_that_a_batch_of_eight_gives_what_each_film_gives_alone(package, films, monkeypatch):
    request = AnalysisRequest.of(package, device="cpu")
    many = [read_radiograph(path) for path in films[:8]]
    alone = run_films(many, request)
    classifier = compute._classifier(request)
    monkeypatch.setattr(classifier, "batch", 8)
    batched = dict(compute._films_in_batches(classifier, many, request))
    assert sorted(batched) == list(range(8))
    for place in range(8):
        for a, b in zip(alone[place].predictions, batched[place].predictions, strict=True):
            assert a.logit == pytest.approx(b.logit, abs=1e-5)
        for a, b in zip(alone[place].maps, batched[place].maps, strict=True):
            np.testing.assert_allclose(a.values, b.values, atol=1e-5)


@pytest.mark.slow
def test_that_two_processes_give_the_same_bits(package, films):
    request = AnalysisRequest.of(package, device="cpu")
    runs = []
    for _ in range(2):
        with Engines() as real:
            runs.append(outcomes(analyse_folders(real, films, request)))
    for one, other in zip(*runs, strict=True):
        assert same(one.analysis, other.analysis)
        assert [s.id for s in one.analysis.hot_spots] == [s.id for s in other.analysis.hot_spots]


def test_that_memory_which_one_film_lacks_is_told_of_that_film_alone(package, films, monkeypatch):
    request = AnalysisRequest.of(package, device="cpu")
    many = [read_radiograph(path) for path in films[:3]]
    given = compute.model_input

    def short(film):
        if film.identity == many[1].identity:
            raise MemoryError
        return given(film)

    monkeypatch.setattr(compute, "model_input", short)
    answers = run_films(many, request)
    assert isinstance(answers[1], WorkerError)
    assert answers[1].code == "out-of-memory"
    assert answers[0].image == many[0].identity
    assert answers[2].image == many[2].identity
