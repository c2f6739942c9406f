"""Options of the method: offered with what they mean, checked before they are asked for."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from radsal.app.windows.options_dialog import OptionsDialog
from radsal.core.errors import WorkerDied
from radsal.saliency.catalogue import GRADCAM, LAYER
from radsal.saliency.options import Parameter

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)

SAMPLES = Parameter("samples", 25, "Noisy copies that are averaged.", 1, 1000)
NOISE = Parameter("noise_level", 0.15, "Spread of the noise.", 0.0, 2.0)
BASELINE = Parameter("baseline", "zero", "Where the path begins.", choices=("zero", "mean"))
MANY = replace(GRADCAM, title="SmoothGrad", parameters=(LAYER, SAMPLES, NOISE, BASELINE))


def opened(window, qtbot) -> OptionsDialog:
    window.commands.by_id("map.options").trigger()
    dialog = window.findChild(OptionsDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def gone(window) -> bool:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return window.findChild(OptionsDialog) is None


@pytest.fixture
def dialog(window, qtbot) -> OptionsDialog:
    made = OptionsDialog(window, MANY, {"samples": 30})
    made.open()
    return made


def said(dialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_that_another_layer_is_chosen_by_its_grid_and_the_map_is_made_at_it(
    reading_window, bench, qtbot
) -> None:
    reading = bench.session.reading
    dialog = opened(reading_window, qtbot)
    field = dialog.fields["layer"]
    qtbot.waitUntil(lambda: field.count() == 2)
    assert [field.itemText(n) for n in range(2)] == [
        "last: block4.relu · 7×6 grid",
        "block3 · 14×12 grid",
    ]
    field.setCurrentIndex(1)
    dialog._apply.click()
    assert reading.analysis is None
    qtbot.waitUntil(lambda: reading.analysis is not None)
    assert reading.analysis.parameters["asked_layer"] == "block3"
    assert reading_window.commands.by_id("map.options").isChecked()
    qtbot.waitUntil(lambda: "layer block3" in reading_window.findings.findings._method.text())
    qtbot.waitUntil(lambda: gone(reading_window))


def test_that_the_defaults_come_back_and_are_told_by_no_mark(reading_window, bench, qtbot) -> None:
    bench.workstation.analysing.choose_options({"layer": "block3"})
    qtbot.waitUntil(bench.ready)
    dialog = opened(reading_window, qtbot)
    assert dialog.fields["layer"].value() == "block3"
    assert dialog._defaults.isEnabled()
    dialog._defaults.click()
    assert dialog.fields["layer"].value() == "last"
    assert not dialog._defaults.isEnabled()
    assert bench.session.reading.chosen_options == {"layer": "block3"}  # until it is applied
    dialog._apply.click()
    assert bench.session.reading.chosen_options == {}
    qtbot.waitUntil(lambda: not reading_window.commands.by_id("map.options").isChecked())
    qtbot.waitUntil(lambda: gone(reading_window))


def test_that_cancel_leaves_the_map_on_screen(reading_window, bench, qtbot) -> None:
    analysis = bench.session.reading.analysis
    dialog = opened(reading_window, qtbot)
    qtbot.waitUntil(lambda: dialog.fields["layer"].count() == 2)
    dialog.fields["layer"].setCurrentIndex(1)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: gone(reading_window))
    assert bench.session.reading.analysis is analysis


def test_that_layers_that_come_after_the_dialog_was_closed_reach_nobody(
    reading_window, bench, qtbot
) -> None:
    folder = bench.workstation.analysing.request().folder
    gate = bench.engines.compute.gates[folder] = threading.Event()
    dialog = opened(reading_window, qtbot)
    assert "Asking the model" in said(dialog)
    dialog.reject()
    gate.set()
    qtbot.waitUntil(bench.idle)
    qtbot.waitUntil(lambda: gone(reading_window))


def test_that_a_model_is_asked_for_its_layers_once(reading_window, bench, qtbot) -> None:
    for _ in range(2):
        dialog = opened(reading_window, qtbot)
        qtbot.waitUntil(bench.idle)
        assert dialog.fields["layer"].count() == 2
        dialog.reject()
        qtbot.waitUntil(lambda: gone(reading_window))
    asked = [job for job, _ in bench.engines.compute.asked]
    assert asked.count("layers") == 1


def test_that_layers_that_cannot_be_listed_are_said_to_be_and_the_last_one_stays(
    reading_window, bench, qtbot, monkeypatch
) -> None:
    def fail(request):
        raise WorkerDied("The process ended.")

    monkeypatch.setattr(bench.engines.compute, "layers", fail)
    dialog = opened(reading_window, qtbot)
    qtbot.waitUntil(lambda: "cannot be listed: The process ended." in said(dialog))
    assert dialog.fields["layer"].value() == "last"
    dialog.reject()
    qtbot.waitUntil(lambda: gone(reading_window))


def test_that_each_parameter_says_what_it_means_what_is_possible_and_its_default(dialog) -> None:
    for words in (
        "Noisy copies that are averaged. From 1 to 1,000, default 25.",
        "Noise level",
        "Spread of the noise. From 0 to 2, default 0.15.",
        "Where the path begins. Default: zero.",
    ):
        assert words in said(dialog)
    assert dialog.options() == {
        "layer": "last",
        "samples": "30",
        "noise_level": "0.15",
        "baseline": "zero",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("samples", "0"), ("samples", "2.5"), ("samples", ""), ("samples", "many"),
        ("noise_level", "-1"), ("noise_level", "nan"), ("noise_level", "0,5"),
    ],
)  # fmt: skip
def test_that_what_is_not_possible_is_said_before_it_can_be_asked_for(
    dialog, qtbot, name, value
) -> None:
    dialog.fields[name].set_value(value)
    assert not dialog._apply.isEnabled()
    assert f"{name} of SmoothGrad cannot be" in said(dialog)
    with qtbot.assertNotEmitted(dialog.applied):
        QTest.keyClick(dialog.fields[name], Qt.Key.Key_Return)
    dialog.fields[name].set_value("1")
    assert dialog._apply.isEnabled()
    assert "cannot be" not in said(dialog)


@pytest.mark.parametrize("name", ["layer", "samples"])
def test_that_return_applies_what_stands_in_the_controls(dialog, name) -> None:
    told: list[dict[str, str]] = []
    dialog.applied.connect(told.append)
    dialog.fields["samples"].set_value("31")
    dialog.fields[name].setFocus()
    QTest.keyClick(dialog.fields[name], Qt.Key.Key_Return)
    assert [options["samples"] for options in told] == ["31"]


def test_that_no_text_of_the_dialog_is_cut_off(dialog) -> None:
    dialog.fields["samples"].set_value("0")
    dialog.set_layers(())
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width())
    assert "no other layer" in said(dialog)


def test_that_a_wheel_that_passes_changes_no_choice(dialog) -> None:
    field, here, down = dialog.fields["baseline"], QPointF(5, 5), QPoint(0, -120)
    button, keys, phase = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase
    turned = QWheelEvent(here, here, QPoint(), down, button, keys, phase.NoScrollPhase, False)
    QApplication.sendEvent(field, turned)
    assert field.value() == "zero"
