"""Compressed bytes as a stream that can be read and sought, made piece by piece as needed."""

import io
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.limits import Limits

FIRST, PIECE = 1 << 13, 1 << 18  # bytes of the first piece, and of the largest ones


class Unpacked(io.BufferedIOBase):
    """A seekable stream over pieces that are made when they are first needed, and then kept.

    Reading a header makes the pieces up to the pixel data and no more; seeking forward makes
    nothing before something is read there.

    Parameters
    ----------
    pieces:
        What is read, one after the other. What making them raises, reading raises.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces: Iterator[bytes] = iter(pieces)
        self._held = io.BytesIO()  # its position is ours
        self._made = 0
        self._ended = False

    @property
    def size(self) -> int | None:
        """Bytes of the whole, or None while that is not known."""
        return self._made if self._ended else None

    def finish(self) -> None:
        """Make all that is left, so that whatever is wrong with it is raised now."""
        self._reach(sys.maxsize)

    def read(self, size: int | None = -1, /) -> bytes:
        """As of any file."""
        size = sys.maxsize if size is None or size < 0 else size
        self._reach(self._held.tell() + size)
        return self._held.read(size)

    def readinto(self, buffer: object, /) -> int:
        """As of any file; the buffer is filled unless the end comes first."""
        view = memoryview(buffer)  # type: ignore[arg-type]
        self._reach(self._held.tell() + view.nbytes)
        return self._held.readinto(view)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """As of any file; from the end only where all is made."""
        if whence == io.SEEK_END:
            self.finish()
        return self._held.seek(offset, whence)

    def tell(self) -> int:
        """As of any file."""
        return self._held.tell()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def _reach(self, end: int) -> None:
        """Make pieces until ``end``, or until there are no more."""
        if self._made >= end or self._ended:
            return
        here = self._held.tell()
        self._held.seek(self._made)
        for piece in self._pieces:
            self._held.write(piece)
            self._made += len(piece)
            if self._made >= end:
                break
        else:
            self._ended = True
        self._held.seek(here)


def chunks(stream: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    """What a stream holds from here, at most ``size`` bytes, in pieces: small ones first.

    A header is read out of the first one or two.
    """
    left, length = sys.maxsize if size is None else size, FIRST
    while left > 0:
        chunk = stream.read(min(length, left))
        if not chunk:
            return
        left -= len(chunk)
        length = min(2 * length, PIECE)
        yield chunk


def inflated(packed: Iterable[bytes], limit: int, limits: Limits) -> Iterator[bytes]:
    """Inflate a raw deflate stream (RFC 1951) in pieces of at most 256 KiB.

    Raises
    ------
    Refusal
        ``too-large`` beyond ``limit`` bytes or the ratio of ``limits``, as soon as it is reached;
        ``corrupt`` where the stream is damaged, ``truncated`` where it ends too early.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    given = made = 0
    for chunk in packed:
        given += len(chunk)
        rest = chunk
        while rest and not inflater.eof:
            piece = _inflate(inflater, rest)
            rest = inflater.unconsumed_tail
            made += len(piece)
            check_growth(made, given - len(rest), limit, limits)
            yield piece
        if inflater.eof:
            break
    last = inflater.flush()  # what the inflater still holds: less than it was last given
    check_growth(made + len(last), given, limit, limits)
    yield last
    if not inflater.eof:
        raise refuse(RefusalCode.TRUNCATED, "The deflated data ends too early.")


def _inflate(inflater: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return inflater.decompress(packed, PIECE)
    except zlib.error:
        raise refuse(RefusalCode.CORRUPT, "The deflated data is damaged.") from None


def check_growth(made: int, packed: int, limit: int, limits: Limits) -> None:
    """Raise Refusal where ``made`` bytes out of ``packed`` compressed ones are too many."""
    if made > limit:
        raise refuse(RefusalCode.TOO_LARGE, f"The data inflates to more than {limit:,} bytes.")
    if limits.outgrown(made, packed):
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The data inflates to more than {limits.ratio} times its size: {made:,} bytes and "
            "more.",
        )
