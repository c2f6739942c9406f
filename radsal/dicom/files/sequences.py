"""How deep sequences are nested, how many items they hold and where they end (PS3.5 7.5).

Nothing is parsed here and no value is read: pydicom does that afterwards, where it is wanted.
"""

import struct
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from radsal.core.errors import Refusal, RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits

UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
#: VRs that pydicom takes for a sequence where the length is undefined, or PS3.6 says so.
MAY_BE_SEQUENCE = ("SQ", "UN", None)
_LONG = frozenset(vr.encode() for vr in EXPLICIT_VR_LENGTH_32)


@dataclass(slots=True)
class Walk:
    """How a data set is encoded, and how many elements may still be met in it."""

    implicit: bool
    little: bool
    limits: Limits
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.limits.elements

    def again(self) -> "Walk":
        """The same from the beginning."""
        return Walk(self.implicit, self.little, self.limits)

    def spend(self) -> None:
        """Count an element or item. Raises Refusal (``too-large``)."""
        self.left -= 1
        if self.left < 0:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The data set has more than {self.limits.elements:,} elements, which is the "
                "limit.",
            )


@dataclass(slots=True)
class _Level:
    """A sequence that is being walked through, or an item of one.

    ``end`` is None where a delimiter ends it. ``opaque`` marks fragments: they hold no elements.
    """

    items: bool
    end: int | None
    implicit: bool
    opaque: bool = False


def skipped(stream: BinaryIO, walk: Walk, vr: str | None, offset: int) -> int:
    """Where an element of undefined length ends whose value begins at ``offset``.

    Raises Refusal beyond the limits on depth and number, and where it is not made of items;
    EOFError where the stream ends first.
    """
    return _Walker(stream, walk, deep=False).walked(vr, offset, UNDEFINED)


def measured(stream: BinaryIO, walk: Walk, vr: str | None, offset: int, length: int) -> int:
    """As :func:`skipped`, for a sequence that pydicom is to read: down to the last element."""
    return _Walker(stream, walk, deep=True).walked(vr, offset, length)


class _Walker:
    """Goes from header to header without recursion."""

    def __init__(self, stream: BinaryIO, walk: Walk, *, deep: bool) -> None:
        order = "<" if walk.little else ">"
        self._stream, self._walk, self._deep = stream, walk, deep
        self._implicit_head = struct.Struct(f"{order}HHL")
        self._explicit_head = struct.Struct(f"{order}HH2sH")
        self._number = struct.Struct(f"{order}L")
        self._levels: list[_Level] = []
        self._depth = self._items = 0

    def walked(self, vr: str | None, offset: int, length: int) -> int:
        self._enter(vr, None if length == UNDEFINED else offset + length, self._walk.implicit)
        at = offset
        while self._levels:
            level = self._levels[-1]
            if level.end is not None and at >= level.end:
                self._leave()
                continue
            self._stream.seek(at)
            self._walk.spend()
            at += self._item(level, at) if level.items else self._element(level, at)
        return at

    def _enter(self, vr: str | None, end: int | None, implicit: bool) -> None:
        """A sequence, or fragments."""
        self._depth += 1
        if self._depth > self._walk.limits.depth:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"Sequences are nested more than {self._walk.limits.depth} deep, which is the "
                "limit.",
            )
        self._levels.append(_Level(True, end, implicit, opaque=vr not in MAY_BE_SEQUENCE))

    def _leave(self) -> None:
        self._depth -= self._levels.pop().items

    def _item(self, level: _Level, at: int) -> int:
        """Bytes to go from the header of an item."""
        group, element, length = self._implicit_head.unpack(self._bytes(8))
        tag = group << 16 | element
        if tag == _SEQUENCE_END:
            self._leave()
            return 8
        if tag != _ITEM:
            raise _damaged()
        if self._deep:
            self._count_item()
        if length != UNDEFINED and (level.opaque or not self._deep):
            return 8 + int(length)
        if level.opaque:
            raise _damaged()
        end = None if length == UNDEFINED else at + 8 + int(length)
        self._levels.append(_Level(False, end, level.implicit or self._looks_implicit()))
        return 8

    def _count_item(self) -> None:
        self._items += 1
        if self._items > self._walk.limits.items:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"A sequence has more than {self._walk.limits.items:,} items, which is the limit.",
            )

    def _looks_implicit(self) -> bool:
        """Whether an item in explicit VR holds elements in implicit VR, by pydicom's own rule."""
        head = self._stream.read(6)
        return len(head) == 6 and not all(0x40 < letter < 0x5B for letter in head[4:])

    def _element(self, level: _Level, at: int) -> int:
        """Bytes to go from the header of an element."""
        tag, vr, length, size = self._head(level.implicit)
        if tag == _ITEM_END:
            self._leave()
            return size
        if length == UNDEFINED:
            self._enter(vr, None, level.implicit)
            return size
        if self._deep and _is_sequence(tag, vr):
            self._enter(vr, at + size + length, level.implicit)
            return size
        return size + length

    def _head(self, implicit: bool) -> tuple[int, str | None, int, int]:
        """Tag, VR, length of the value, length of the header."""
        head = self._bytes(8)
        group, element, vr, length = self._explicit_head.unpack(head)
        tag = group << 16 | element
        if implicit or not b"AA" <= vr <= b"ZZ":
            return tag, None, self._implicit_head.unpack(head)[2], 8
        if vr in _LONG:
            return tag, vr.decode(), self._number.unpack(self._bytes(4))[0], 12
        return tag, vr.decode("latin-1"), length, 8

    def _bytes(self, size: int) -> bytes:
        raw = self._stream.read(size)
        if len(raw) < size:
            raise EOFError
        return raw


def _damaged() -> Refusal:
    return refuse(RefusalCode.CORRUPT, "A sequence of the header is damaged.")


def _is_sequence(tag: int, vr: str | None) -> bool:
    return vr == "SQ" or (vr in MAY_BE_SEQUENCE and stated_vr(tag) == "SQ")


@cache
def stated_vr(tag: int) -> str | None:
    """The VR of an attribute by PS3.6; None where it is not in there."""
    try:
        return dictionary_VR(tag)
    except KeyError:
        return None
