"""The file's overlay planes (PS3.3 C.9.2): one quiet colour with a dark edge, legible on any gray.

Below 1:1 the ink is what a plane covers of each device pixel, over what a line one image pixel
wide would cover: thin lines and small letters keep their strength instead of going pale with
the zoom. From 1:1 on each bit is a plain rectangle. A region of interest is drawn as an outline
and a thin tint. What lies beyond the image is not drawn.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.raster import as_image, extent
from radsal.app.viewer.resample import resampled
from radsal.core.planes import Overlay
from radsal.core.radiograph import Radiograph

INK = QColor("#d5f2e3")  # no gray of a film, and neither the accent's blue nor amber
EDGE = 0.65  # opacity of the dark line around the ink
TINT = 0.16  # opacity of the inside of a region
_Part = tuple[slice, slice]


class Ink:
    """All overlay planes of one radiograph, joined."""

    def __init__(self, radiograph: Radiograph) -> None:
        self.radiograph = radiograph
        lines = np.zeros(radiograph.shape, np.bool_)
        inside = np.zeros(radiograph.shape, np.bool_)
        for overlay in radiograph.overlays:
            on_image, on_plane = _common(overlay, radiograph.shape)
            plane = overlay.plane
            lines[on_image] |= (outline(plane) if overlay.region else plane)[on_plane]
            inside[on_image] |= plane[on_plane] & overlay.region
        self._lines = lines
        self._inside = inside if inside.any() else None

    def image(self, placement: Placement) -> tuple[QImage, tuple[int, int]]:
        """The part that shows, and its corner (y, x) in device pixels of the view."""
        ink = self._opacity(placement)
        r0, c0, r1, c1 = extent(ink > 0)
        y0, x0, _, _ = placement.visible
        pixels = _coloured(ink[r0:r1, c0:c1])
        layout = QImage.Format.Format_ARGB32_Premultiplied
        return as_image(pixels, layout).copy(), (y0 + r0, x0 + c0)

    def _opacity(self, placement: Placement) -> NDArray[np.float32]:
        """Of the ink on each visible device pixel as the film is turned, 0 to 1."""
        covered = resampled(self._lines, placement).astype(np.float32)
        thin = min(1.0, placement.row_scale, placement.column_scale)
        ink = np.minimum(1, covered / np.float32(thin))
        if self._inside is not None:
            np.maximum(ink, TINT * resampled(self._inside, placement), out=ink)
        return placement.on_screen(ink)


def _common(overlay: Overlay, shape: tuple[int, int]) -> tuple[_Part, _Part]:
    """What an image of ``shape`` and an overlay have in common, on the image and on the plane."""
    on_image, on_plane = [], []
    for first, size, length in zip(overlay.origin, overlay.plane.shape, shape, strict=True):
        low, high = max(0, first), min(length, first + size)
        high = max(low, high)  # nothing in common: an empty part
        on_image.append(slice(low, high))
        on_plane.append(slice(low - first, high - first))
    return (on_image[0], on_image[1]), (on_plane[0], on_plane[1])


def outline(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a region with a neighbour that is not in it."""
    padded = np.pad(region, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(region & ~inner)


def _coloured(ink: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Premultiplied 0xAARRGGBB: the ink, and the dark edge one device pixel around it."""
    edge = EDGE * (1 - ink) * _spread(ink)
    opaque = np.rint((ink + edge) * 255).astype(np.uint32)
    pixels: NDArray[np.uint32] = opaque << np.uint32(24)
    for shift, part in ((16, INK.redF()), (8, INK.greenF()), (0, INK.blueF())):
        pixels |= np.rint(ink * (part * 255)).astype(np.uint32) << np.uint32(shift)
    return pixels


def _spread(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest of each value and its eight neighbours."""
    padded = np.pad(ink, 1)
    tall = np.maximum(np.maximum(padded[:-2], padded[2:]), padded[1:-1])
    return np.maximum(np.maximum(tall[:, :-2], tall[:, 2:]), tall[:, 1:-1])
