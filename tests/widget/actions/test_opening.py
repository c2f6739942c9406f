"""From paths to the image on screen: nothing dropped, nothing late, nothing mixed."""

import threading
from dataclasses import replace
from pathlib import Path

from radsal.core.errors import BugError, RefusalCode
from radsal.core.geometry import UPRIGHT
from radsal.core.progress import Progress
from radsal.core.radiograph import VoiWindow
from radsal.session import CaseStatus


def test_that_the_first_case_found_is_shown_and_the_others_wait(bench, qtbot, heard) -> None:
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3 and bench.ready())
    reading = bench.session.reading
    assert reading.radiograph is bench.films[1]
    qtbot.waitUntil(lambda: "3 images found" in heard.said)


def test_that_every_file_given_is_a_case_or_refused_with_its_reason(bench, qtbot, heard) -> None:
    paths = [bench.films[1].header.path, Path("letter.txt"), bench.films[2].header.path]
    bench.workstation.opening.open_paths(paths)
    qtbot.waitUntil(lambda: "2 images found, 1 refused" in heard.said)
    worklist = bench.session.worklist
    assert [c.first.path.name for c in worklist.cases] == ["film1.dcm", "film2.dcm"]
    [refused] = worklist.refused
    assert (refused.path.name, refused.code) == ("letter.txt", "not-dicom")
    assert refused.reason


def test_that_the_scan_tells_how_far_it_is_and_when_it_ended(bench, qtbot) -> None:
    told: list[Progress | None] = []
    bench.workstation.opening.scanning.connect(told.append)
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bool(told) and told[-1] is None)
    assert [p.done for p in told if p and p.total] == sorted(p.done for p in told if p and p.total)
    assert isinstance(told[0], Progress)


def test_that_a_scan_can_be_stopped_and_keeps_what_it_found(bench, qtbot, heard) -> None:
    told: list[Progress | None] = []
    bench.workstation.opening.scanning.connect(told.append)
    gate = bench.engines.scanner.hold(bench.films[2])
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 1)
    bench.workstation.opening.cancel_scan()
    qtbot.waitUntil(lambda: told[-1] is None)
    gate.set()
    qtbot.waitUntil(bench.idle)
    assert len(bench.session.worklist.cases) == 1
    assert "Stopped looking for images" in heard.said


def test_that_cancel_stops_every_scan_that_was_asked_for(bench, qtbot) -> None:
    gate = bench.engines.scanner.hold(bench.films[1])
    bench.open(1)
    bench.open(2)
    qtbot.wait(30)
    bench.workstation.opening.cancel_scan()
    gate.set()
    qtbot.waitUntil(bench.idle)
    assert bench.session.worklist.cases == ()


def test_that_the_scan_of_a_second_folder_is_still_announced_when_the_first_ends(
    bench, qtbot
) -> None:
    told: list[Progress | None] = []
    bench.workstation.opening.scanning.connect(told.append)
    gate = bench.engines.scanner.hold(bench.films[2])
    bench.open(1)
    bench.open(2)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 1)
    qtbot.wait(50)
    assert told[-1] is not None
    gate.set()
    qtbot.waitUntil(lambda: told[-1] is None)


def test_that_the_first_batch_is_listed_at_once_and_the_next_ones_together(
    bench, qtbot, monkeypatch
) -> None:
    """A list of a hundred thousand cases is not made anew for every batch."""
    opening = bench.workstation.opening
    opening._gathering.setInterval(10**6)
    grew: list[int] = []
    bench.session.worklist.events.cases.connect(lambda cases: grew.append(len(cases)))
    gates = [bench.engines.scanner.hold(bench.films[number]) for number in (2, 3)]
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: grew == [1])
    gates[0].set()
    qtbot.waitUntil(lambda: len(opening._waiting) == 1)
    gates[1].set()
    qtbot.waitUntil(bench.idle)
    assert grew == [1, 3]


# the image on screen -----------------------------------------------------------------------------


def test_that_an_image_that_was_left_while_it_loaded_is_not_shown(bench, qtbot) -> None:
    reading = bench.session.reading
    gate = bench.engines.decoder.hold(bench.films[1])
    shown: list[str] = []
    reading.events.radiograph.connect(
        lambda film: shown.append(film.header.path.name) if film else None
    )
    bench.open(1, 2)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    bench.workstation.opening.step(+1)
    gate.set()
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    assert set(shown) == {"film2.dcm"}
    assert (reading.refusal, bench.session.worklist.refused) == (None, ())


