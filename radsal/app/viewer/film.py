"""The gray layer: stored values through one lookup table."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.resample import StoredValues
from radsal.core.radiograph import LookupTable, Radiograph, VoiWindow
from radsal.dicom.grayscale import display_table
from radsal.dicom.windowing import full_window

OPAQUE = np.uint32(0xFF000000)
GRAY = np.uint32(0x00010101)


def gray_colours(table: NDArray[np.uint8 | np.uint16]) -> NDArray[np.uint32]:
    """A table of gray as Qt's 0xffRRGGBB."""
    colours: NDArray[np.uint32] = OPAQUE | (table.astype(np.uint32) * GRAY)
    return colours


def as_image(pixels: NDArray[np.uint32], layout: QImage.Format) -> QImage:
    """A QImage over the memory of contiguous pixels, which the caller keeps alive."""
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, layout)


class Film:
    """One radiograph on screen. Keeps the values at view resolution and the pixels made of them."""

    def __init__(self, radiograph: Radiograph) -> None:
        self.radiograph = radiograph
        self._values = StoredValues(radiograph)
        self._placement: Placement | None = None
        self._indices = np.empty((0, 0), np.intp)
        self._pixels = np.empty((0, 0), np.uint32)
        self._look: tuple[object, bool] | None = None
        self._image = QImage()

    def image(
        self, placement: Placement, voi: VoiWindow | LookupTable | None, *, inverted: bool
    ) -> QImage:
        """The visible part of the film; the image is valid until the next call."""
        moved = placement != self._placement
        if moved:
            self._indices = self._values.at(placement)
            self._pixels = np.empty(self._indices.shape, np.uint32)
            self._placement = placement
        if moved or self._look is None or not self._looks_like(voi, inverted=inverted):
            self._look_up(voi, inverted=inverted)
        return self._image

    def _looks_like(self, voi: VoiWindow | LookupTable | None, *, inverted: bool) -> bool:
        assert self._look is not None
        known, turned = self._look
        same = known is voi or (isinstance(voi, VoiWindow) and known == voi)
        return same and turned == inverted

    def _look_up(self, voi: VoiWindow | LookupTable | None, *, inverted: bool) -> None:
        chain = self.radiograph.chain
        shown = full_window(self.radiograph) if voi is None else voi
        gray = display_table(chain, shown, inverted=chain.inverted != inverted)
        table = gray_colours(gray)
        # "wrap" skips NumPy's bounds check; the indices are within the table by construction
        np.take(table, self._indices, out=self._pixels, mode="wrap")
        self._image = as_image(self._pixels, QImage.Format.Format_RGB32)
        self._look = (voi, inverted)
