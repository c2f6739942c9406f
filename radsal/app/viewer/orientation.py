"""Letters at the edges of the film, only where the file states the orientation."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from radsal.app.viewer.lettering import paint_text

_OPPOSITE = str.maketrans("LRAPHF", "RLPAFH")
SIZE = 22.0


def edge_letters(orientation: tuple[str, str] | None) -> dict[str, str]:
    """Letters by edge (left, right, top, bottom) from Patient Orientation (PS3.3 C.7.6.1.1.1).

    The file states where the rows run to (right) and where the columns run to (down); the
    opposite edges follow. Nothing is drawn for an orientation that is not stated.
    """
    if orientation is None:
        return {}
    right, bottom = (value.upper() for value in orientation)
    letters = {
        "left": right.translate(_OPPOSITE),
        "right": right,
        "top": bottom.translate(_OPPOSITE),
        "bottom": bottom,
    }
    return {edge: text for edge, text in letters.items() if text}


def paint_letters(painter: QPainter, letters: dict[str, str], film: QRectF) -> None:
    """Draw the letters inside the visible part of the film, in logical pixels."""
    middle = Qt.AlignmentFlag.AlignHCenter
    for edge, text in letters.items():
        box = _box(edge, film)
        paint_text(painter, box, text, shadow=True, size=15, strong=True, align=middle)


def _box(edge: str, film: QRectF) -> QRectF:
    middle = film.center()
    x = {"left": film.left() + 6, "right": film.right() - SIZE - 6}.get(edge, middle.x() - SIZE / 2)
    y = {"top": film.top() + 6, "bottom": film.bottom() - SIZE - 6}.get(edge, middle.y() - SIZE / 2)
    return QRectF(x, y, SIZE, SIZE)
