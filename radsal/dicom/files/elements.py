"""Elements of a data set through pydicom, within the limits on their number, length and depth.

pydicom parses every sequence of undefined length that it meets, wanted or not, each level of
nesting deeper in Python's stack, and keeps an object for each item. A small file can make it run
out of either. So it is stopped before each sequence: what nobody asked for is skipped, and what is
asked for is measured first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from pydicom.charset import default_encoding
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.files.sequences import (
    MAY_BE_SEQUENCE,
    UNDEFINED,
    Walk,
    measured,
    skipped,
    stated_vr,
)


class Wanted:
    """The attributes that are read; all others are passed over.

    Parameters
    ----------
    attributes:
        Keywords (PS3.6) or tags.
    span:
        Tags between its ends are read or passed over; the first one outside ends the reading.
    """

    def __init__(self, attributes: Iterable[str | int], span: range) -> None:
        # plain numbers: pydicom looks every tag up among them, and a BaseTag compares slowly
        self.tags: list[BaseTag | int] = [int(Tag(attribute)) for attribute in attributes]
        self.numbers = frozenset(self.tags)
        self.sequences = frozenset(tag for tag in self.numbers if stated_vr(tag) == "SQ")
        self.span = span


class Met(NamedTuple):
    """An element that reading stopped at. ``offset`` is where its value begins."""

    tag: int
    vr: str | None
    length: int
    offset: int

    @property
    def start(self) -> int:
        """Where the element itself begins."""
        return self.offset - (12 if self.vr in EXPLICIT_VR_LENGTH_32 else 8)


@dataclass(frozen=True, slots=True)
class Part:
    """What was read. ``end`` is where reading stopped, ``met`` the element that stopped it."""

    data: Dataset
    end: int
    met: Met | None


def read_elements(
    stream: BinaryIO, walk: Walk, wanted: Wanted, start: int, length: int | None = None
) -> Part:
    """Read what is wanted, from ``start`` to the end or to the first tag outside of the span.

    Parameters
    ----------
    walk:
        How the data set is encoded, and what may still be met in it.
    length:
        Bytes of the data set; None to read to the end of the stream or of the item.

    Raises
    ------
    Refusal
        ``too-large`` beyond a limit, ``corrupt`` where a sequence is not made of items.
    EOFError
        The stream ends inside a sequence. Other faults raise whatever pydicom raises.
    """
    reading = _Reading(stream, walk, wanted, None if length is None else start + length)
    stream.seek(start)
    data = reading.on()
    while (met := reading.met) is not None and met.tag in wanted.span:
        stream.seek(reading.passed(met))
        data.update(reading.on(data))
    return Part(data, stream.tell(), reading.met)


class _Reading:
    """One data set, read by pydicom from one sequence to the next."""

    def __init__(self, stream: BinaryIO, walk: Walk, wanted: Wanted, end: int | None) -> None:
        self._stream, self._walk, self._wanted, self._end = stream, walk, wanted, end
        self.met: Met | None = None
        self._cleared = -1  # where a sequence begins that was measured, and may be read
        self._stops = self._guard()

    def on(self, before: Dataset | None = None) -> Dataset:
        """What pydicom reads from here until the guard stops it."""
        self.met = None
        left = None if self._end is None else max(self._end - self._stream.tell(), 0)
        data = read_dataset(
            self._stream,
            self._walk.implicit,
            self._walk.little,
            bytelength=left,
            stop_when=self._stops,
            specific_tags=self._wanted.tags,
            parent_encoding=before.original_character_set if before else default_encoding,
        )
        found = data.original_encoding[0]
        self._walk.implicit = self._walk.implicit if found is None else found
        return data

    def passed(self, met: Met) -> int:
        """Where to go on: behind what was met, or before it where it is wanted and harmless."""
        if met.tag not in self._wanted.numbers:
            return skipped(self._stream, self._walk, met.vr, met.offset)
        measured(self._stream, self._walk, met.vr, met.offset, met.length)
        self._cleared = met.offset
        return met.start

    def _guard(self) -> Callable[[BaseTag, str | None, int], bool]:
        """What pydicom asks at every element: a closure, as it takes a good part of the time."""
        walk, sequences = self._walk, self._wanted.sequences
        first, last = self._wanted.span.start, self._wanted.span.stop
        longest = walk.limits.value_bytes

        def stops(tag: BaseTag, vr: str | None, length: int) -> bool:
            number = tag + 0  # a plain int: a BaseTag compares slowly
            walk.left -= 1
            if (
                length <= longest
                and first <= number < last
                and number not in sequences
                and walk.left >= 0
            ):
                return False
            return self._stops_at(Met(number, vr, length, self._stream.tell()))

        return stops

    def _stops_at(self, met: Met) -> bool:
        if self._walk.left < 0:
            self._walk.spend()  # raises
        if met.tag in self._wanted.span:
            if met.offset == self._cleared:
                return False
            if met.length != UNDEFINED and not self._is_sequence(met):
                self._check_length(met)
                return False
        self.met = met
        return True

    def _is_sequence(self, met: Met) -> bool:
        return met.tag in self._wanted.sequences and met.vr in MAY_BE_SEQUENCE

    def _check_length(self, met: Met) -> None:
        if met.tag in self._wanted.numbers and met.length > self._walk.limits.value_bytes:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"A value of the header has {met.length:,} bytes; the limit is "
                f"{self._walk.limits.value_bytes:,}.",
            )
