"""The outlines of hot spots and the numbered discs on them, and which one lies under the mouse."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from radsal.app.theme.tokens import DARK
from radsal.app.viewer.placement import Placement
from radsal.app.widgets.badge import paint_disc
from radsal.core.results import HotSpot

RADIUS = 13.0
REACH = RADIUS + 2


@dataclass(frozen=True, slots=True)
class Outline:
    """A hot spot in logical pixels of the view."""

    spot: HotSpot
    polygon: QPolygonF
    disc: QPointF

    def area(self) -> float:
        """Area in the image: where outlines overlap, the smaller one is meant."""
        return self.spot.area


def outlines(spots: Sequence[HotSpot], placement: Placement, ratio: float) -> tuple[Outline, ...]:
    """Outlines by rank, with discs that do not cover each other where that can be avoided."""
    made: list[Outline] = []
    for spot in spots:
        polygon = _polygon(spot, placement, ratio)
        made.append(Outline(spot, polygon, _disc(polygon, placement, ratio, made)))
    return tuple(made)


def _polygon(spot: HotSpot, placement: Placement, ratio: float) -> QPolygonF:
    points = (placement.to_view(float(r), float(c)) for r, c in spot.contour)
    return QPolygonF([QPointF(x / ratio, y / ratio) for y, x in points])


def _disc(
    polygon: QPolygonF, placement: Placement, ratio: float, taken: Sequence[Outline]
) -> QPointF:
    """The point of the outline nearest to the middle of what is seen, clear of other discs."""
    y0, x0, y1, x1 = (n / ratio for n in placement.visible)
    middle = QPointF((x0 + x1) / 2, (y0 + y1) / 2)
    points = sorted(polygon.toList(), key=lambda point: _distance(point, middle))
    clear = (p for p in points if all(_distance(p, t.disc) > 2 * RADIUS + 2 for t in taken))
    return next(clear, points[0])


def _distance(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


def hit(made: Sequence[Outline], point: QPointF) -> str | None:
    """Id of the hot spot at a point: discs first, then the smallest outline around it."""
    for outline in made:
        if _distance(outline.disc, point) <= REACH:
            return outline.spot.id
    rule = Qt.FillRule.OddEvenFill
    around = [o for o in made if o.polygon.containsPoint(point, rule)]
    return min(around, key=Outline.area).spot.id if around else None


def paint_outlines(painter: QPainter, made: Sequence[Outline], active: str | None) -> None:
    """Draw all outlines, the active one last and solid in amber, the others dashed in blue."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for outline in sorted(made, key=lambda o: o.spot.id == active):
        _paint(painter, outline, active=outline.spot.id == active)
    painter.restore()


def _paint(painter: QPainter, outline: Outline, *, active: bool) -> None:
    colour = DARK.amber if active else DARK.accent
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 140), 4.0))
    painter.drawPolygon(outline.polygon)
    pen = QPen(QColor(colour), 2.0)
    if not active:
        pen.setDashPattern([4.0, 3.0])
    painter.setPen(pen)
    painter.drawPolygon(outline.polygon)
    painter.setPen(Qt.PenStyle.NoPen)
    paint_disc(painter, outline.disc, RADIUS, outline.spot.rank, colour)
