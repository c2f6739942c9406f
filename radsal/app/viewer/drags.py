"""What a drag does, from press to release: one class for each tool."""

from dataclasses import replace
from math import exp
from typing import Protocol

from radsal.app.viewer.navigation import Point, put_under, zoom_about
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.tool import Tool
from radsal.app.viewer.values import window_of
from radsal.core.radiograph import Radiograph, VoiFunction
from radsal.session.view import View

DOUBLE_AFTER = 250.0  # device pixels after which a window is e times as wide
SWEEP = 500.0  # device pixels over which the center moves by one width
ZOOM_AFTER = 200.0


class Drag(Protocol):
    """A drag in progress; points are (y, x) in device pixels of the view."""

    def move(self, to: Point) -> None:
        """The mouse is here now."""


class WindowDrag:
    """Horizontally the width, vertically the center, both in proportion to the width."""

    def __init__(self, view: View, radiograph: Radiograph, start: Point) -> None:
        self._view = view
        self._start = start
        self._from = window_of(radiograph, view.voi)

    def move(self, to: Point) -> None:
        """Set the window that belongs to the distance from the press."""
        down, right = to[0] - self._start[0], to[1] - self._start[1]
        width = self._from.width * exp(right / DOUBLE_AFTER)
        center = self._from.center + down / SWEEP * self._from.width
        if self._from.width >= 50:
            width, center = float(round(width)), float(round(center))
        lowest = 1.0 if self._from.function is VoiFunction.LINEAR else 1e-6
        self._view.voi = replace(
            self._from, center=center, width=max(lowest, width), explanation=""
        )


class PanDrag:
    """The film follows the mouse."""

    def __init__(self, view: View, placement: Placement, start: Point) -> None:
        self._view = view
        self._placement = placement
        self._point = placement.to_image(*start)

    def move(self, to: Point) -> None:
        """Bring the grabbed point under the mouse."""
        put_under(self._view, self._placement, self._point, to)


class ZoomDrag:
    """Upwards is nearer; the point that was pressed stays."""

    def __init__(self, view: View, placement: Placement, start: Point) -> None:
        self._view = view
        self._placement = placement
        self._start = start

    def move(self, to: Point) -> None:
        """Set the zoom that belongs to the distance from the press."""
        factor = exp((self._start[0] - to[0]) / ZOOM_AFTER)
        zoom_about(self._view, self._placement, self._placement.zoom * factor, self._start)


def begin_drag(
    tool: Tool, view: View, radiograph: Radiograph, placement: Placement, start: Point
) -> Drag | None:
    """The drag of a tool; None where it would do nothing: a colour image has no window."""
    if tool is Tool.WINDOW:
        return None if radiograph.is_colour else WindowDrag(view, radiograph, start)
    if tool is Tool.PAN:
        return PanDrag(view, placement, start)
    return ZoomDrag(view, placement, start)
