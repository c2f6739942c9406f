"""How the heat map is drawn: one small control for each property of ``session.view``."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from radsal.app.widgets.labels import label
from radsal.app.widgets.observe import Observer
from radsal.app.widgets.segmented import SegmentedChoice
from radsal.core import colormaps
from radsal.core.figures import percent
from radsal.session import View


class ShareSlider(QWidget):
    """A share of one as a slider and a figure, for one field of the view."""

    def __init__(self, view: View, field: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view, self._field = view, field
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName(name)
        self.figure = label("", "secondary")
        self.figure.setFixedWidth(36)
        self.figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.slider, 1)
        row.addWidget(self.figure)
        self.slider.valueChanged.connect(self._set)
        Observer(self).watch(self._follow, view.events[field])
        self._follow()

    def _set(self, value: int) -> None:
        setattr(self._view, self._field, value / 100)

    def _follow(self) -> None:
        value = float(getattr(self._view, self._field))
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value * 100))
        self.figure.setText(percent(value))


class Switch(QCheckBox):
    """A tick for one field of the view."""

    def __init__(self, view: View, field: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._view, self._field = view, field
        self.toggled.connect(self._set)
        Observer(self).watch(self._follow, view.events[field])
        self._follow()

    def _set(self, on: bool) -> None:
        setattr(self._view, self._field, on)

    def _follow(self) -> None:
        with QSignalBlocker(self):
            self.setChecked(bool(getattr(self._view, self._field)))


class ColormapChoice(SegmentedChoice):
    """The color map of the view."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__([(name, name) for name in colormaps.NAMES], parent)
        self._view = view
        self.setAccessibleName("Color map")
        self.picked.connect(self._set)
        Observer(self).watch(self._follow, view.events.colormap)
        self._follow()

    def _set(self, name: str) -> None:
        self._view.colormap = name

    def _follow(self) -> None:
        self.set_value(self._view.colormap)


class DisplayPanel(QFrame):
    """All of them, small enough for a popover."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.heatmap = Switch(view, "heatmap", "Heatmap")
        self.contours = Switch(view, "contours", "Contours")
        self.native_grid = Switch(view, "native_grid", "Native grid cells")
        self.opacity = ShareSlider(view, "opacity", "Opacity above the threshold")
        self.threshold = ShareSlider(view, "threshold", "Threshold, share of the map's maximum")
        self.colormap = ColormapChoice(view)
        self.setMinimumWidth(280)
        self._lay_out()

    def _lay_out(self) -> None:
        ticks = QHBoxLayout()
        ticks.setSpacing(14)
        for tick in (self.heatmap, self.contours, self.native_grid):
            ticks.addWidget(tick)
        ticks.addStretch()
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        named: tuple[tuple[str, QWidget], ...] = (
            ("Opacity", self.opacity),
            ("Threshold", self.threshold),
            ("Colors", self.colormap),
        )
        for place, (name, control) in enumerate(named):
            grid.addWidget(_name(name, control), place, 0)
            grid.addWidget(control, place, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(10)
        column.addLayout(ticks)
        column.addLayout(grid)


def _name(text: str, control: QWidget) -> QLabel:
    made = label(text, "secondary")
    made.setBuddy(control)
    return made
