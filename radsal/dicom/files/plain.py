"""Headers without an element of undefined length, read by pydicom in one go.

Nothing can be nested or endless in them, so that pydicom need not be held up at every element, as
:mod:`radsal.dicom.files.elements` does. What is plain is read in two thirds of the time and to the same
end; for all else there is the other way.
"""

import io
from functools import lru_cache

from pydicom.charset import convert_encodings, default_encoding
from pydicom.dataelem import DataElement, RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag

from radsal.dicom.files.elements import Met, Part, Wanted
from radsal.dicom.files.sequences import UNDEFINED
from radsal.dicom.limits import Limits

_UNDEFINED = UNDEFINED.to_bytes(4, "little")
_CHARACTER_SET = BaseTag(0x00080005)
_SMALLEST = 8  # bytes of an element

Encoding = tuple[bool, bool]  # implicit VR, little endian
Elements = dict[BaseTag, RawDataElement | DataElement]


def read_plain(
    head: bytes, start: int, encoding: Encoding, wanted: Wanted, limits: Limits
) -> Part | None:
    """Read what is wanted of a header that ends within some bytes.

    Parameters
    ----------
    head:
        The first bytes of the file.
    encoding:
        As the file states it.

    Returns
    -------
    As :func:`~radsal.dicom.files.elements.read_elements`; None where the header is not plain, does not
    end here, has another encoding than is stated, holds a sequence that is wanted, or is damaged.
    """
    if _looks_implicit(head, start) is not encoding[0] or len(head) > _SMALLEST * limits.elements:
        return None
    try:
        elements, met = _elements(head, start, encoding, wanted)
        data = _dataset(elements, encoding)
    except Exception:  # noqa: BLE001 - the other way says what is wrong
        return None
    if met is None or met.offset > len(head) or not wanted.sequences.isdisjoint(elements):
        return None
    return Part(data, met.start, met) if head.find(_UNDEFINED, start, met.start) < 0 else None


def _looks_implicit(head: bytes, start: int) -> bool:
    """By pydicom's own rule, which it applies to the first element."""
    return not all(0x40 < letter < 0x5B for letter in head[start + 4 : start + 6])


def _elements(
    head: bytes, start: int, encoding: Encoding, wanted: Wanted
) -> tuple[Elements, Met | None]:
    """Elements up to the first one outside of the span, and that one."""
    stream = io.BytesIO(head)
    stream.seek(start)
    first, last = wanted.span.start, wanted.span.stop
    met: Met | None = None

    def stop(tag: BaseTag, vr: str | None, length: int) -> bool:
        nonlocal met
        number = tag + 0  # a plain int: a BaseTag compares slowly
        if first <= number < last:
            return False
        met = Met(number, vr, length, stream.tell())
        return True

    read = data_element_generator(stream, *encoding, stop_when=stop, specific_tags=wanted.tags)
    return {element.tag: element for element in read}, met


def _dataset(elements: Elements, encoding: Encoding) -> Dataset:
    """As pydicom's ``read_dataset`` makes it, but for the character sets that are looked up once."""
    data = Dataset(elements)
    stated = elements.get(_CHARACTER_SET)
    names: str | list[str] = default_encoding
    if isinstance(stated, RawDataElement):
        names = list(_encodings(stated.value or b"", stated.VR))
    data.set_original_encoding(*encoding, names)
    return data


@lru_cache(64)
def _encodings(stated: bytes, vr: str | None) -> tuple[str, ...]:
    """Python's names of the character sets that (0008,0005) states."""
    raw = RawDataElement(_CHARACTER_SET, vr, len(stated), stated, 0, vr is None, True)
    return tuple(convert_encodings(convert_raw_data_element(raw).value))