def test_that_each_image_begins_with_its_own_window_fitted_and_upright(bench, qtbot) -> None:
    window = VoiWindow(1234, 567)
    second = bench.films[2]
    bench.engines.decoder.films[second.header.path] = replace(
        second, chain=replace(second.chain, windows=(window, VoiWindow(1, 2)))
    )
    bench.open(1, 2)
    qtbot.waitUntil(bench.ready)
    view = bench.session.view
    view.voi, view.inverted, view.zoom, view.center = VoiWindow(1, 1), True, 9.0, (1.0, 1.0)
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(bench.ready)
    assert (view.voi, view.inverted, view.zoom, view.center) == (window, False, None, None)


def test_that_going_back_does_not_decode_again(bench, qtbot) -> None:
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases) == 2)
    qtbot.waitUntil(bench.idle)
    before = list(bench.engines.decoder.asked)
    bench.workstation.opening.step(+1)
    assert bench.session.reading.radiograph is bench.films[2]  # at once: it was fetched ahead
    bench.workstation.opening.step(-1)
    assert bench.session.reading.radiograph is bench.films[1]
    qtbot.waitUntil(bench.idle)
    assert bench.engines.decoder.asked == before


def step_onto_what_is_being_fetched(bench, qtbot) -> None:
    gate = bench.engines.decoder.hold(bench.films[2])
    bench.open(1, 2)
    second = ("load", bench.films[2].header.path)
    qtbot.waitUntil(lambda: bench.ready() and second in bench.engines.decoder.asked)
    bench.workstation.opening.step(+1)
    assert bench.session.reading.radiograph is None
    gate.set()
    qtbot.waitUntil(bench.idle)


def test_that_an_image_that_is_being_fetched_is_waited_for_not_decoded_twice(bench, qtbot) -> None:
    step_onto_what_is_being_fetched(bench, qtbot)
    assert bench.session.reading.radiograph is bench.films[2]
    assert bench.engines.decoder.asked.count(("load", bench.films[2].header.path)) == 1


def test_that_an_image_that_fails_while_it_is_waited_for_is_refused(bench, qtbot) -> None:
    bench.refuse(2)
    step_onto_what_is_being_fetched(bench, qtbot)
    assert bench.session.reading.refusal.code == RefusalCode.TRUNCATED


def test_that_images_that_will_be_shown_are_prepared_beside_the_gui(bench, qtbot) -> None:
    prepared: list[tuple[str, bool]] = []
    bench.workstation.opening.prepare = lambda image: prepared.append(
        (image.header.path.name, threading.current_thread() is threading.main_thread())
    )
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: bench.ready() and bench.workstation.ahead.done and bench.idle())
    loaded = {path.name for job, path in bench.engines.decoder.asked if job == "load"}
    assert loaded == {"film1.dcm", "film2.dcm", "film3.dcm"}  # the third for its analysis only
    assert dict(prepared) == {"film1.dcm": False, "film2.dcm": False}


def test_that_stepping_past_either_end_stays_where_it_is(bench, qtbot) -> None:
    bench.open(1)
    qtbot.waitUntil(bench.ready)
    analysis = bench.session.reading.analysis
    for step in (+1, -1):
        bench.workstation.opening.step(step)
    assert bench.session.reading.analysis is analysis


def test_that_an_image_that_cannot_be_decoded_is_refused_in_view_and_in_the_list(
    bench, qtbot
) -> None:
    bench.refuse(1)
    bench.open(1, 2)
    reading, worklist = bench.session.reading, bench.session.worklist
    qtbot.waitUntil(lambda: reading.refusal is not None)
    assert reading.refusal.code == RefusalCode.TRUNCATED
    assert [r.path.name for r in worklist.refused] == ["film1.dcm"]
    assert worklist.summary("2.25.101").status is CaseStatus.REFUSED
    assert reading.radiograph is None
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(bench.ready)
    assert reading.refusal is None


def test_that_the_refusal_of_a_case_that_was_left_is_not_shown_on_the_next(bench, qtbot) -> None:
    bench.refuse(1)
    gate = bench.engines.decoder.hold(bench.films[1])
    bench.open(1, 2)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    bench.workstation.opening.step(+1)
    gate.set()
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    assert bench.session.reading.refusal is None


def test_that_a_fault_of_our_own_refuses_the_image_too_instead_of_loading_for_ever(
    bench, qtbot, heard
) -> None:
    bench.engines.decoder.films[bench.films[1].header.path] = BugError("nobody thought of this")
    bench.open(1)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert isinstance(heard.troubles[0], BugError)
    assert bench.session.reading.refusal is not None
    assert [r.path.name for r in bench.session.worklist.refused] == ["film1.dcm"]


def test_that_a_file_that_changed_since_it_was_found_is_refused_and_not_shown(
    bench, qtbot, make
) -> None:
    path = bench.films[1].header.path
    bench.engines.decoder.films[path] = make.film(2, path=path)  # another patient's, same name
    bench.open(1)
    reading = bench.session.reading
    qtbot.waitUntil(lambda: reading.refusal is not None)
    assert reading.radiograph is None
    assert reading.refusal.path == path


