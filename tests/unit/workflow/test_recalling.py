"""An analysis is asked for once: what reads were given on is stored, what was looked at is kept."""

from dataclasses import replace

import pytest

from radsal.core.errors import IdentityMismatch, WorkerDied
from radsal.core.identity import ModelIdentity
from radsal.dicom.reading import read_radiograph
from radsal.review.read import Read
from radsal.workflow.reading import save
from radsal.workflow.recalling import kept, stored_or_new

OTHER_MODEL = ModelIdentity("test-model", "f" * 64)


@pytest.fixture
def ask(store, maps, engines, film, finished):
    """Ask about the film, or another one."""

    def ask(request, film=film, *, anew=False):
        return finished(stored_or_new(store, maps, engines, film, request, anew=anew))

    return ask


@pytest.fixture
def stored(store, film, request_all, answered):
    """Store a read on an analysis by this device, computed for this request."""

    def keep(request=request_all, device="cpu"):
        analysis = replace(answered(film, request), device=device)
        save(store, Read.begin("2.25.2", f"Dr. {device}", request.model), film, analysis)
        return analysis

    return keep


def hashes(analysis):
    spots = [(spot.id, spot.contour.tobytes()) for spot in analysis.hot_spots]
    return [(m.finding, m.status, m.sha256) for m in analysis.maps], spots


def test_that_an_analysis_is_asked_for_once_and_then_kept(ask, engines, request_all):
    first, again = ask(request_all), ask(request_all)
    assert engines.compute.asked == 1
    for name in ("image", "model", "method", "parameters", "device", "predictions", "notes"):
        assert getattr(again, name) == getattr(first, name)
    assert hashes(again) == hashes(first)


def test_that_what_is_only_looked_at_leaves_no_trace_in_the_store(ask, store, film, request_all):
    ask(request_all)
    assert store.image(film.identity) is None
    assert store.analysis(film.identity, request_all.model, "gradcam") is None


def test_that_the_analysis_that_a_read_was_given_on_comes_before_a_kept_one(
    ask, engines, request_all, stored
):
    ask(request_all)
    stored(device="cuda:0 A card")
    assert ask(request_all).device == "cuda:0 A card"
    assert engines.compute.asked == 1


@pytest.mark.parametrize("change", [{"mass": 0.7}, {"options": (("layer", "features.block3"),)}])
def test_that_a_stored_analysis_is_found_behind_a_newer_one_that_answers_something_else(
    ask, engines, request_all, stored, change
):
    judged = stored()
    stored(replace(request_all, **change), device="cuda:0")
    assert hashes(ask(request_all)) == hashes(judged)
    assert ask(replace(request_all, **change)).device == "cuda:0"
    assert engines.compute.asked == 0


@pytest.mark.parametrize("where", ["stored", "kept"])
def test_that_one_finding_is_answered_by_an_analysis_of_all(
    ask, engines, request_all, stored, answered, film, where
):
    whole = ask(request_all) if where == "kept" else stored()
    before = engines.compute.asked
    alone = ask(replace(request_all, findings="Opacity"))
    assert engines.compute.asked == before
    assert [m.finding for m in alone.maps] == ["Opacity"]
    assert alone.maps[0].sha256 == whole.maps[0].sha256
    assert alone.predictions == whole.predictions
    asked = answered(film, replace(request_all, findings="Opacity"))
    assert (alone.parameters, hashes(alone)) == (asked.parameters, hashes(asked))


def test_that_all_findings_are_answered_once_each_of_them_is_kept(
    ask, engines, request_all, answered, film
):
    for finding in ("Effusion", "Opacity"):
        ask(replace(request_all, findings=finding))
    whole, expected = ask(request_all), answered(film, request_all)
    assert engines.compute.asked == 2
    assert (whole.parameters, hashes(whole)) == (expected.parameters, hashes(expected))


