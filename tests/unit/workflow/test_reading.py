from dataclasses import replace

import pytest

from radsal.core.errors import IdentityMismatch, StoreError
from radsal.core.identity import ModelIdentity
from radsal.dicom.reading import read_radiograph
from radsal.review.case import Case
from radsal.review.read import Read
from radsal.review.vocabulary import Agreement, Cause
from radsal.workflow.reading import Seen, resume_or_begin, save, verdict_for


@pytest.mark.parametrize(
    ("cause", "agreement", "given"),
    [
        (Cause.FINDING, None, Agreement.AGREE),
        (Cause.MARKER, None, Agreement.DISAGREE),
        (None, None, Agreement.CANNOT_ASSESS),
        (Cause.FINDING, Agreement.PARTLY, Agreement.PARTLY),
    ],
)
def test_that_one_key_gives_cause_and_agreement(
    film, request_all, answered, cause, agreement, given
):
    (spot,) = answered(film, request_all).hot_spots
    verdict = verdict_for(film, spot, cause, agreement, "seen")
    assert (verdict.agreement, verdict.cause, verdict.note) == (given, cause, "seen")
    assert (verdict.image, verdict.hot_spot) == (film.identity, spot.id)
    assert (verdict.finding, verdict.method) == ("Opacity", "gradcam")


def test_that_a_draft_is_taken_up_where_it_was_left(store, film, judged, request_all):
    case = Case("2.25.2", (film.header,))
    fresh = resume_or_begin(store, case, "Dr. Weiß", request_all.model)
    assert fresh.verdicts == ()
    saved = judged(film, fresh)
    assert resume_or_begin(store, case, "Dr. Weiß", request_all.model) == saved
    assert saved.revision == 1
    assert resume_or_begin(store, case, "Dr. Groß", request_all.model).verdicts == ()


def test_that_an_unsaved_read_leaves_no_trace_in_the_store(store, film, request_all):
    resume_or_begin(store, Case("2.25.2", (film.header,)), "Dr. Weiß", request_all.model)
    assert store.reads() == ()


def test_that_nothing_is_saved_that_does_not_belong_together(
    store, film, new_film, request_all, answered
):
    read = Read.begin("2.25.2", "Dr. Weiß", request_all.model)
    analysis = answered(film, request_all)
    other_film = read_radiograph(new_film(2, seed=5))
    other_exam = read_radiograph(new_film(3, StudyInstanceUID="2.25.9"))
    other_model = replace(read, model=ModelIdentity("test-model", "f" * 64))
    for wrong in (
        (read, other_film, analysis),
        (other_model, film, analysis),
        (read, other_exam, answered(other_exam, request_all)),
    ):
        with pytest.raises(IdentityMismatch):
            save(store, *wrong)
    assert store.reads() == ()
    assert store.image(other_film.identity) is None


def test_that_what_was_seen_besides_is_stored_and_belongs_to_the_read_or_nothing_is_saved(
    store, film, new_film, request_all, answered
):
    read, analysis = (
        Read.begin("2.25.2", "Dr. Weiß", request_all.model),
        answered(film, request_all),
    )
    other = read_radiograph(new_film(2, seed=5))
    stray = read_radiograph(new_film(3, StudyInstanceUID="2.25.9"))
    model = replace(request_all, model=ModelIdentity("test-model", "f" * 64))
    for wrong in (
        Seen(stray.header, answered(stray, request_all)),
        Seen(other.header, answered(other, model)),
    ):
        with pytest.raises(IdentityMismatch):
            save(store, read, film, analysis, [wrong])
    assert store.reads() == ()
    assert store.image(film.identity) is None
    saved = save(store, read, film, analysis, [Seen(other.header, answered(other, request_all))])
    assert {a.image for a in store.analyses(saved.id)} == {film.identity, other.identity}


def test_that_a_verdict_on_a_hot_spot_of_no_analysis_is_not_saved(
    store, film, request_all, answered
):
    analysis = answered(film, request_all)
    invented = replace(analysis.hot_spots[0], id="invented")
    read = Read.begin("2.25.2", "Dr. Weiß", request_all.model)
    with pytest.raises(StoreError):
        save(store, read.judge(verdict_for(film, invented, Cause.TEXT)), film, analysis)
    assert store.reads() == ()
