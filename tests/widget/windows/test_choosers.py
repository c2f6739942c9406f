"""The menus of model and method, and the status line's word on digits."""

from dataclasses import replace
from html import unescape

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QLabel

from radsal.app.windows.choosers import method_choices
from radsal.app.windows.status_line import StatusLine
from radsal.core.progress import Progress
from radsal.saliency.catalogue import CATALOGUE, GRADCAM, Basis

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)


def test_that_the_toolbar_names_the_model_and_the_method_that_hold(
    reading_window, bench, qtbot
) -> None:
    bar = reading_window.toolbar
    assert "demo-opacity" in bar.models.text()
    assert "Grad-CAM" in bar.methods.text()
    bar.models.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: "demo-twin" in bar.models.text())
    assert bench.session.reading.model.id == "demo-twin"


def lines(menu) -> dict[str, QAction]:
    """What can be chosen, by its name."""
    return {a.text().partition("\t")[0]: a for a in menu.actions() if a.isCheckable()}


def test_that_every_method_of_the_catalogue_can_be_chosen(reading_window, bench, qtbot) -> None:
    actions = lines(reading_window.toolbar.methods.menu())
    assert set(actions) == {info.title for info in CATALOGUE.values()}
    for name, info in CATALOGUE.items():
        actions[info.title].trigger()
        assert bench.session.reading.method == name
        assert info.title in reading_window.toolbar.methods.text()


def test_that_a_method_says_what_brightness_means_what_it_costs_and_whether_it_is_sane(
    reading_window,
) -> None:
    actions = lines(reading_window.toolbar.methods.menu())
    for info in CATALOGUE.values():
        said = " ".join(unescape(actions[info.title].toolTip()).split())
        for words in (info.summary, info.cost, info.sanity):
            assert " ".join(words.split()) in said


def test_that_methods_stand_in_groups_and_those_that_fail_the_sanity_check_apart(
    monkeypatch,
) -> None:
    for name, changes in {
        "guided": {"basis": Basis.INPUT, "advised": False},
        "ig": {"basis": Basis.INPUT},
        "occlusion": {"basis": Basis.INPUT, "family": "perturbation"},
        "rollout": {"basis": Basis.ATTENTION},
    }.items():
        info = replace(GRADCAM, name=name, **changes)
        monkeypatch.setitem(CATALOGUE, name, info)
    groups = {title: set(choices) for title, choices in method_choices().items()}
    assert "guided" in groups["Fails weight randomisation"]
    assert "ig" in groups["From gradients at the pixels"]
    assert "occlusion" in groups["By covering parts of the image"]
    assert "rollout" in groups["From attention of a transformer"]
    assert {"gradcam", "hirescam"} <= groups["From features of a layer"]
    assert list(groups)[-1] == "Fails weight randomisation"


@pytest.fixture
def line(session, qtbot) -> StatusLine:
    made = StatusLine(session, "Dr. Test")
    qtbot.addWidget(made)
    made.show()
    return made


def said(line) -> str:
    return "  ".join(label.text() for label in line.findChildren(QLabel) if label.text())


def test_that_the_line_says_what_digits_do_now(line, session, make, qtbot) -> None:
    film = make.film()
    assert "Digits" not in said(line)
    make.show(session, film, make.analysis(film))
    session.reading.resume(make.read())
    qtbot.waitUntil(lambda: "Digits: window presets" in said(line))
    session.reading.step_spot(-1)
    qtbot.waitUntil(lambda: "Digits: verdict on hot spot 2, Esc leaves it" in said(line))
    session.reading.read = session.reading.read.judge(make.verdict(film)).sign()
    qtbot.waitUntil(lambda: "Signed: verdicts are locked" in said(line))


@pytest.mark.parametrize(
    ("waiting", "kept", "text"),
    [(0, 0, ""), (2, 0, "Saving…"), (0, 1, "Not saved"), (1, 1, "Not saved")],
)
def test_that_saved_is_said_of_nothing_that_is_not(line, waiting, kept, text) -> None:
    line.unsaved(waiting, kept)
    assert text in said(line)
    assert "Saved " not in said(line)


def test_that_work_shows_a_button_that_stops_it(line, qtbot) -> None:
    assert not line._cancel.isVisible()
    line.work(Progress(2, 8, "Looking for images"))
    assert "Looking for images" in said(line)
    with qtbot.waitSignal(line.cancelRequested):
        line._cancel.click()
    line.work(None)
    assert not line._cancel.isVisible()


@pytest.mark.parametrize("width", [1680, 1440, 1280, 1100, 1000])
def test_that_no_label_of_the_toolbar_is_cut_off_in_a_narrow_window(window, qtbot, width) -> None:
    window.resize(width, 700)
    bar = window.toolbar
    qtbot.waitUntil(lambda: bar.width() == width)
    shown = [b for b in bar.findChildren(QAbstractButton) if b.isVisible()]
    qtbot.waitUntil(lambda: all(b.width() >= b.sizeHint().width() for b in shown))
    assert {"Window", "Zoom", "Heatmap"} <= {b.text() for b in shown}
    assert max(b.geometry().right() for b in shown) < width
