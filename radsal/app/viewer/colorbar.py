"""The colour bar: what the colours of the heat map stand for."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from radsal.app.theme.fonts import TINY
from radsal.app.theme.tokens import DARK
from radsal.app.viewer.corners import MARGIN
from radsal.app.viewer.heat import tables
from radsal.app.viewer.lettering import paint_text
from radsal.app.viewer.raster import as_image
from radsal.core import colormaps
from radsal.core.figures import percent
from radsal.core.results import SaliencyMap
from radsal.core.rules import PERCENTILE, Scale, Shown, Sign
from radsal.saliency.catalogue import title_of
from radsal.session import View

WIDTH = 10.0
BELOW = 110.0  # three lines of words, and the texts of the lower corner
NEAR = 0.07  # of the bar's length: a mark there has no room for its figure beside a tick's word


def bar_box(view: QRectF) -> QRectF:
    """Where the bar stands: at the right, below the middle, clear of letters and corners."""
    top = view.center().y() + 26
    room = view.bottom() - top - BELOW
    length = max(48.0, min(240.0, 0.26 * view.height(), room))
    return QRectF(view.right() - MARGIN - WIDTH, top, WIDTH, length)


def legend(
    saliency: SaliencyMap, shown: Shown, *, outlined: bool = False, preview: bool = False
) -> tuple[str, ...]:
    """Method and native grid, and the rule by which the display normalises.

    Outlines always are those of hot spots, which are positive: beside another sign it is said.
    """
    h, w = saliency.grid
    lines = (f"{title_of(saliency.method)}, {h}×{w} grid", *shown.words)
    if outlined and shown.rule.sign is not Sign.POSITIVE:
        lines = (*lines, "outlines: positive evidence")
    return (*lines, "preview, coarse") if preview else lines


def paint_colorbar(
    painter: QPainter,
    view: QRectF,
    saliency: SaliencyMap,
    shown: Shown,
    display: View,
    *,
    outlined: bool = False,
    preview: bool = False,
) -> None:
    """Draw the scale, its ends, the threshold and the words, in logical pixels."""
    box = bar_box(view)
    painter.save()
    scale = _scale(shown.rule.sign, display.colormap)
    painter.drawImage(box, as_image(scale, QImage.Format.Format_RGB32))
    painter.setPen(QColor(255, 255, 255, 70))
    painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
    _paint_ticks(painter, box, shown)
    for mark in marks(shown.rule.sign, display.threshold):
        _paint_mark(painter, box, mark)
    for place, text in enumerate(legend(saliency, shown, outlined=outlined, preview=preview)):
        _right(painter, box.right(), box.bottom() + 14 + 15 * place, text)
    painter.restore()


def _scale(sign: Sign, colormap: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint32]]:
    """The colours from the upper end of the bar to the lower: the larger value is above."""
    against, favour = (None if n is None else colormaps.table(n) for n in tables(sign, colormap))
    parts = [
        part for part in (None if favour is None else favour[::-1], against) if part is not None
    ]
    red, green, blue = np.concatenate(parts).astype(np.uint32).T
    column = 0xFF000000 | red << 16 | green << 8 | blue
    return np.ascontiguousarray(column.astype(np.uint32)[:, None])


@dataclass(frozen=True, slots=True)
class Mark:
    """The threshold on the bar: a line at ``at``, dimmed from there to ``zero``; shares from below."""

    at: float
    zero: float
    text: str


def ticks(shown: Shown) -> tuple[tuple[float, str], ...]:
    """Where on the bar (0 below, 1 above) which word stands."""
    far = f"p{PERCENTILE}" if shown.rule.scale is Scale.PERCENTILE else "max"
    return {
        Sign.POSITIVE: ((1.0, far), (0.0, "0")),
        Sign.NEGATIVE: ((1.0, "0"), (0.0, f"−{far}")),
        Sign.BOTH: ((1.0, far), (0.5, "0"), (0.0, f"−{far}")),
    }[shown.rule.sign]


def marks(sign: Sign, threshold: float) -> tuple[Mark, ...]:
    """The threshold on each side of zero that is drawn; none at 0, which hides nothing."""
    if threshold <= 0:
        return ()
    text = percent(threshold)
    return {
        Sign.POSITIVE: (Mark(threshold, 0.0, text),),
        Sign.NEGATIVE: (Mark(1 - threshold, 1.0, text),),
        Sign.BOTH: (Mark(0.5 + threshold / 2, 0.5, text), Mark(0.5 - threshold / 2, 0.5, "")),
    }[sign]


def _paint_ticks(painter: QPainter, box: QRectF, shown: Shown) -> None:
    inset = {1.0: 5, 0.0: -4}
    for at, text in ticks(shown):
        _right(painter, box.left() - 6, _height(box, at) + inset.get(at, 0), text)


def _paint_mark(painter: QPainter, box: QRectF, mark: Mark) -> None:
    line, zero = round(_height(box, mark.at)), round(_height(box, mark.zero))
    dimmed = QRectF(box.left(), min(line, zero), box.width(), abs(zero - line))
    painter.fillRect(dimmed, QColor(0, 0, 0, 150))
    painter.fillRect(QRectF(box.left() - 3, line - 1, WIDTH + 6, 2), QColor(DARK.text))
    if mark.text and all(abs(mark.at - end) > NEAR for end in (0.0, mark.zero, 1.0)):
        _right(painter, box.left() - 6, line, mark.text)


def _height(box: QRectF, share: float) -> float:
    return box.bottom() - share * box.height()


def _right(painter: QPainter, right: float, middle: float, text: str) -> None:
    box = QRectF(right - 200, middle - 8, 200, 16)
    align = Qt.AlignmentFlag.AlignRight
    paint_text(painter, box, text, shadow=True, size=TINY, align=align)
