"""Colour samples as RGB (PS3.3 C.7.6.3.1.2), and RGB as the gray that a model is given."""

import numpy as np
from numpy.typing import NDArray
from pydicom.pixels.processing import convert_color_space

from radsal.dicom.pixels.pixelformat import HALVED, PixelFormat

_ROWS_AT_ONCE = 1 << 20  # pixels: pydicom converts in float32, three of which are a pixel
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


def by_pixel(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Samples of a native frame, shaped as the format says, as (rows, columns, 3)."""
    if form.photometric == HALVED:
        return _doubled(values, form)
    return np.ascontiguousarray(values.transpose(1, 2, 0)) if form.planar else values


def _doubled(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Y1 Y2 Cb Cr: the second pixel takes the chroma that was sampled at the first."""
    full = np.empty((form.rows, form.columns, 3), values.dtype)
    full[:, 0::2, 0], full[:, 1::2, 0] = values[..., 0], values[..., 1]
    full[:, 0::2, 1:] = full[:, 1::2, 1:] = values[..., 2:]
    return full


def rgb(values: NDArray[np.integer], space: str) -> NDArray[np.uint8]:
    """Samples as RGB.

    Parameters
    ----------
    values:
        uint8, (rows, columns, 3). Written over.
    space:
        ``RGB``, or ``YBR_FULL``: the full range of 8 bits, converted by pydicom with the inverse
        of the matrix in C.7.6.3.1.2 and rounded half up.
    """
    pixels: NDArray[np.uint8] = values.astype(np.uint8, copy=False)
    if space == "RGB":
        return pixels
    step = max(1, _ROWS_AT_ONCE // pixels.shape[1])
    for row in range(0, len(pixels), step):
        pixels[row : row + step] = convert_color_space(pixels[row : row + step], "YBR_FULL", "RGB")
    return pixels


def luminance(pixels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Gray of RGB pixels, (rows, columns, 3), 0 to 255: float32, (rows, columns).

    ``0.299 R + 0.587 G + 0.114 B``; a pixel without colour keeps its value exactly.
    """
    red, green, blue = (pixels[..., n] for n in range(3))
    gray = np.zeros(pixels.shape[:2], np.float32)
    for weight, sample in zip(LUMA, (red, green, blue), strict=True):
        gray += np.float32(weight) * sample.astype(np.float32)
    return np.where((red == green) & (green == blue), red.astype(np.float32), gray)
