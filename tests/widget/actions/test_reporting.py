"""Reports: of what is saved, with the latest verdict, and of the image that was judged."""

import json

import pytest

from radsal.core.errors import ExportError, IdentityMismatch
from radsal.review.vocabulary import Cause


@pytest.fixture
def judged(bench, qtbot):
    """The first hot spot of film 1 is judged as text, and saved."""
    bench.open(1)
    qtbot.waitUntil(bench.ready)
    bench.session.reading.step_spot(+1)
    bench.workstation.judging.judge(Cause.TEXT)
    qtbot.waitUntil(lambda: bench.workstation.reporting.possible)
    return bench.session.reading


def test_that_there_is_nothing_to_report_before_the_first_save(bench, qtbot) -> None:
    bench.open(1)
    qtbot.waitUntil(bench.ready)
    assert not bench.workstation.reporting.possible


def test_that_a_report_holds_the_verdict_that_was_given_just_before_it(
    bench, judged, qtbot, tmp_path, slow_store
) -> None:
    bench.workstation.judging.judge(Cause.DEVICE)
    bench.workstation.reporting.export("json", tmp_path)
    with qtbot.waitSignal(bench.workstation.reporting.exported, timeout=20_000) as told:
        slow_store.set()
    document = json.loads(told.args[0].read_text("utf-8"))
    causes = [
        spot["verdict"]["cause"]
        for result in document["results"]
        for spot in result["hot_spots"]
        if spot["verdict"]
    ]
    assert causes == ["device"]


def test_that_a_pdf_is_made_of_the_image_that_was_judged_or_not_at_all(
    bench, judged, qtbot, tmp_path, heard, make
) -> None:
    path = bench.films[1].header.path
    bench.engines.decoder.films[path] = make.film(2, path=path)
    bench.workstation.reporting.export("pdf", tmp_path)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert isinstance(heard.troubles[0], IdentityMismatch)
    assert list(tmp_path.glob("*.pdf")) == []


def test_that_a_pdf_whose_film_is_gone_says_what_to_do(
    bench, judged, qtbot, tmp_path, heard
) -> None:
    bench.refuse(1)
    bench.workstation.reporting.export("pdf", tmp_path)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert isinstance(heard.troubles[0], ExportError)
    assert heard.troubles[0].remedy
    assert list(tmp_path.glob("*.pdf")) == []


def test_that_a_folder_that_cannot_be_written_is_told(
    bench, judged, qtbot, tmp_path, heard
) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    bench.workstation.reporting.export("json", blocked)
    qtbot.waitUntil(lambda: bool(heard.troubles))
    assert isinstance(heard.troubles[0], ExportError)
