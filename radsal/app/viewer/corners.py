"""Draw the corner texts so that they yield to the image.

A text that lies beside the film is drawn plainly. One that has no room there gets a shadow, so
that it can be read on any gray, and fades while the mouse is on it, so that what is burned into
the film below can be read as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from radsal.app.theme.fonts import SMALL, ui_font
from radsal.app.theme.tokens import DARK
from radsal.app.viewer.annotations import Corners
from radsal.app.viewer.lettering import paint_text

MARGIN = 12.0
LINE = 16.0
BADGE = 18.0
FADED = 0.12


@dataclass(frozen=True, slots=True)
class Line:
    """One text and the rectangle that it fills, in logical pixels."""

    text: str
    box: QRectF
    badge: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one corner."""

    lines: tuple[Line, ...]

    @property
    def box(self) -> QRectF:
        """Rectangle around all lines."""
        whole = QRectF()
        for line in self.lines:
            whole = whole.united(line.box)
        return whole


def blocks(texts: Corners, view: QRectF) -> tuple[Block, ...]:
    """Where the texts of the four corners stand in a view."""
    left, right = view.left() + MARGIN, view.right() - MARGIN
    top = view.top() + MARGIN - 4
    below = view.bottom() - MARGIN + 5
    lowest = below - (BADGE + 1) * bool(texts.badges) - LINE * len(texts.bottom_right)
    low = below - LINE * len(texts.bottom_left)
    last = _lines(texts.bottom_right, right, lowest, rightwards=False)
    made = (
        Block(tuple(_lines(texts.top_left, left, top, rightwards=True))),
        Block(tuple(_lines(texts.top_right, right, top, rightwards=False))),
        Block(tuple(_lines(texts.bottom_left, left, low, rightwards=True))),
        Block((*last, *_badges(texts.badges, right, below))),
    )
    return tuple(block for block in made if block.lines)


def _lines(texts: tuple[str, ...], x: float, y: float, *, rightwards: bool) -> Iterator[Line]:
    metrics = QFontMetricsF(ui_font(SMALL))
    for place, text in enumerate(texts):
        width = metrics.horizontalAdvance(text) + 1
        yield Line(text, QRectF(x if rightwards else x - width, y + place * LINE, width, LINE))


def _badges(texts: tuple[str, ...], right: float, bottom: float) -> Iterator[Line]:
    metrics = QFontMetricsF(ui_font(SMALL))
    for text in reversed(texts):
        width = metrics.horizontalAdvance(text) + 14
        yield Line(text, QRectF(right - width, bottom - BADGE, width, BADGE), badge=True)
        right -= width + 6


def paint_blocks(
    painter: QPainter, made: tuple[Block, ...], film: QRectF, mouse: QPointF | None
) -> None:
    """Draw all corners; ``film`` is the rectangle of the film, all in logical pixels."""
    painter.save()
    for block in made:
        over = block.box.intersects(film)
        under_mouse = mouse is not None and block.box.adjusted(-6, -6, 6, 6).contains(mouse)
        painter.setOpacity(FADED if over and under_mouse else 1.0)
        for line in block.lines:
            paint_line(painter, line, shadow=line.box.intersects(film))
    painter.restore()


def paint_line(painter: QPainter, line: Line, *, shadow: bool) -> None:
    """Draw one line, or one badge in its frame."""
    if line.badge:
        _paint_badge(painter, line)
    else:
        paint_text(painter, line.box, line.text, shadow=shadow)


def _paint_badge(painter: QPainter, line: Line) -> None:
    painter.setFont(ui_font(SMALL))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(DARK.amber))
    painter.setBrush(QColor(0, 0, 0, 170))
    painter.drawRoundedRect(line.box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.drawText(line.box, Qt.AlignmentFlag.AlignCenter, line.text)
