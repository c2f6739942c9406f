"""Zoom and pan: changes of ``session.View`` that keep a point under the mouse."""

from radsal.app.viewer.placement import Placement, clamp_zoom
from radsal.session.view import View

Point = tuple[float, float]


def zoom_about(view: View, placement: Placement, zoom: float, at: Point) -> None:
    """Set the zoom so that the image point under ``at`` (y, x in device pixels) stays there."""
    point = placement.to_image(*at)
    view.zoom = clamp_zoom(zoom)
    view.center = _within(placement, placement.zoomed(view.zoom).center_for(*point, *at))


def put_under(view: View, placement: Placement, point: Point, at: Point) -> None:
    """Move the image so that an image point comes to lie under ``at``."""
    view.zoom = placement.zoom
    view.center = _within(placement, placement.center_for(*point, *at))


def _within(placement: Placement, center: Point) -> Point:
    """The middle of the view stays on the film, so that the film cannot be lost."""
    row, column = center
    return min(max(row, 0.0), placement.rows), min(max(column, 0.0), placement.columns)
