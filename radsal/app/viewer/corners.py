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
    frame: str = ""  # the colour of a badge or note; a plain text has none


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
    top, below = view.top() + MARGIN - 4, view.bottom() - MARGIN + 5
    low = below - LINE * len(texts.bottom_left)
    display = tuple(_lines(texts.bottom_left, left, low, rightwards=True))
    room = right - max((line.box.right() for line in display), default=left) - MARGIN
    framed = tuple(_framed(texts, right, below, room))
    if any(line.box.width() > room for line in framed):  # a narrow view: above all lines
        framed = tuple(_framed(texts, right, low - 4, right - left))
    lowest = min((line.box.top() - 1 for line in framed), default=below)
    last = _lines(
        texts.bottom_right, right, lowest - LINE * len(texts.bottom_right), rightwards=False
    )
    made = (
        Block(tuple(_lines(texts.top_left, left, top, rightwards=True))),
        Block(tuple(_lines(texts.top_right, right, top, rightwards=False))),
        Block(display),
        Block((*last, *framed)),
    )
    return tuple(block for block in made if block.lines)


def _lines(texts: tuple[str, ...], x: float, y: float, *, rightwards: bool) -> Iterator[Line]:
    metrics = QFontMetricsF(ui_font(SMALL))
    for place, text in enumerate(texts):
        width = metrics.horizontalAdvance(text) + 1
        yield Line(text, QRectF(x if rightwards else x - width, y + place * LINE, width, LINE))


def _framed(texts: Corners, right: float, bottom: float, room: float) -> Iterator[Line]:
    """Badges, then notes, from the right; a new row above where there is no room left."""
    metrics = QFontMetricsF(ui_font(SMALL))
    framed = [(text, DARK.amber) for text in reversed(texts.badges)]
    framed += [(text, DARK.secondary) for text in reversed(texts.notes)]
    x = right
    for text, colour in framed:
        width = metrics.horizontalAdvance(text) + 14
        if x < right and x - width < right - room:
            x, bottom = right, bottom - BADGE - 4
        yield Line(text, QRectF(x - width, bottom - BADGE, width, BADGE), colour)
        x -= width + 6


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
    """Draw one line, or one badge or note in its frame."""
    if line.frame:
        _paint_framed(painter, line)
    else:
        paint_text(painter, line.box, line.text, shadow=shadow)


def _paint_framed(painter: QPainter, line: Line) -> None:
    painter.setFont(ui_font(SMALL))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(line.frame))
    painter.setBrush(QColor(0, 0, 0, 210))
    painter.drawRoundedRect(line.box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.drawText(line.box, Qt.AlignmentFlag.AlignCenter, line.text)
