"""Attributes of a data set as plain Python values."""

import math
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag, Tag

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import log, refuse

#: An attribute by keyword, or by tag where it has none of its own (repeating groups).
Name = str | int

_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), " ")
_MOST_WORDS = 1 << 20  # bytes; the longest are segmented palettes of 65,536 entries
_LONGEST = 1024  # characters; a longer text is no LO, SH or PN (PS3.5 6.2)

# Values that pydicom would hand on character by character, whatever the character set: the longest
# that it does not warn of, and the ASCII characters. All the rest goes through pydicom.
_ASCII = bytes(range(0x20, 0x7F))
_ONE = _ASCII.replace(b"\\", b"")
_PLAIN = {
    "CS": (64, _ASCII),
    "DA": (64, _ASCII),
    "TM": (64, _ASCII),
    "UI": (64, b"0123456789."),
    "IS": (9, b"0123456789"),
    "SH": (16, _ONE),
    "LO": (64, _ONE),
    "PN": (64, _ONE.replace(b"=", b"")),
}

_tag = cache(Tag)


@cache
def _number(keyword: str) -> int:
    """A tag as a plain number: a BaseTag compares slowly."""
    return int(Tag(keyword))


@cache
def _stated_vr(tag: BaseTag) -> str:
    """The VR of an attribute in implicit VR (PS3.6)."""
    return dictionary_VR(tag)


def _raw(data: Dataset, name: Name) -> RawDataElement | None:
    """An attribute as read and not converted yet."""
    element: Any = data.get_item(_tag(name))
    return element if isinstance(element, RawDataElement) else None


def _plain(element: RawDataElement) -> str | None:
    """The text of a value that needs no conversion: what pydicom makes of it, in less time."""
    longest, allowed = _PLAIN.get(element.VR or _stated_vr(element.tag), (0, b""))
    value = (element.value or b"").rstrip(b"\0 ")
    if len(value) > longest or value.translate(None, allowed):
        return None
    return value.decode("ascii").strip()


def text(data: Dataset, name: Name) -> str:
    """Text as in the file, values joined by a backslash; empty where absent or unreadable."""
    element: Any = data.get_item(_tag(name))
    if element is None:
        return ""
    if isinstance(element, RawDataElement) and (plain := _plain(element)) is not None:
        return plain
    try:
        value = data[_tag(name)].value
    except Exception as error:  # noqa: BLE001 - a spoilt description does not spoil the image
        log.info("%s is unreadable (%s)", _spelt(name), type(error).__name__)
        return ""
    parts = value if isinstance(value, MultiValue) else [] if value is None else [value]
    joined = "\\".join(str(part) for part in parts)
    return joined[:_LONGEST].translate(_CONTROL).strip()


def texts(data: Dataset, keywords: Iterable[str]) -> list[str]:
    """Many texts (:func:`text`) of one data set: half the time of one after the other."""
    elements: dict[int, Any] = {tag + 0: element for tag, element in data.items()}
    found = []
    for keyword in keywords:
        element = elements.get(_number(keyword))
        plain = _plain(element) if isinstance(element, RawDataElement) else None
        if plain is None:
            plain = "" if element is None else text(data, keyword)
        found.append(plain)
    return found


def count(data: Dataset, keyword: str, *, default: int | None = None) -> int:
    """A whole number that the image cannot do without. Raises Refusal (``corrupt``)."""
    element: Any = data.get_item(_tag(keyword))
    if isinstance(element, RawDataElement) and (word := _word(element)) is not None:
        return word
    try:
        value = None if element is None else data[_tag(keyword)].value
        if value is None or value == "":
            if default is None:
                raise refuse(RefusalCode.CORRUPT, f"The header does not state {keyword}.")
            return default
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise refuse(RefusalCode.CORRUPT, f"{keyword} is not one whole number.") from None


def _word(element: RawDataElement) -> int | None:
    """The one US of a value, in less time than pydicom takes; None where it is anything else."""
    value = element.value
    if value is None or len(value) != 2 or (element.VR or _stated_vr(element.tag)) != "US":
        return None
    return int.from_bytes(value, "little" if element.is_little_endian else "big")


def _spelt(name: Name) -> str:
    return name if isinstance(name, str) else str(Tag(name))


def ordinal(stated: str) -> int | None:
    """A whole number that only sorts, from its text; None where that is no IS (PS3.5 6.2)."""
    try:
        number = int(stated)
    except ValueError:
        return None
    return number if -(1 << 31) <= number < 1 << 31 else None


def decimals(data: Dataset, keyword: str) -> list[float]:
    """Decimal strings as float; NaN for a value that is no number, empty where absent."""
    try:
        value = data.get(keyword)
    except Exception as error:  # noqa: BLE001 - the caller decides what a missing number means
        log.info("%s is unreadable (%s)", keyword, type(error).__name__)
        return [math.nan]
    if value is None or value == "":
        return []
    parts = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [_decimal(part) for part in parts]


def _decimal(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def words(data: Dataset, name: Name, *, signed: bool = False) -> list[int]:
    """16-bit words of an attribute whose VR is US, SS or OW, whatever the file calls it.

    The VR of such attributes follows from others (PS3.3 C.7.6.3.1, C.11.1.1.1) and is wrong in
    many files: the caller says which sign the standard means.
    """
    raw, order = raw_bytes(data, name)
    if raw is None:
        return []
    raw = raw[: min(len(raw), _MOST_WORDS) & ~1]
    return list(struct.unpack(f"{order}{len(raw) // 2}{'h' if signed else 'H'}", raw))


def raw_bytes(data: Dataset, name: Name) -> tuple[bytes | None, str]:
    """Undecoded value and byte order (``<`` or ``>``) of an attribute; None where absent."""
    element = _raw(data, name)
    if element is None:
        return None, "<"
    return element.value, "<" if element.is_little_endian else ">"


def byte_cells(data: Dataset, name: Name) -> bytes | None:
    """A string of bytes in their own order, also where big-endian words (OW) hold them.

    PS3.5 A.3: in such a word the first byte is the low one, which the file states last.
    """
    raw, order = raw_bytes(data, name)
    if raw is None or order == "<" or vr_of(data, name) != "OW":
        return raw
    return np.frombuffer(raw[: len(raw) & ~1], np.uint16).byteswap().tobytes()


def vr_of(data: Dataset, name: Name) -> str | None:
    """The VR that the file states, or None (implicit VR, or absent)."""
    element = _raw(data, name)
    return None if element is None else element.VR


def items(data: Dataset, name: Name) -> list[Dataset]:
    """The items of a sequence; empty where absent."""
    value = data[name].value if name in data else None
    return [item for item in value or [] if isinstance(item, Dataset)]
