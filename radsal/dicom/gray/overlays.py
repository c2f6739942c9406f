"""Overlay planes, groups 6000 to 601E (PS3.3 C.9.2 and C.9.3, PS3.5 8.1.2).

A plane lies in Overlay Data, or (retired, PS3.5-2004) in a bit of the pixel cells that the pixels
do not use. One that contradicts itself is left out with a log record: it never spoils the image.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.planes import Overlay
from radsal.dicom.attributes import byte_cells, ordinal, text, words
from radsal.dicom.faults import log
from radsal.dicom.files.source import OVERLAY_GROUPS
from radsal.dicom.limits import Limits
from radsal.dicom.pixels.pixelformat import PixelFormat

_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _TYPE = 0x0010, 0x0011, 0x0015, 0x0022, 0x0040
_ORIGIN, _FIRST_FRAME, _CODING, _BITS, _BIT, _LABEL, _DATA = (
    *(0x0050, 0x0051, 0x0060, 0x0100, 0x0102),
    *(0x1500, 0x3000),
)


def overlay_planes(
    data: Dataset, form: PixelFormat, frame: int, cells: NDArray[np.integer] | None, limits: Limits
) -> tuple[Overlay, ...]:
    """The overlays of a frame (from 1), by group.

    Parameters
    ----------
    cells:
        Pixel cells, (rows, columns), before their unused bits are cleared; None where they are
        compressed or colours.
    limits:
        All planes of a frame together have at most as many pixels as an image may have.
    """
    found: list[Overlay] = []
    room = limits.pixels
    for group in OVERLAY_GROUPS:
        try:
            for overlay in _overlay(data, group << 16, form, frame, cells, room):
                found.append(overlay)
                room -= overlay.plane.size
        except ValueError as error:
            log.warning("overlay %04X left out: %s", group, error)
    return tuple(found)


def _overlay(
    data: Dataset,
    group: int,
    form: PixelFormat,
    frame: int,
    cells: NDArray[np.integer] | None,
    room: int,
) -> Iterator[Overlay]:
    """The overlay of a group, if it has one for this frame. Raises ValueError."""
    embedded = _number(data, group | _BIT, 0)
    if group | _DATA not in data and not embedded:
        return
    number = _number_in_overlay(data, group, form, frame)
    if number is None:
        return
    if group | _DATA in data:
        plane, origin = _packed(data, group, number, room), _origin(data, group)
    else:
        plane, origin = _embedded(data, group, form, cells, embedded), (0, 0)
    label = text(data, group | _LABEL) or text(data, group | _DESCRIPTION)
    yield Overlay(plane, origin, group >> 16, text(data, group | _TYPE) == "R", label)


def _number_in_overlay(data: Dataset, group: int, form: PixelFormat, frame: int) -> int | None:
    """Which frame of the overlay (from 0) lies over a frame of the image (C.9.3.1); None: none.

    An overlay that states no frames is one plane for all frames.
    """
    frames = ordinal(text(data, group | _FRAMES))
    if frames is None or form.frames == 1:
        return 0
    number = frame - _number(data, group | _FIRST_FRAME, 1)
    return number if 0 <= number < frames else None


def _packed(data: Dataset, group: int, number: int, room: int) -> NDArray[np.bool_]:
    """One frame of Overlay Data: a bit for each pixel, lowest bit first, without any padding."""
    rows, columns = _number(data, group | _ROWS, 0), _number(data, group | _COLUMNS, 0)
    size = rows * columns
    if not 0 < size <= room:
        raise ValueError(f"it has {rows} x {columns} pixels")
    coding = text(data, group | _CODING)
    if _number(data, group | _BITS, 1) != 1 or coding not in ("", "NONE"):
        raise ValueError("it is no plane of single bits")
    packed = byte_cells(data, group | _DATA) or b""
    if 8 * len(packed) < (number + 1) * size:
        raise ValueError(f"its data ends before its {rows} x {columns} pixels")
    first, skip = divmod(number * size, 8)
    octets = np.frombuffer(packed, np.uint8, (skip + size + 7) // 8, first)
    bits = np.unpackbits(octets, count=skip + size, bitorder="little")[skip:]
    return bits.reshape(rows, columns).astype(np.bool_)


def _embedded(
    data: Dataset, group: int, form: PixelFormat, cells: NDArray[np.integer] | None, bit: int
) -> NDArray[np.bool_]:
    """A bit of the pixel cells: its plane is the image's own, at the image's origin."""
    if cells is None or _number(data, group | _BITS, form.bits_allocated) != form.bits_allocated:
        raise ValueError("it has no data of its own, and none in the pixel cells")
    stated = (
        _number(data, group | _ROWS, form.rows),
        _number(data, group | _COLUMNS, form.columns),
    )
    if stated != cells.shape:
        raise ValueError("it lies in the pixel cells, but has another size than the image")
    if bit >= form.bits_allocated or form.high_bit - form.bits_stored < bit <= form.high_bit:
        raise ValueError(f"its bit {bit} is one of the image's")
    unsigned = cells.view(f"u{cells.dtype.itemsize}")
    return np.asarray(unsigned & unsigned.dtype.type(1 << bit), np.bool_)


def _origin(data: Dataset, group: int) -> tuple[int, int]:
    """(row, column) of the plane's first pixel, from 0; the file counts from 1 (60xx,0050)."""
    stated = words(data, group | _ORIGIN, signed=True)
    if len(stated) != 2:
        if stated:
            raise ValueError("its origin is no pair of numbers")
        return 0, 0
    return stated[0] - 1, stated[1] - 1


def _number(data: Dataset, tag: int, default: int) -> int:
    """A 16-bit number; the default where it is absent or empty."""
    stated = words(data, tag)
    if len(stated) > 1:
        raise ValueError("one of its numbers has several values")
    return stated[0] if stated else default
