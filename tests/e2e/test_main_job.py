"""A radiologist opens a film, judges its hot spots by key, comes back the next day, and reports."""

import json
import os
import shutil
import signal
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import Qt

from radsal.review.vocabulary import Agreement, Cause

PSEUDO_PHI = "dicom/chest_pseudoPHI_0_ORIGINAL_RLE.dcm"


def judge_first_spot(program, qtbot, key) -> None:
    qtbot.keyClick(program.window, Qt.Key.Key_N)
    assert program.workstation.session.reading.active_spot is not None
    qtbot.keyClick(program.window, key)


def analysed(program):
    reading = program.workstation.session.reading
    return lambda: reading.analysis is not None and reading.read is not None


def saved(program):
    reading = program.workstation.session.reading
    return lambda: reading.saved_at is not None and program.workstation.services.storing.idle


@pytest.mark.slow
@pytest.mark.real_data
def test_that_a_verdict_on_a_real_film_is_there_after_a_restart_and_in_the_report(
    start, until, qtbot, shared_data: Path, tmp_path: Path
) -> None:
    program = start("demo-opacity-shortcut")
    program.workstation.opening.open_paths([shared_data / PSEUDO_PHI])
    until(analysed(program))
    reading = program.workstation.session.reading
    assert reading.spots, "the shortcut twin shows no hot spot on the film with the tag"

    judge_first_spot(program, qtbot, Qt.Key.Key_3)
    until(saved(program))
    judged = reading.verdict_on(reading.active_spot)
    assert (judged.cause, judged.agreement) == (Cause.TEXT, Agreement.DISAGREE)
    program.close()

    again = start("demo-opacity-shortcut")
    again.workstation.opening.open_paths([shared_data / PSEUDO_PHI])
    until(lambda: analysed(again)() and again.workstation.session.reading.judged == 1)
    found = again.workstation.session.reading.read
    assert found.verdicts[0].hot_spot == judged.hot_spot
    assert found.verdicts[0].cause is Cause.TEXT

    reports: list[Path] = []
    again.workstation.reporting.exported.connect(reports.append)
    again.workstation.reporting.export("pdf", tmp_path)
    again.workstation.reporting.export("json", tmp_path)
    until(lambda: len(reports) == 2)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(reports[0]).pages)
    flat = " ".join(text.split())
    assert "not for diagnostic use" in flat.lower()
    assert again.workstation.session.reading.model.sha256[:16] in text.replace("\n", "")
    assert "text" in flat
    document = json.loads(reports[1].read_text("utf-8"))
    verdicts = [
        spot["verdict"]
        for result in document["results"]
        for spot in result["hot_spots"]
        if spot["verdict"]
    ]
    assert [v["cause"] for v in verdicts] == ["text"]


@pytest.mark.slow
def test_that_a_folder_with_bad_files_opens_the_good_ones_and_names_the_others(
    start, until, qtbot, demo_films: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    folder.mkdir()
    for film in demo_films[:3]:
        shutil.copy(film, folder)
    (folder / "letter.txt").write_text("This is no film.")
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "cut.dcm").write_bytes(demo_films[0].read_bytes()[:200_000])

    program = start()
    program.workstation.opening.open_paths([folder])
    worklist = program.workstation.session.worklist
    until(lambda: len(worklist.cases) + len(worklist.refused) >= 6)
    until(lambda: program.workstation.ahead.done)
    reasons = {item.path.name: item.code for item in worklist.refused}
    assert set(reasons) == {"letter.txt", "empty.dcm", "cut.dcm"}
    assert reasons["letter.txt"] == "not-dicom"
    assert reasons["empty.dcm"] == "empty"
    assert reasons["cut.dcm"] == "truncated"


@pytest.mark.slow
def test_that_a_result_for_a_case_that_was_left_is_not_shown(
    start, until, qtbot, demo_films: list[Path]
) -> None:
    program = start()
    reading = program.workstation.session.reading
    mixed: list[str] = []

    def look(*_: object) -> None:
        analysis, film = reading.analysis, reading.radiograph
        if analysis is not None and (film is None or analysis.image != film.identity):
            mixed.append("an analysis without its film")

    reading.events.analysis.connect(look)
    reading.events.radiograph.connect(look)
    program.workstation.opening.open_paths(demo_films)
    until(lambda: len(program.workstation.session.worklist.cases) == len(demo_films))
    for _ in range(3 * len(demo_films)):  # faster than any analysis can follow
        qtbot.keyClick(program.window, Qt.Key.Key_PageDown)
        qtbot.keyClick(program.window, Qt.Key.Key_PageDown)
        qtbot.keyClick(program.window, Qt.Key.Key_PageUp)
    until(analysed(program))
    assert mixed == []
    assert reading.analysis.image.sop_instance_uid == reading.header.sop_instance_uid


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed otherwise here")
def test_that_a_killed_worker_is_restarted_and_nothing_that_was_entered_is_lost(
    start, until, qtbot, demo_films: list[Path]
) -> None:
    program = start("demo-opacity-shortcut")
    reading = program.workstation.session.reading
    program.workstation.opening.open_paths([demo_films[1]])
    until(analysed(program))
    finding = next(
        p.finding for p in reading.analysis.predictions if reading.analysis.spots_of(p.finding)
    )
    reading.select_finding(finding)
    judge_first_spot(program, qtbot, Qt.Key.Key_4)
    until(saved(program))

    os.kill(program.engines.compute.pid, signal.SIGKILL)
    program.workstation.opening.open_paths([demo_films[3]])
    until(lambda: len(program.workstation.session.worklist.cases) == 2)
    qtbot.keyClick(program.window, Qt.Key.Key_PageDown)
    until(lambda: reading.case.first.path == demo_films[3] and reading.analysis is not None)

    qtbot.keyClick(program.window, Qt.Key.Key_PageUp)
    until(lambda: reading.case.first.path == demo_films[1] and reading.read is not None)
    assert [v.cause for v in reading.read.verdicts] == [Cause.MARKER]