def test_that_findings_that_were_computed_on_several_devices_are_not_mixed(
    ask, engines, request_all
):
    ask(replace(request_all, findings="Effusion"))
    plain = engines.compute.answer
    engines.compute.answer = lambda film, request: replace(plain(film, request), device="cuda:0")
    ask(replace(request_all, findings="Opacity"))
    asked = engines.compute.asked
    assert ask(request_all).device == "cuda:0"
    assert engines.compute.asked == asked + 1


def test_that_all_findings_cannot_be_looked_up_where_they_are_not_known(ask, engines, request_all):
    unknown = replace(request_all, labels=())
    ask(unknown)
    ask(unknown)
    assert engines.compute.asked == 2


def test_that_asking_anew_passes_by_what_is_stored_and_kept_and_replaces_what_is_kept(
    ask, engines, request_all, stored, maps, film
):
    ask(request_all)
    stored()
    plain = engines.compute.answer
    engines.compute.answer = lambda film, request: replace(plain(film, request), device="cuda:0")
    assert ask(request_all, anew=True).device == "cuda:0"
    assert kept(maps, film, request_all).device == "cuda:0"
    assert engines.compute.asked == 2


@pytest.mark.parametrize(
    "change",
    [
        {"mass": 0.7},
        {"findings": "top"},
        {"method": "hirescam"},
        {"model": OTHER_MODEL},
        {"options": (("layer", "features.block3"),)},
    ],
)
@pytest.mark.parametrize("where", ["stored", "kept"])
def test_that_an_analysis_does_not_answer_another_question(
    ask, engines, request_all, stored, change, where
):
    if where == "kept":
        ask(request_all)
    else:
        stored()
    before = engines.compute.asked
    ask(replace(request_all, **change))
    assert engines.compute.asked == before + 1


def test_that_a_film_with_the_same_pixels_and_other_gray_values_is_asked_about(
    ask, engines, film, request_all, new_film
):
    ask(request_all)
    inverse = read_radiograph(new_film(1, PhotometricInterpretation="MONOCHROME1"))
    assert inverse.identity == film.identity
    ask(request_all, inverse)
    assert engines.compute.asked == 2


def test_that_another_film_is_asked_about(ask, engines, request_all, new_film):
    ask(request_all)
    ask(request_all, read_radiograph(new_film(2, seed=0)))  # the same pixels
    assert engines.compute.asked == 2


def test_that_a_film_that_was_moved_is_known_at_its_new_place_without_asking_again(
    ask, engines, store, film, request_all, stored
):
    stored()
    moved = film.header.path.rename(film.header.path.with_name("moved.dcm"))
    ask(request_all, read_radiograph(moved))
    assert engines.compute.asked == 0
    assert store.image(film.identity).path == moved


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\0" * 300])
def test_that_a_damaged_map_is_removed_and_computed_again(ask, engines, request_all, maps, damage):
    first = ask(request_all)
    for path in maps.folder.iterdir():
        path.write_bytes(damage)
    assert hashes(ask(request_all)) == hashes(first)
    assert hashes(ask(request_all)) == hashes(first)
    assert engines.compute.asked == 2


def test_that_what_does_not_match_is_neither_stored_nor_kept(
    ask, store, maps, film, request_all, changed_answer
):
    changed_answer(model=OTHER_MODEL)
    with pytest.raises(IdentityMismatch):
        ask(request_all)
    assert maps.count() == 0


def test_that_closing_cancels_the_job_and_keeps_nothing(
    engines, store, maps, film, request_all, ask
):
    steps = stored_or_new(store, maps, engines, film, request_all)
    next(steps)
    steps.close()
    assert engines.compute.closed_early == 1
    assert maps.count() == 0
    ask(request_all)
    assert maps.count() == 2


def test_that_a_lost_process_is_told_and_nothing_is_kept(engines, maps, request_all, ask):
    def die(film, request):
        raise WorkerDied("it was ended by SIGKILL")

    engines.compute.answer = die
    with pytest.raises(WorkerDied):
        ask(request_all)
    assert maps.count() == 0
