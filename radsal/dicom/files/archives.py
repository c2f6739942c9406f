"""ZIP archives, read in place: their files are addressed by paths below the archive.

Nothing is ever unpacked to a disk, and no name of an archive is ever given to the operating system:
an address is looked up in the archive's own directory. ``zipfile`` reads that directory; a member
is inflated here, in pieces, within the limits.
"""

import os
import struct
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from radsal.core.errors import Refusal, RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.files.dicomdir import is_dicomdir
from radsal.dicom.files.members import Member, members_of
from radsal.dicom.files.unpacking import Unpacked, chunks, inflated
from radsal.dicom.limits import Limits

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # a first file, or the end of an empty archive
_ENTRY = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s22xHH")  # of a local file header: signature, lengths of name and extra
_KEPT = 4  # directories that a process keeps

Directory = dict[str, Member]
_Stamp = tuple[int, int]
_kept: OrderedDict[Path, tuple[_Stamp, Directory]] = OrderedDict()
_guard = threading.Lock()


def is_archive(head: bytes) -> bool:
    """Whether a file begins as a ZIP archive does, and not as DICOM, whose preamble is free."""
    return head[:4] in _MAGIC and head[128:132] != b"DICM"


def located(path: Path) -> tuple[Path, str] | None:
    """The file that lies above ``path``, and the rest of the path; None where there is none."""
    for parent in path.parents:
        if os.path.isfile(parent):  # noqa: PTH113 - Path.is_file raises on a long name
            return parent, path.relative_to(parent).as_posix()
        if os.path.isdir(parent):  # noqa: PTH112
            break
    return None


def directory(archive: Path, limits: Limits) -> Directory:
    """The members of an archive by address, sorted as the files of folders are.

    Kept from call to call, for a few archives, until the archive's size or time of change differs.
    Raises Refusal and OSError.
    """
    with archive.open("rb") as file:
        return _directory(archive, file, limits)


def why_not(archive: Path, limits: Limits) -> Refusal:
    """Why an archive as a whole is no image. Raises the Refusal where it cannot be read."""
    if not any(member.listed for member in directory(archive, limits).values()):
        return refuse(RefusalCode.EMPTY, "The ZIP archive holds no file.")
    return refuse(
        RefusalCode.NO_IMAGE,
        "This is a ZIP archive, which holds files and is no image itself.",
        "Open it as a folder, or name a file in it: archive.zip/film.dcm",
    )


@contextmanager
def member_opened(archive: Path, address: str, limits: Limits) -> Iterator[tuple[Unpacked, int]]:
    """A member as a stream, and its size; its checksum is compared when its end is reached.

    Raises Refusal and OSError, also when the stream is read.
    """
    with archive.open("rb") as file:
        _check_magic(file.read(1024))
        member = _directory(archive, file, limits).get(address)
        if member is None:
            raise refuse(RefusalCode.UNREADABLE, "The ZIP archive holds no file of this name.")
        member.check(limits)
        yield Unpacked(_pieces(file, member, limits)), member.size


def _check_magic(head: bytes) -> None:
    """Raise Refusal unless a file that was met above a path is an archive."""
    if is_dicomdir(head):
        raise refuse(
            RefusalCode.OUTSIDE,
            "The DICOMDIR refers to a file outside of its folder.",
            "Open the folder of that file, if you trust it.",
        )
    if not is_archive(head):
        raise refuse(RefusalCode.UNREADABLE, "This is below a file that is no ZIP archive.")


def _directory(archive: Path, file: BinaryIO, limits: Limits) -> Directory:
    status = os.fstat(file.fileno())
    stamp = (status.st_size, status.st_mtime_ns)
    with _guard:
        kept = _kept.get(archive)
        if kept is None or kept[0] != stamp:
            kept = stamp, _parsed(file, limits)
            _kept[archive] = kept
        _kept.move_to_end(archive)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return kept[1]


def _parsed(file: BinaryIO, limits: Limits) -> Directory:
    try:
        with zipfile.ZipFile(_Bounded(file, limits)) as archive:
            return members_of(archive.infolist(), archive.start_dir)
    except NotImplementedError:
        raise refuse(
            RefusalCode.UNSUPPORTED_ARCHIVE,
            "The ZIP archive was written by a newer kind of program.",
            "Unpack it with that program, and open the folder.",
        ) from None
    except (zipfile.BadZipFile, struct.error, ValueError, OverflowError):
        raise refuse(
            RefusalCode.CORRUPT,
            "The ZIP archive is damaged.",
            "Get it again from where it came from.",
        ) from None


class _Bounded:
    """The file of an archive while its directory is read, which happens in one piece."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._file, self._limits = file, limits
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """As of any file. Raises Refusal where the directory is beyond the limits."""
        limits = self._limits
        if size > limits.directory_bytes:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The directory of the ZIP archive has {size:,} bytes; the limit is "
                f"{limits.directory_bytes:,}.",
            )
        raw = self._file.read(size)
        if raw.startswith(_ENTRY) and raw.count(_ENTRY) > limits.members:
            raise refuse(
                RefusalCode.TOO_LARGE,
                f"The ZIP archive holds more than {limits.members:,} files, which is the limit.",
                "Unpack it, and open the folder.",
            )
        return raw


def _pieces(file: BinaryIO, member: Member, limits: Limits) -> Iterator[bytes]:
    """The bytes of a member, checked against what the directory says of them."""
    file.seek(member.offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != _MAGIC[0]:
        raise refuse(RefusalCode.CORRUPT, "The ZIP archive is damaged where this file begins.")
    _, name, extra = _LOCAL.unpack(head)
    file.seek(name + extra, os.SEEK_CUR)
    packed = chunks(file, member.packed)
    pieces = packed if member.stored else inflated(packed, member.size, limits)
    size = checksum = 0
    for piece in pieces:
        size += len(piece)
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if size < member.size:
        raise refuse(RefusalCode.TRUNCATED, "The ZIP archive ends before this file does.")
    if size > member.size or checksum != member.checksum:
        raise refuse(
            RefusalCode.CORRUPT,
            "The file is damaged: it does not match its checksum in the ZIP archive.",
            "Get the archive again from where it came from.",
        )
