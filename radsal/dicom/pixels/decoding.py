"""One frame of stored values out of a file."""

from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.files.source import PixelElement, Source
from radsal.dicom.pixels.colour import by_pixel, rgb
from radsal.dicom.pixels.encapsulated import compressed_cells
from radsal.dicom.pixels.pixelformat import PixelFormat


def pixel_cells(source: Source, form: PixelFormat, frame: int) -> NDArray[np.integer]:
    """Decode frame number ``frame`` (from 1).

    Returns
    -------
    (rows, columns), dtype of the format: the pixel cells as they are (PS3.5 8.1.1), with whatever
    the unused bits hold. Of three samples per pixel RGB, (rows, columns, 3), uint8. Raises
    Refusal.
    """
    if source.pixels is None:
        raise refuse(RefusalCode.NO_IMAGE, "The object holds no image.")
    check_number(frame, form.frames)
    if not source.syntax.native:
        return compressed_cells(source, source.pixels, form, frame - 1)
    cells = _native(source, source.pixels, form, frame - 1)
    if form.samples == 1:
        return cells
    return rgb(by_pixel(cells, form), "RGB" if form.photometric == "RGB" else "YBR_FULL")


def stored_values(
    cells: NDArray[np.integer], source: Source, form: PixelFormat
) -> NDArray[np.integer]:
    """Pixel cells, (rows, columns), as exactly the bits stored, sign extended, in place.

    Whatever the unused bits held, such as old overlays, is gone.
    """
    if source.syntax.lossy is not False:
        return clip_bits(cells, form)
    return used_bits(cells, form)


def check_number(frame: int, frames: int) -> None:
    """Raise Refusal unless there is a frame of this number, from 1."""
    if not 1 <= frame <= frames:
        raise refuse(RefusalCode.CORRUPT, f"There is no frame {frame} of {frames}.")


def used_bits(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Move the bits stored to the bottom and extend the sign, in place."""
    unused = form.bits_allocated - form.bits_stored
    if not unused:
        return values
    if form.signed:
        np.left_shift(values, form.bits_allocated - 1 - form.high_bit, out=values)
        np.right_shift(values, unused, out=values)  # arithmetic
        return values
    below = form.high_bit + 1 - form.bits_stored
    if below:
        np.right_shift(values, below, out=values)
    np.bitwise_and(values, (1 << form.bits_stored) - 1, out=values)
    return values


def clip_bits(values: NDArray[np.integer], form: PixelFormat) -> NDArray[np.integer]:
    """Bound values to the bits stored, in place: a lossy decoder may overshoot, never wrap."""
    if form.bits_stored == form.bits_allocated:
        return values
    half = 1 << (form.bits_stored - 1)
    low, high = (-half, half - 1) if form.signed else (0, 2 * half - 1)
    np.clip(values, low, high, out=values)
    return values


def _native(
    source: Source, pixels: PixelElement, form: PixelFormat, index: int
) -> NDArray[np.integer]:
    """Read one uncompressed frame (PS3.5 8.1.1, A.1 to A.3)."""
    values = form.empty()
    start = index * form.frame_bytes
    little = source.syntax.uid.is_little_endian
    if not little and form.bits_allocated == 8 and pixels.vr == "OW":
        return _native_swapped_bytes(source.stream, pixels, form, start)
    source.stream.seek(pixels.offset + start)
    got = cast("int", source.stream.readinto(values.reshape(-1).view(np.uint8)))  # type: ignore[attr-defined]
    if got != form.frame_bytes:
        raise EOFError
    if little != (np.dtype("=u2") == np.dtype("<u2")):
        values.byteswap(inplace=True)
    return values


def _native_swapped_bytes(
    stream: BinaryIO, pixels: PixelElement, form: PixelFormat, start: int
) -> NDArray[np.integer]:
    """8-bit pixels in big-endian words: every pair of bytes is turned round."""
    skip = start % 2
    stream.seek(pixels.offset + start - skip)
    raw = stream.read((form.frame_bytes + skip + 1) // 2 * 2)
    turned = np.frombuffer(raw, np.uint16).byteswap().view(form.dtype)
    frame = turned[skip : skip + form.frame_bytes]
    return frame.reshape(form.frame_shape).copy()
