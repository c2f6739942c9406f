"""LUT Descriptor and LUT Data (PS3.3 C.11.1.1.1), as LUT sequences and palettes state them."""

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from radsal.core.radiograph import LookupTable
from radsal.dicom.attributes import byte_cells, raw_bytes, text, vr_of, words
from radsal.dicom.faults import log


def lookup_table(
    item: Dataset,
    *,
    signed: bool,
    descriptor: str = "LUTDescriptor",
    data: str = "LUTData",
    explanation: str = "LUTExplanation",
) -> LookupTable | None:
    """Descriptor and data as one table; None where they disagree.

    ``signed`` says how the first mapped value is read where the file leaves its VR open.
    """
    described = table_descriptor(item, descriptor, signed=signed)
    if described is None:
        return None
    entries, first, bits = described
    table = _entries(item, data, entries, bits)
    if table is None:
        log.warning("LUT ignored: %d entries of %d bits, other data", entries, bits)
        return None
    return LookupTable(first, bits, table, text(item, explanation))


def table_descriptor(item: Dataset, name: str, *, signed: bool) -> tuple[int, int, int] | None:
    """(entries, first mapped value, bits per entry); None unless there are three values."""
    vr = vr_of(item, name)
    signed = vr == "SS" if vr in ("US", "SS") else signed
    descriptor = words(item, name)
    if len(descriptor) != 3:
        log.warning("LUT ignored: its descriptor has %d values", len(descriptor))
        return None
    return descriptor[0] or 65536, words(item, name, signed=signed)[1], descriptor[2]


def _entries(item: Dataset, name: str, entries: int, bits: int) -> NDArray[np.uint16] | None:
    """LUT entries as uint16: in words, or (8 bits, OB or packed OW) in bytes."""
    (raw, order), cells = raw_bytes(item, name), byte_cells(item, name)
    if raw is None or cells is None or not 8 <= bits <= 16:
        return None
    if len(raw) >= 2 * entries:
        table = np.frombuffer(raw, f"{order}u2", entries).astype(np.uint16)
    elif bits == 8 and len(cells) >= entries:
        table = np.frombuffer(cells, np.uint8, entries).astype(np.uint16)
    else:
        return None
    return None if int(table.max()) >= 1 << bits else table
