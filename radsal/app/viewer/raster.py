"""Pixels as Qt takes them, and where in them anything shows."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def as_image(pixels: NDArray[np.uint32], layout: QImage.Format) -> QImage:
    """A QImage over the memory of contiguous pixels, which the caller keeps alive."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, layout)


def extent(shown: NDArray[np.bool_] | None) -> tuple[int, int, int, int]:
    """Half-open rectangle (r0, c0, r1, c1) around everything that is set; empty for nothing."""
    if shown is None or not shown.any():
        return 0, 0, 0, 0
    rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
