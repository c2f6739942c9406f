"""Verdicts: saved in order, never under a wrong read, never replaced by older ones."""

import pytest

from radsal.core.errors import ReviewError, StoreError
from radsal.review.read import ReadState
from radsal.review.vocabulary import Agreement, Cause
from radsal.session import CaseStatus
from radsal.session.worklist import summary_of


@pytest.fixture
def reading(bench, qtbot):
    """Film 1 is on screen, analysed, and its first hot spot is active."""
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 2)
    bench.session.reading.step_spot(+1)
    return bench.session.reading


def stored(bench, read):
    return bench.workstation.services.store.read(read.id)


def test_that_a_verdict_is_said_to_be_saved_only_once_it_is_in_the_database(
    bench, reading, qtbot, slow_store
) -> None:
    bench.workstation.judging.judge(Cause.TEXT)
    assert reading.verdict_on(reading.active_spot).cause is Cause.TEXT
    qtbot.wait(50)
    assert reading.saved_at is None
    assert stored(bench, reading.read) is None
    slow_store.set()
    qtbot.waitUntil(lambda: reading.saved_at is not None)
    [verdict] = stored(bench, reading.read).verdicts
    assert (verdict.hot_spot, verdict.cause) == ("spot-1", Cause.TEXT)


@pytest.mark.parametrize(
    ("cause", "agreement"),
    [
        (Cause.FINDING, Agreement.AGREE),
        (Cause.DEVICE, Agreement.DISAGREE),
        (None, Agreement.CANNOT_ASSESS),
    ],
)
def test_that_one_key_gives_the_usual_agreement(bench, reading, cause, agreement) -> None:
    bench.workstation.judging.judge(cause)
    verdict = reading.verdict_on(reading.active_spot)
    assert (verdict.cause, verdict.agreement) == (cause, agreement)


def test_that_an_agreement_that_the_rules_forbid_is_refused_and_changes_nothing(
    bench, reading, heard
) -> None:
    bench.workstation.judging.judge(Cause.TEXT)
    before = reading.read
    bench.workstation.judging.judge(Cause.TEXT, Agreement.AGREE)
    assert isinstance(heard.troubles[0], ReviewError)
    assert reading.read is before


def test_that_nothing_is_judged_while_no_hot_spot_is_active(bench, reading) -> None:
    reading.spot = None
    before = reading.read
    bench.workstation.judging.judge(Cause.TEXT)
    assert reading.read is before


def test_that_a_note_stays_when_the_verdict_changes_and_goes_with_it(bench, reading) -> None:
    judging, spot = bench.workstation.judging, reading.active_spot
    judging.note(spot, "no verdict, no note")
    assert reading.verdict_on(spot) is None
    judging.judge(Cause.TEXT)
    judging.note(spot, "the name of the patient")
    judging.judge(Cause.MARKER)
    verdict = reading.verdict_on(spot)
    assert (verdict.cause, verdict.note) == (Cause.MARKER, "the name of the patient")
    judging.withdraw(spot)
    assert reading.verdict_on(spot) is None


def test_that_many_quick_changes_end_in_the_database_as_the_last_one(bench, reading, qtbot) -> None:
    for cause in (*Cause, Cause.TEXT):
        bench.workstation.judging.judge(cause)
    qtbot.waitUntil(bench.idle)
    found = stored(bench, reading.read)
    assert [v.cause for v in found.verdicts] == [Cause.TEXT]
    assert found.revision == len(Cause) + 1


# saves that fail ---------------------------------------------------------------------------------


def test_that_what_could_not_be_saved_is_kept_and_saved_later(
    bench, reading, qtbot, fail_saves, heard
) -> None:
    judging = bench.workstation.judging
    fail_saves(1)
    judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: judging.kept_unsaved == 1)
    assert isinstance(heard.troubles[0], StoreError)
    assert reading.saved_at is None
    judging.save_again()
    qtbot.waitUntil(lambda: reading.saved_at is not None)
    assert judging.kept_unsaved == 0
    assert [v.cause for v in stored(bench, reading.read).verdicts] == [Cause.TEXT]


def test_that_a_failed_save_never_comes_back_over_a_newer_one(
    bench, reading, qtbot, fail_saves, slow_store
) -> None:
    """The first save fails while the second one, with more in it, waits behind it."""
    judging = bench.workstation.judging
    fail_saves(1)
    judging.judge(Cause.TEXT)
    reading.step_spot(+1)
    judging.judge(Cause.DEVICE)
    slow_store.set()
    qtbot.waitUntil(lambda: reading.saved_at is not None and bench.idle())
    assert judging.kept_unsaved == 0
    judging.save_again()
    qtbot.waitUntil(bench.idle)
    causes = {v.hot_spot: v.cause for v in stored(bench, reading.read).verdicts}
    assert causes == {"spot-1": Cause.TEXT, "spot-2": Cause.DEVICE}


