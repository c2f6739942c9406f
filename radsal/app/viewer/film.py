"""The film: stored values through one lookup table, or the colours that a file has."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.raster import as_image
from radsal.app.viewer.stored import StoredValues, colour_pixels, shutter_colour
from radsal.core.decoded import AnyRadiograph
from radsal.core.radiograph import LookupTable, Radiograph, VoiWindow
from radsal.dicom.gray.grayscale import display_table
from radsal.dicom.gray.windowing import full_window

OPAQUE = np.uint32(0xFF000000)
GRAY = np.uint32(0x00010101)


def gray_colours(table: NDArray[np.uint8 | np.uint16]) -> NDArray[np.uint32]:
    """A table of gray as Qt's 0xffRRGGBB."""
    colours: NDArray[np.uint32] = OPAQUE | (table.astype(np.uint32) * GRAY)
    return colours


class _Where(NamedTuple):
    """What the values at view resolution depend on."""

    placement: Placement
    smooth: bool
    shutter: bool


class Film:
    """One radiograph on screen. Keeps the values at view resolution and the pixels made of them."""

    def __init__(self, source: AnyRadiograph) -> None:
        self._source = source
        self._values = None if source.is_colour else StoredValues(source)
        self._where: _Where | None = None
        self._indices = np.empty((0, 0), np.intp)
        self._pixels = np.empty((0, 0), np.uint32)
        self._look: tuple[object, bool] | None = None
        self._image = QImage()

    @property
    def radiograph(self) -> Radiograph:
        """What is on the film. A film without a radiograph is not shown."""
        assert isinstance(self._source, Radiograph)
        return self._source

    def take(self, radiograph: Radiograph) -> bool:
        """Become the film of this radiograph, if it was made of the very same pixels."""
        same = self._source.stored is radiograph.stored
        if same:
            self._source = radiograph
        return same

    def image(
        self,
        placement: Placement,
        voi: VoiWindow | LookupTable | None,
        *,
        inverted: bool,
        smooth: bool = False,
        shutter: bool = True,
    ) -> QImage:
        """The visible part of the film; the image is valid until the next call.

        Of a colour image neither ``voi`` nor ``inverted`` changes anything.
        """
        where = _Where(placement, smooth, shutter)
        if where != self._where:
            self._move(where)
        if not self._source.is_colour and not self._looks_like(voi, inverted=inverted):
            self._look_up(voi, inverted=inverted)
        return self._image

    def _move(self, where: _Where) -> None:
        placement, smooth, shutter = self._where = where
        self._look = None
        if self._values is None:
            self._pixels = colour_pixels(self._source, placement, smooth=smooth, shutter=shutter)
            self._image = as_image(self._pixels, QImage.Format.Format_RGB32)
        else:
            self._indices = self._values.at(placement, smooth=smooth, shutter=shutter)
            self._pixels = np.empty(self._indices.shape, np.uint32)

    def _looks_like(self, voi: VoiWindow | LookupTable | None, *, inverted: bool) -> bool:
        if self._look is None:
            return False
        known, turned = self._look
        same = known is voi or (isinstance(voi, VoiWindow) and known == voi)
        return same and turned == inverted

    def _look_up(self, voi: VoiWindow | LookupTable | None, *, inverted: bool) -> None:
        chain = self._source.chain
        shown = full_window(self._source) if voi is None else voi
        # padding has an index of its own: a mean of the image may be a value that pads
        image = replace(chain, padding=None)
        gray = display_table(image, shown, inverted=chain.inverted != inverted)
        table = np.append(gray_colours(gray), (OPAQUE, shutter_colour(self._source)))
        # "wrap" skips NumPy's bounds check; the indices are within the table by construction
        np.take(table, self._indices, out=self._pixels, mode="wrap")
        self._image = as_image(self._pixels, QImage.Format.Format_RGB32)
        self._look = (voi, inverted)
