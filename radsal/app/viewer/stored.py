"""The pixels of one radiograph at view resolution, before and after a window is laid on them.

Two kinds of pixels are no image: padding (PS3.3 C.7.5.1.1.2) and what a shutter hides
(C.7.6.11). Where pixels are averaged or interpolated, those count for nothing: no border of
the film gets a halo of their values. What is no image to at least a half is drawn as such.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.resample import Plane, mixes, resampled
from radsal.core.decoded import AnyRadiograph
from radsal.dicom.gray.grayscale import shutter_level

HALF = 0.4999  # of two kinds with one half each, one is drawn


class StoredValues:
    """Gray: table indices, counted from the lowest value that the bits can hold.

    Padding and what the shutter hides have indices of their own, behind the table.
    """

    def __init__(self, radiograph: AnyRadiograph) -> None:
        self._radiograph = radiograph
        self.low, high = radiograph.chain.stored_range
        self.padding_index = high - self.low + 1
        self.shutter_index = self.padding_index + 1

    def at(
        self, placement: Placement, *, smooth: bool = False, shutter: bool = True
    ) -> NDArray[np.intp]:
        """Indices of the visible part of the film as it is turned, (height, width)."""
        hidden = hidden_pixels(self._radiograph) if shutter else None
        unseen = either(self._padding, hidden)
        share = None if unseen is None else resampled(unseen, placement)
        values = _image_values(self._radiograph.stored, unseen, share, placement, smooth=smooth)
        # in float32, which is exact here and half as large as what an index must be
        counted = np.rint(values) if values.dtype == np.float32 else values.astype(np.intp)
        counted -= self.low
        np.clip(counted, 0, self.padding_index - 1, out=counted)
        indices = counted.astype(np.intp, copy=False)
        if share is not None and self._padding is not None:
            indices[share >= HALF] = self.padding_index
        if hidden is not None:
            indices[resampled(hidden, placement) >= HALF] = self.shutter_index
        return placement.on_screen(indices)

    @cached_property
    def _padding(self) -> NDArray[np.bool_] | None:
        """Where the image has padding; None where it has none at all."""
        between = self._radiograph.chain.padding
        if between is None:
            return None
        (low, high), stored = between, self._radiograph.stored
        found = stored == low if low == high else (stored >= low) & (stored <= high)
        return found if found.any() else None


def colour_pixels(
    radiograph: AnyRadiograph, placement: Placement, *, smooth: bool = False, shutter: bool = True
) -> NDArray[np.uint32]:
    """The visible part of a colour image as it is turned: 0xffRRGGBB, (height, width)."""
    hidden = hidden_pixels(radiograph) if shutter else None
    share = None if hidden is None else resampled(hidden, placement)
    shown = np.full((1, 1), 0xFF, np.uint32)
    for channel in range(3):
        plane = radiograph.stored[..., channel]
        values = _image_values(plane, hidden, share, placement, smooth=smooth)
        level = np.clip(np.rint(values), 0, 255).astype(np.uint32)
        shown = shown << np.uint32(8) | level
    if share is not None:
        shown[share >= HALF] = shutter_colour(radiograph)
    return placement.on_screen(shown)


def shutter_colour(radiograph: AnyRadiograph) -> np.uint32:
    """0xffRRGGBB of what the shutter hides; black where there is none."""
    gray = 0 if radiograph.shutter is None else shutter_level(radiograph.shutter, 8)
    return np.uint32(0xFF000000 | gray * 0x010101)


def hidden_pixels(radiograph: AnyRadiograph) -> NDArray[np.bool_] | None:
    """What the file's shutter hides; None where it hides nothing."""
    return None if radiograph.shutter is None else radiograph.shutter.hidden


def either(
    one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Where one or the other of two planes is set."""
    if one is None or other is None:
        return other if one is None else one
    return one | other


def _image_values(
    values: Plane,
    unseen: NDArray[np.bool_] | None,
    share: NDArray[Any] | None,
    placement: Placement,
    *,
    smooth: bool,
) -> NDArray[Any]:
    """``values`` at view resolution, not yet turned, made of those that are not ``unseen``.

    ``share`` is how much of each device pixel is unseen, without interpolation.
    """
    if unseen is None or share is None or not mixes(placement, smooth=smooth):
        return resampled(values, placement, smooth=smooth)
    sums = resampled(values, placement, smooth=smooth, holes=unseen)
    blended = resampled(unseen, placement, smooth=True) if smooth else share
    known: NDArray[np.float32] = sums / np.maximum(1 - blended, np.float32(1e-3))
    return known