def test_that_a_thumbnail_s_film_is_told_with_its_own_exam(bench, qtbot) -> None:
    told = []
    bench.workstation.opening.loaded.connect(told.append)
    bench.open(1, 2, 3)
    qtbot.waitUntil(
        lambda: {f.header.study_instance_uid for f in told} == {"2.25.101", "2.25.102", "2.25.103"}
    )
    assert all(film is bench.films[int(film.header.patient_id[-1])] for film in told)


def test_that_all_images_of_an_exam_can_be_reached(bench, qtbot, make) -> None:
    first = bench.films[1]
    exam = {"study_instance_uid": "2.25.101", "patient_name": first.header.patient_name}
    second = make.film(2, patient_id="SYN-1", **exam)
    for player in (bench.engines.scanner, bench.engines.decoder, bench.engines.compute):
        player.films[second.header.path] = second
    bench.open(1, 2)
    qtbot.waitUntil(lambda: bench.ready() and len(bench.session.worklist.cases[0].images) == 2)
    reading = bench.session.reading
    bench.workstation.opening.step_image(+1)
    qtbot.waitUntil(bench.ready)
    assert reading.radiograph is second
    assert reading.analysis.image == second.identity
    bench.workstation.opening.step_image(+1)
    assert reading.radiograph is second
    bench.workstation.opening.step_image(-1)
    qtbot.waitUntil(lambda: reading.radiograph is first)


# frames ------------------------------------------------------------------------------------------


def open_frames(bench, qtbot, make, frames: int = 3) -> None:
    film = make.film(1, frames=frames)
    bench.films[1] = film
    for player in bench.engines.workers:
        player.films[film.header.path] = film
    header = film.header
    bench.session.worklist.add([header])
    bench.workstation.opening.choose(bench.session.worklist.cases[0])
    qtbot.waitUntil(bench.ready)


def test_that_frames_are_stepped_through_and_each_has_its_own_analysis(bench, qtbot, make) -> None:
    open_frames(bench, qtbot, make)
    reading, opening = bench.session.reading, bench.workstation.opening
    first = reading.analysis
    opening.step_frame(+1)
    assert reading.radiograph is None or reading.radiograph.identity.frame == 2
    assert reading.analysis is None
    qtbot.waitUntil(bench.ready)
    assert reading.radiograph.identity.frame == 2
    assert reading.analysis.image == reading.radiograph.identity != first.image
    opening.step_frame(-1)
    qtbot.waitUntil(bench.ready)
    assert reading.radiograph.identity.frame == 1


def test_that_there_is_no_frame_before_the_first_or_after_the_last(bench, qtbot, make) -> None:
    open_frames(bench, qtbot, make, frames=2)
    reading, opening = bench.session.reading, bench.workstation.opening
    asked = list(bench.engines.decoder.asked)
    for outside in (lambda: opening.step_frame(-1), lambda: opening.show_frame(3)):
        outside()
        assert reading.frame == 1
        assert reading.radiograph is not None
    assert bench.engines.decoder.asked == asked


def test_that_another_frame_keeps_window_zoom_and_turn_and_another_image_does_not(
    bench, qtbot, make
) -> None:
    open_frames(bench, qtbot, make)
    view, opening = bench.session.view, bench.workstation.opening
    view.voi, view.zoom = VoiWindow(900, 300), 2.0
    view.turn = view.turn.rotated(1)
    set_by_reader = (view.voi, view.zoom, view.turn)
    opening.step_frame(+1)
    qtbot.waitUntil(bench.ready)
    assert (view.voi, view.zoom, view.turn) == set_by_reader
    bench.open(2)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    opening.step(+1)
    qtbot.waitUntil(bench.ready)
    assert view.voi != set_by_reader[0]
    assert (view.zoom, view.turn) == (None, UPRIGHT)


def test_that_a_frame_that_was_left_while_it_loaded_is_not_shown(bench, qtbot, make) -> None:
    open_frames(bench, qtbot, make)
    reading, opening = bench.session.reading, bench.workstation.opening
    gate = bench.engines.decoder.hold(bench.films[1])
    opening.show_frame(2)
    opening.show_frame(3)
    gate.set()
    qtbot.waitUntil(bench.ready)
    assert reading.radiograph.identity.frame == reading.frame == 3


def test_that_a_frame_seen_before_is_not_decoded_again(bench, qtbot, make) -> None:
    open_frames(bench, qtbot, make)
    opening = bench.workstation.opening
    opening.step_frame(+1)
    qtbot.waitUntil(bench.ready)
    asked = bench.engines.decoder.asked.count(("load", bench.films[1].header.path))
    opening.step_frame(-1)
    qtbot.waitUntil(bench.ready)
    assert bench.engines.decoder.asked.count(("load", bench.films[1].header.path)) == asked
