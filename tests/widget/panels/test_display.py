"""Each control sets one field of the view and follows it, whoever changed it."""

import pytest
from PySide6.QtCore import Qt

from radsal.app.panels import DisplayPanel
from radsal.core import colormaps
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