def test_that_saving_again_saves_the_newest_state_where_a_save_is_still_waiting(
    bench, reading, qtbot, fail_saves, slow_store
) -> None:
    judging, failed = bench.workstation.judging, []
    tried = fail_saves(1)

    def at_once(error: Exception) -> None:
        failed.append(error)
        judging.save_again()

    bench.workstation.services.troubled.connect(at_once)
    judging.judge(Cause.TEXT)
    judging.judge(Cause.DEVICE)
    slow_store.set()
    qtbot.waitUntil(lambda: bool(failed) and bench.idle())
    assert tried[-1].verdicts[0].cause is Cause.DEVICE
    assert [v.cause for v in stored(bench, reading.read).verdicts] == [Cause.DEVICE]


def test_that_a_case_that_could_not_be_saved_shows_its_verdicts_when_it_is_opened_again(
    bench, reading, qtbot, fail_saves
) -> None:
    opening, judging = bench.workstation.opening, bench.workstation.judging
    fail_saves(1000)
    judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: judging.kept_unsaved == 1)
    opening.step(+1)
    qtbot.waitUntil(lambda: bench.ready() and reading.header.path.name == "film2.dcm")
    opening.step(-1)
    qtbot.waitUntil(lambda: bench.ready() and reading.header.path.name == "film1.dcm")
    assert [v.cause for v in reading.read.verdicts] == [Cause.TEXT]
    assert reading.saved_at is None


def test_that_a_case_opened_again_shows_the_verdicts_whose_save_is_still_waiting_and_then_fails(
    bench, reading, qtbot, fail_saves, slow_store
) -> None:
    opening, judging = bench.workstation.opening, bench.workstation.judging
    fail_saves(1)
    judging.judge(Cause.TEXT)
    judged = reading.read
    opening.step(+1)
    qtbot.waitUntil(lambda: reading.analysis is not None)
    opening.step(-1)
    qtbot.waitUntil(bench.ready)
    assert reading.read == judged
    slow_store.set()
    qtbot.waitUntil(lambda: judging.kept_unsaved == 1 and bench.idle())
    assert reading.read == judged
    reading.step_spot(-1)
    judging.judge(Cause.DEVICE)
    qtbot.waitUntil(lambda: bench.idle() and reading.saved_at is not None)
    assert judging.kept_unsaved == 0
    assert {v.cause for v in stored(bench, judged).verdicts} == {Cause.TEXT, Cause.DEVICE}


def test_that_a_map_that_was_judged_is_stored_later_where_its_own_save_failed(
    bench, reading, qtbot, monkeypatch
) -> None:
    """Another method's map is on screen by then: the first one must not be lost."""
    judging, store = bench.workstation.judging, bench.workstation.services.store
    save, tried = store.save_analysis, []

    def full_once(analysis) -> None:
        tried.append(analysis)
        if len(tried) == 1:
            raise StoreError("The disk is full.")
        save(analysis)

    monkeypatch.setattr(store, "save_analysis", full_once)
    judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: judging.kept_unsaved == 1)
    bench.workstation.analysing.choose_method("hirescam")
    qtbot.waitUntil(lambda: reading.analysis is not None)
    reading.spot = "spot-2"
    judging.judge(Cause.DEVICE)
    qtbot.waitUntil(lambda: bench.idle() and reading.saved_at is not None)
    assert judging.kept_unsaved == 0
    given = {(v.method, v.hot_spot): v.cause for v in stored(bench, reading.read).verdicts}
    assert given == {("gradcam", "spot-1"): Cause.TEXT, ("hirescam", "spot-2"): Cause.DEVICE}
    assert {a.method for a in store.analyses(reading.read.id)} == {"gradcam", "hirescam"}


# what is stored with a read ----------------------------------------------------------------------


@pytest.fixture
def two_images(bench, make, qtbot):
    """A case of two films, of which the first is on screen."""
    first = bench.films[1].header
    same = {n: getattr(first, n) for n in ("study_instance_uid", "patient_name", "patient_id")}
    second = make.film(2, **same)
    bench.engines.decoder.films[second.header.path] = second
    bench.session.worklist.add([first, second.header])
    (case,) = bench.session.worklist.cases
    bench.workstation.opening.choose(case)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    return bench.session.reading


def test_that_a_report_shows_every_image_that_was_looked_at_as_it_was_seen_last(
    bench, two_images, qtbot
) -> None:
    reading, opening = two_images, bench.workstation.opening
    store = bench.workstation.services.store
    opening.step_image(+1)
    for method in ("hirescam", "gradcam", "hirescam"):
        bench.workstation.analysing.choose_method(method)
        qtbot.waitUntil(lambda: reading.analysis is not None)
    opening.step_image(-1)
    qtbot.waitUntil(lambda: bench.ready() and reading.header.path.name == "film1.dcm")
    assert store.image(reading.analysis.image) is None
    reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bench.idle() and reading.saved_at is not None)
    shown = {(a.image.sop_instance_uid, a.method) for a in store.analyses(reading.read.id)}
    assert shown == {("2.25.1", "hirescam"), ("2.25.2", "hirescam")}


