"""PALETTE COLOR: three lookup tables from stored values to RGB (PS3.3 C.7.6.3.1.5, C.7.9)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.errors import RefusalCode
from radsal.core.radiograph import LookupTable
from radsal.dicom.attributes import byte_cells, words
from radsal.dicom.faults import refuse
from radsal.dicom.pixels.pixelformat import PixelFormat
from radsal.dicom.tables import lookup_table, table_descriptor

_COLOURS = ("Red", "Green", "Blue")
_DISCRETE, _LINEAR, _INDIRECT = range(3)
_LONGEST = 6  # cells of a segment that makes one entry: an indirect one of 8 bits


def palette(data: Dataset, form: PixelFormat) -> NDArray[np.uint8]:
    """The colours of all stored values.

    Returns
    -------
    uint8, (2**bits_stored, 3): entry ``stored - lowest`` is the RGB of ``stored``, where lowest
    is the lowest value that the bits can hold. Below the first mapped value the first entry
    holds, past the end the last. Of entries of 16 bits the high byte is shown: palettes span the
    full range (C.7.6.3.1.6). Raises Refusal (``corrupt``) where the palette contradicts itself.
    """
    low, stored = _lowest(form), np.arange(1 << form.bits_stored)
    colours = []
    for colour in _COLOURS:
        table = _table(data, colour, signed=form.signed)
        if table is None or table.bits not in (8, 16):
            raise refuse(RefusalCode.CORRUPT, f"The {colour.lower()} palette contradicts itself.")
        index = np.clip(stored + low - table.first_mapped, 0, table.data.size - 1)
        colours.append((table.data >> (table.bits - 8)).astype(np.uint8)[index])
    return np.stack(colours, axis=-1)


def coloured(
    stored: NDArray[np.integer], colours: NDArray[np.uint8], form: PixelFormat
) -> NDArray[np.uint8]:
    """Stored values, (rows, columns), as RGB, (rows, columns, 3), by a whole palette."""
    return np.take(np.roll(colours, _lowest(form), axis=0), stored, axis=0, mode="wrap")


def _lowest(form: PixelFormat) -> int:
    return -(1 << (form.bits_stored - 1)) if form.signed else 0


def _table(data: Dataset, colour: str, *, signed: bool) -> LookupTable | None:
    descriptor = f"{colour}PaletteColorLookupTableDescriptor"
    whole, segmented = f"{colour}PaletteColorLookupTableData", _segmented_name(colour)
    if whole in data or segmented not in data:
        return lookup_table(data, signed=signed, descriptor=descriptor, data=whole, explanation="")
    described = table_descriptor(data, descriptor, signed=signed)
    if described is None:
        return None
    entries, first, bits = described
    cells = words(data, segmented) if bits == 16 else byte_cells(data, segmented)
    expanded = _expand(cells or (), bits, entries)
    return LookupTable(first, bits, np.array(expanded, np.uint16)) if expanded else None


def _segmented_name(colour: str) -> str:
    return f"Segmented{colour}PaletteColorLookupTableData"


# segments (C.7.9.2) ------------------------------------------------------------------------------


class _Segment(NamedTuple):
    """One segment: its opcode, how many entries it makes, and its own values."""

    opcode: int
    length: int
    values: Sequence[int]


def _expand(cells: Sequence[int], bits: int, entries: int) -> list[int]:
    """Entries of a segmented table; empty where the segments do not give just that many.

    Nothing grows past ``entries``, whatever the segments say.
    """
    starts, segments = _segments(cells[: _LONGEST * entries], bits)
    made: list[int] = []
    for segment in segments:
        run = [segment]
        if segment.opcode == _INDIRECT:
            first = starts.get(_offset(segment.values, bits), len(segments))
            run = segments[first : first + segment.length]
            if len(run) != segment.length:
                return []
        for part in run:
            if len(made) + part.length > entries or not _append(part, made):
                return []
    return made if len(made) == entries else []


def _segments(cells: Sequence[int], bits: int) -> tuple[dict[int, int], list[_Segment]]:
    """Segments, and the number of each by the cell that it starts at.

    They end before the first that is none; what is left over may be padding.
    """
    starts: dict[int, int] = {}
    found: list[_Segment] = []
    at = 0
    while at + 2 < len(cells):
        opcode, length = cells[at], cells[at + 1]
        own = {_DISCRETE: length, _LINEAR: 1, _INDIRECT: 32 // bits}.get(opcode)
        if own is None or not length or at + 2 + own > len(cells):
            break
        starts[at] = len(found)
        found.append(_Segment(opcode, length, cells[at + 2 : at + 2 + own]))
        at += 2 + own
    return starts, found


def _offset(values: Sequence[int], bits: int) -> int:
    """The cell that an indirect segment points at: bytes, the low word first (Table C.7-27)."""
    count = sum(value << (bits * place) for place, value in enumerate(values))
    return count // (bits // 8)


def _append(segment: _Segment, made: list[int]) -> bool:
    """Add the entries of a discrete or linear segment; False where it cannot stand here."""
    if segment.opcode == _DISCRETE:
        made.extend(segment.values)
        return True
    if segment.opcode == _INDIRECT or not made:  # no indirect segment is copied (C.7.9.2.3)
        return False
    start, end = made[-1], segment.values[0]
    steps = np.linspace(start, end, segment.length + 1)[1:]
    made.extend(int(value) for value in np.rint(steps))  # as pydicom rounds
    return True
