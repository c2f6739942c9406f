"""Stored values at view resolution: averaged over areas below 1:1, the nearest one from 1:1 on."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radsal.app.viewer.placement import Placement
from radsal.core.radiograph import Radiograph


class StoredValues:
    """The stored values of one radiograph, ready to be resampled.

    Values are counted from the lowest one that the bits can hold, as lookup tables are.
    """

    def __init__(self, radiograph: Radiograph) -> None:
        low, high = radiograph.chain.stored_range
        stored = radiograph.stored
        # a step wider than 16 bits only where signed values move up
        wide = stored.astype(np.int32) if low < 0 else stored
        self._values = (np.clip(wide, low, high) - low).astype(np.uint16, copy=False)
        self._smooth: Image.Image | None = None

    def at(self, placement: Placement) -> NDArray[np.intp]:
        """Table indices of the visible part of the film, (height, width) in device pixels.

        Below 1:1 each value is a mean over the image pixels under and around it (Hamming-windowed
        area average): lines one pixel wide get paler, but never vanish.
        """
        if placement.zoom < 1:
            return self._averaged(placement)
        rows, columns = placement.sample_points()
        lines = self._values[rows.astype(np.intp)]
        return lines[:, columns.astype(np.intp)].astype(np.intp)

    def _averaged(self, placement: Placement) -> NDArray[np.intp]:
        if self._smooth is None:
            self._smooth = Image.fromarray(self._values.astype(np.float32))
        y0, x0, y1, x1 = placement.visible
        if y0 == y1 or x0 == x1:
            return np.empty((y1 - y0, x1 - x0), np.intp)
        r0, c0 = placement.to_image(y0, x0)
        r1, c1 = placement.to_image(y1, x1)
        box = (max(0.0, c0), max(0.0, r0), min(c1, placement.columns), min(r1, placement.rows))
        small = self._smooth.resize((x1 - x0, y1 - y0), Image.Resampling.HAMMING, box=box)
        indices: NDArray[np.intp] = np.rint(np.asarray(small)).astype(np.intp)
        return indices
