"""How many parts a PNG or JPEG file is made of, counted before Pillow walks through them."""

from collections.abc import Iterator
from typing import BinaryIO

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits

_FILL, _ALONE = 0xFF, frozenset({0x01, *range(0xD0, 0xD9)})  # of JPEG: no length follows
_LAST = frozenset({0xD9, 0xDA})  # end of image, start of scan
_SIGNATURE = 8  # bytes of a PNG


def check_segments(stream: BinaryIO, *, png: bool, limits: Limits) -> None:
    """Raise Refusal (``too-large``) where a picture is made of too many parts.

    Counted are the chunks of a PNG (PNG 5.3) and the markers of a JPEG before its first scan (ISO
    10918-1 B.1.1), as far as they follow each other: what comes of a broken file, Pillow says.
    """
    for number, _ in enumerate(_chunks(stream) if png else _markers(stream), 1):
        if number > limits.segments:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The picture is made of more than {limits.segments:,} parts, which is the limit.",
            )


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    at, kind = _SIGNATURE, b""
    while kind != b"IEND":
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            return
        kind = head[4:]
        yield kind
        at += 12 + int.from_bytes(head[:4])


def _markers(stream: BinaryIO) -> Iterator[int]:
    at = 2
    while True:
        stream.seek(at)
        head = stream.read(4)
        if len(head) < 4 or head[0] != _FILL or head[1] in _LAST:
            return
        yield head[1]
        if head[1] == _FILL:
            at += 1
        else:
            at += 2 if head[1] in _ALONE else 2 + int.from_bytes(head[2:])