def test_that_what_another_reader_looked_at_is_not_stored_with_a_read(
    bench, two_images, qtbot
) -> None:
    reading, opening = two_images, bench.workstation.opening
    opening.step_image(+1)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    bench.workstation.change_reader("Dr. Next")
    opening.step_image(-1)
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bench.idle() and reading.saved_at is not None)
    found = bench.workstation.services.store.analyses(reading.read.id)
    assert [a.image.sop_instance_uid for a in found] == ["2.25.1"]


def test_that_the_list_counts_verdicts_on_the_hot_spots_that_it_counts(
    bench, reading, qtbot, make
) -> None:
    """A verdict on another image of the case is in the same read."""
    bench.workstation.judging.judge(Cause.TEXT)
    other = make.verdict(make.film(3), spot="elsewhere")
    both = summary_of(reading.analysis, reading.read.judge(other))
    assert (both.judged, both.spots) == (1, len(reading.analysis.hot_spots))


# sign and amend ----------------------------------------------------------------------------------


def test_that_a_signed_read_is_locked_and_says_so(bench, reading, qtbot, heard) -> None:
    judging = bench.workstation.judging
    judging.judge(Cause.TEXT)
    judging.sign()
    assert reading.locked
    signed = reading.read
    judging.judge(Cause.DEVICE)
    judging.remark("later")
    assert reading.read is signed
    assert [type(error) for error in heard.troubles] == [ReviewError, ReviewError]
    qtbot.waitUntil(bench.idle)
    assert stored(bench, signed).state is ReadState.SIGNED
    assert bench.session.worklist.summary(signed.study_instance_uid).status is CaseStatus.SIGNED


def test_that_an_amendment_is_a_new_read_that_names_the_signed_one(bench, reading, qtbot) -> None:
    judging = bench.workstation.judging
    judging.judge(Cause.TEXT)
    judging.sign()
    signed = reading.read
    judging.amend()
    judging.judge(Cause.MARKER)
    judging.sign()
    qtbot.waitUntil(bench.idle)
    assert (reading.read.amends, reading.read.id != signed.id) == (signed.id, True)
    first, second = stored(bench, signed), stored(bench, reading.read)
    assert (first.state, first.verdicts[0].cause) == (ReadState.AMENDED, Cause.TEXT)
    assert (second.state, second.verdicts[0].cause) == (ReadState.SIGNED, Cause.MARKER)


# coming back -------------------------------------------------------------------------------------


def test_that_a_draft_is_there_again_after_another_case(bench, reading, qtbot, heard) -> None:
    opening = bench.workstation.opening
    bench.workstation.judging.judge(Cause.TEXT)
    read = reading.read
    opening.step(+1)
    qtbot.waitUntil(lambda: bench.ready() and reading.header.path.name == "film2.dcm")
    assert reading.read.verdicts == ()
    opening.step(-1)
    qtbot.waitUntil(lambda: bench.ready() and reading.header.path.name == "film1.dcm")
    assert (reading.read.id, reading.read.verdicts) == (read.id, read.verdicts)
    assert any("recovered" in said for said in heard.said)


def test_that_a_read_that_is_found_late_does_not_reach_another_case(
    bench, reading, qtbot, slow_store
) -> None:
    opening = bench.workstation.opening
    opening.step(+1)
    qtbot.waitUntil(lambda: reading.analysis is not None)
    opening.step(-1)
    slow_store.set()
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    assert reading.read.study_instance_uid == reading.case.study_instance_uid


def test_that_a_read_in_which_something_was_judged_is_not_replaced_by_one_found_later(
    bench, reading, qtbot, slow_store
) -> None:
    """Leave and come back before the database has answered: it answers twice for one case."""
    opening, judging = bench.workstation.opening, bench.workstation.judging

    def judge_at_once(read) -> None:
        if read is not None and not read.verdicts and reading.analysis is not None:
            reading.spot = reading.spots[0].id
            judging.judge(Cause.TEXT)

    for step in (+1, -1, +1, -1):
        opening.step(step)
        qtbot.waitUntil(lambda: reading.analysis is not None)
    reading.events.read.connect(judge_at_once)
    slow_store.set()
    qtbot.waitUntil(lambda: reading.read is not None and bench.idle())
    assert [v.cause for v in reading.read.verdicts] == [Cause.TEXT]
    assert stored(bench, reading.read).verdicts == reading.read.verdicts


def test_that_another_model_asks_for_another_read(bench, reading, qtbot, make) -> None:
    bench.workstation.judging.judge(Cause.TEXT)
    first = reading.read
    bench.workstation.analysing.choose_model("demo-twin")
    assert reading.read is None
    qtbot.waitUntil(bench.ready)
    assert (reading.read.model, reading.read.verdicts) == (make.other_model, ())
    assert reading.read.id != first.id
