"""Each control sets one field of the view and follows it, whoever changed it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from radsal.app.panels import DisplayPanel
from radsal.core import colormaps
from radsal.core.rules import Scale, Sign
from radsal.session import View

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view() -> View:
    return View()


@pytest.fixture
def panel(view, qtbot) -> DisplayPanel:
    made = DisplayPanel(view)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("field", ["heatmap", "contours", "native_grid"])
def test_that_a_tick_and_its_field_say_the_same(panel, view, field) -> None:
    tick = getattr(panel, field)
    assert tick.isChecked() is getattr(view, field)
    tick.click()
    assert tick.isChecked() is getattr(view, field)
    setattr(view, field, not getattr(view, field))
    assert tick.isChecked() is getattr(view, field)


@pytest.mark.parametrize("field", ["opacity", "threshold"])
def test_that_a_slider_and_its_field_say_the_same(panel, view, field) -> None:
    control = getattr(panel, field)
    control.slider.setValue(70)
    assert getattr(view, field) == pytest.approx(0.7)
    assert control.figure.text() == "70%"
    setattr(view, field, 0.123)
    assert control.slider.value() == 12
    assert getattr(view, field) == 0.123  # following is no change


def test_that_every_colour_map_can_be_picked(panel, view, qtbot) -> None:
    for name in reversed(colormaps.NAMES):
        qtbot.mouseClick(panel.colormap.button(name), LEFT)
        assert view.colormap == name
    view.colormap = "gray"
    assert panel.colormap.button("gray").isChecked()


@pytest.mark.parametrize(("field", "values"), [("scale", Scale), ("sign", Sign)])
def test_that_every_display_rule_can_be_picked_and_says_what_it_does(
    panel, view, qtbot, field, values
) -> None:
    control = getattr(panel, field)
    for value in reversed(values):
        qtbot.mouseClick(control.button(value), LEFT)
        assert getattr(view, field) is value
        assert len(control.button(value).toolTip()) > 20
    setattr(view, field, list(values)[1])
    assert [control.button(v).isChecked() for v in values] == [False, True, False]


def test_that_signed_evidence_lets_nobody_choose_colours_for_it(panel, view) -> None:
    view.sign = Sign.BOTH
    assert not panel.colormap.isEnabled()
    assert "own colors" in panel.colormap.toolTip()
    view.sign = Sign.POSITIVE
    assert panel.colormap.isEnabled()


def test_that_no_choice_of_the_panel_is_cut_off(panel, qtbot) -> None:
    qtbot.waitExposed(panel)
    for button in panel.findChildren(QPushButton):
        assert button.width() >= button.sizeHint().width()
