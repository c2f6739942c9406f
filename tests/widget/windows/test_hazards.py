"""The worst hazard: a result shown on the wrong patient. The whole window, whatever the order."""

import random

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from radsal.app.panels.case_model import CaseRole
from radsal.core.errors import WorkerDied
from radsal.core.results import Prediction
from radsal.review.vocabulary import Cause

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


@pytest.fixture
def telling(bench):
    """Each film gets a probability of its own: 11%, 22%, 33%."""
    answer = bench.engines.compute.answer

    def own(film, request):
        number = int(film.header.patient_id[-1])
        made = answer(film, request)
        object.__setattr__(
            made,
            "predictions",
            (Prediction("Opacity", 0.0, 0.11 * number, 0.05), made.predictions[1]),
        )
        return made

    bench.engines.compute.answer = own
    return bench


def said(panel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def shown_numbers(window) -> set[int]:
    """The films that the parts of the window speak of now."""
    numbers = set()
    reading = window.workstation.session.reading
    if reading.header is not None:
        numbers.add(int(reading.header.patient_id[-1]))
    if reading.radiograph is not None:
        numbers.add(int(reading.radiograph.header.patient_id[-1]))
    if reading.analysis is not None:
        numbers.add(int(reading.analysis.image.sop_instance_uid[-1]))
    numbers |= {
        n
        for n in (1, 2, 3)
        if f"Opacity {11 * n}%" in window.findings.findings.sentence.text()
        and window.findings.findings.isVisible()
    }
    if reading.read is not None:
        numbers.add(int(reading.read.study_instance_uid[-1]))
    for row in range(window.cases.model.rowCount()):
        index = window.cases.model.index(row)
        if index.data(CaseRole.ACTIVE):
            numbers.add(int(index.data(CaseRole.CASE).first.patient_id[-1]))
    return numbers


@pytest.mark.parametrize("seed", range(3))
def test_that_no_frame_mixes_two_cases_however_fast_the_reader_goes(
    telling, window, qtbot, seed
) -> None:
    bench, chance = telling, random.Random(seed)
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    for _ in range(30):
        bench.workstation.opening.choose(chance.choice(bench.session.worklist.cases))
        if chance.random() < 0.2:
            bench.workstation.analysing.choose_model(chance.choice(["demo-twin", "demo-opacity"]))
        qtbot.wait(chance.choice([0, 0, 1, 5]))
        assert len(shown_numbers(window)) <= 1
    qtbot.waitUntil(lambda: bench.ready() and bench.idle())
    reading = bench.session.reading
    assert reading.analysis.image == reading.radiograph.identity
    assert reading.analysis.model == reading.model == reading.read.model
    assert len(shown_numbers(window)) == 1


def test_that_the_list_says_each_case_s_own_result(telling, window, qtbot) -> None:
    bench = telling
    bench.open(1, 2, 3)
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 3)
    qtbot.waitUntil(lambda: bench.workstation.ahead.done and bench.idle())
    model = window.cases.model
    lines = [model.index(row).data(CaseRole.SUMMARY).line for row in range(3)]
    assert lines == ["Opacity 11%", "Opacity 22%", "Opacity 33%"]


def test_that_each_thumbnail_in_the_window_is_of_its_own_film(bench, window, qtbot, make) -> None:
    for number, level in ((1, 100), (2, 2000), (3, 4000)):
        stored = np.full((64, 48), level, np.uint16)
        stored[:2] = 0
        stored[-2:] = 4095
        film = make.film(number, stored=stored)
        bench.films[number] = film
        for player in (bench.engines.scanner, bench.engines.decoder):
            player.films[film.header.path] = film
    bench.open(1, 2, 3)
    model = window.cases.model

    def grays() -> list[int]:
        pictures = [model.index(row).data(CaseRole.THUMBNAIL) for row in range(model.rowCount())]
        return [p.pixelColor(p.width() // 2, p.height() // 2).red() for p in pictures if p]

    qtbot.waitUntil(lambda: len(grays()) == 3)
    assert grays()[0] < 30
    assert 60 < grays()[1] < 200
    assert grays()[2] > 225


def test_that_a_failed_analysis_is_told_on_its_case_and_nowhere_else(bench, window, qtbot) -> None:
    answer = bench.engines.compute.answer

    def fail_first(film, request):
        if film is bench.films[1]:
            raise WorkerDied("The compute process ended.")
        return answer(film, request)

    bench.engines.compute.answer = fail_first
    bench.open(1, 2)
    qtbot.waitUntil(lambda: "was not analysed. The compute process ended." in said(window.findings))
    qtbot.waitUntil(lambda: len(bench.session.worklist.cases) == 2)
    bench.workstation.opening.step(+1)
    qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(lambda: "Opacity" in said(window.findings))
    assert "compute process" not in said(window.findings)


def test_that_a_verdict_goes_to_the_film_on_screen_and_to_no_other(
    reading_window, bench, qtbot
) -> None:
    """The same hot spot ids on every film, as a model with fixed habits would give."""
    for cause in (Cause.TEXT, Cause.MARKER, Cause.DEVICE):
        qtbot.keyClick(reading_window, Qt.Key.Key_N)
        bench.workstation.judging.judge(cause)
        qtbot.keyClick(reading_window, Qt.Key.Key_PageDown)
        qtbot.waitUntil(bench.ready)
    qtbot.waitUntil(bench.idle)
    store = bench.workstation.services.store
    given = {}
    for case in bench.session.worklist.cases:
        read = store.open_read(case.study_instance_uid, "Dr. Test", bench.session.reading.model)
        for verdict in read.verdicts:
            given[case.first.path.name] = (verdict.image.sop_instance_uid, verdict.cause)
    assert given["film1.dcm"] == ("2.25.1", Cause.TEXT)
    assert given["film2.dcm"] == ("2.25.2", Cause.MARKER)
    assert given["film3.dcm"] == ("2.25.3", Cause.DEVICE)
