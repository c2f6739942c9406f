"""A radiologist sets a second method beside the first and judges in the main pane."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from radsal.review.vocabulary import Cause


@pytest.mark.slow
def test_that_two_methods_are_compared_and_the_main_one_is_judged(
    start, until, qtbot, demo_films: list[Path]
) -> None:
    program = start("demo-opacity-shortcut")
    session, workstation = program.workstation.session, program.workstation
    reading = session.reading
    workstation.opening.open_paths(demo_films[:2])
    until(lambda: reading.analysis is not None and reading.read is not None)

    qtbot.keyClick(program.window, Qt.Key.Key_V)
    (pane,) = session.comparison.panes
    workstation.comparing.choose(pane, "hirescam")
    until(lambda: pane.saliency is not None)
    assert pane.analysis.image == reading.analysis.image
    assert {m.method for m in pane.analysis.maps} == {"hirescam"}
    # the demo networks end in pooling and one linear layer: there both methods are the same
    ours, theirs = reading.saliency.values, pane.saliency.values
    assert abs(ours - theirs).max() <= 1e-5 * abs(ours).max()

    program.window.panes.others[0].read.click()
    until(lambda: reading.method == "hirescam" and bool(reading.spots))
    assert pane.method == "gradcam"
    workstation.judging.judge_spot(reading.spots[0], Cause.TEXT)
    until(lambda: reading.saved_at is not None and workstation.services.storing.idle)
    stored = program.store.open_read(reading.read.study_instance_uid, "Dr. Test", reading.model)
    assert [(v.method, v.cause) for v in stored.verdicts] == [("hirescam", Cause.TEXT)]

    workstation.opening.step(+1)
    assert (pane.analysis, pane.finding) == (None, None)
    until(lambda: pane.saliency is not None and reading.saliency is not None)
    assert pane.analysis.image == reading.radiograph.identity
    qtbot.keyClick(program.window, Qt.Key.Key_V)
    assert session.comparison.panes == ()
    assert reading.saliency is not None
