"""How the heat map is drawn: one small control for each property of ``session.view``."""

from collections.abc import Sequence
from typing import Any

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
from radsal.core.rules import PERCENTILE, Scale, Sign
from radsal.session import View

SCALES = {
    Scale.MAP: "The last color is the largest evidence of each map itself",
    Scale.SHARED: "The last color is the largest evidence for any finding of this image: "
    "a weak map stays weak",
    Scale.PERCENTILE: f"The last color is the {PERCENTILE}th percentile of the map's evidence: "
    "one hot pixel does not dim the rest",
}
SIGNS = {
    Sign.POSITIVE: "What speaks for the finding",
    Sign.NEGATIVE: "What speaks against the finding, in cold colors",
    Sign.BOTH: "What speaks for the finding in warm colors, what speaks against it in cold ones",
}
OWN_COLORS = "Signed evidence has its own colors: warm for the finding, cold against it"


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


class Choice(SegmentedChoice):
    """One of a few values for one field of the view."""

    def __init__(
        self,
        view: View,
        field: str,
        name: str,
        options: Sequence[tuple[Any, str]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(options, parent)
        self._view, self._field = view, field
        self.setAccessibleName(name)
        self.picked.connect(self._set)
        Observer(self).watch(self._follow, view.events[field])
        self._follow()

    def _set(self, value: Any) -> None:
        setattr(self._view, self._field, value)

    def _follow(self) -> None:
        self.set_value(getattr(self._view, self._field))


class DisplayPanel(QFrame):
    """All of them, small enough for a popover."""

    def __init__(self, view: View, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.heatmap = Switch(view, "heatmap", "Heatmap")
        self.contours = Switch(view, "contours", "Contours")
        self.native_grid = Switch(view, "native_grid", "Native grid cells")
        self.opacity = ShareSlider(view, "opacity", "Opacity above the threshold")
        self.threshold = ShareSlider(view, "threshold", "Threshold, share of the scale")
        self.scale = Choice(view, "scale", "Scale", [(scale, scale.words) for scale in Scale])
        self.sign = Choice(view, "sign", "Evidence", [(sign, sign.value) for sign in Sign])
        self.colormap = Choice(
            view, "colormap", "Color map", [(name, name) for name in colormaps.NAMES]
        )
        self._view = view
        self.setMinimumWidth(280)
        self._lay_out()
        self._tell()
        Observer(self).watch(self._follow, view.events.sign)
        self._follow()

    def _tell(self) -> None:
        """What each rule does, where the mouse asks."""
        for scale, meaning in SCALES.items():
            self.scale.button(scale).setToolTip(meaning)
        for sign, meaning in SIGNS.items():
            self.sign.button(sign).setToolTip(meaning)

    def _follow(self) -> None:
        """Signed evidence has colors of its own, so that neither sign is taken for the other."""
        free = self._view.sign is Sign.POSITIVE
        self.colormap.setEnabled(free)
        self.colormap.setToolTip("" if free else OWN_COLORS)

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
            ("Scale", self.scale),
            ("Evidence", self.sign),
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
