"""The bytes of a path: of a file on disk, or of a file in a ZIP archive."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from radsal.core.errors import RefusalCode
from radsal.dicom.faults import refuse
from radsal.dicom.files import archives
from radsal.dicom.limits import Limits

_BUFFER = 32 << 10  # bytes that are read at once: nearly every header ends before
_MAGIC = 132  # bytes that tell what a file is


@contextmanager
def stream_of(path: Path, limits: Limits, *, whole: bool) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file, or a file in an archive: a stream at its beginning, and its size.

    Parameters
    ----------
    whole:
        Unpack all of a file in an archive now, so that its checksum is compared.

    Raises Refusal and OSError.
    """
    status = _status(path)
    if status is None:
        with _member(path, limits, whole=whole) as opened:
            yield opened
        return
    _check_kind(status.st_mode)
    with path.open("rb", _BUFFER) as stream:
        if archives.is_archive(stream.read(_MAGIC)):
            raise archives.why_not(path, limits)
        _check_size(status.st_size, limits)
        stream.seek(0)
        yield stream, status.st_size


def _status(path: Path) -> os.stat_result | None:
    """None where the path leads into a file; OSError where it leads nowhere."""
    try:
        return os.stat(path)  # noqa: PTH116 - of every file that a scan meets: Path is slower
    except OSError:
        if archives.located(path) is None:
            raise
        return None


@contextmanager
def _member(path: Path, limits: Limits, *, whole: bool) -> Iterator[tuple[BinaryIO, int]]:
    located = archives.located(path)
    if located is None:  # gone since
        raise FileNotFoundError(2, "No such file or directory")
    with archives.member_opened(*located, limits) as (stream, size):
        if archives.is_archive(stream.read(_MAGIC)):
            raise refuse(
                RefusalCode.UNSUPPORTED_ARCHIVE,
                "This is a ZIP archive inside a ZIP archive.",
                "Unpack the outer one, and open the folder.",
            )
        _check_size(size, limits)
        if whole:
            stream.finish()
        stream.seek(0)
        yield cast("BinaryIO", stream), size


def _check_kind(mode: int) -> None:
    if not stat.S_ISREG(mode):  # a pipe or a device would be waited for, for ever
        kind = "a folder that could not be read" if stat.S_ISDIR(mode) else "no file"
        raise refuse(RefusalCode.UNREADABLE, f"This is {kind}.")


def _check_size(size: int, limits: Limits) -> None:
    if size == 0:
        raise refuse(RefusalCode.EMPTY, "The file is empty.")
    if size > limits.file_bytes:
        raise refuse(
            RefusalCode.TOO_LARGE,
            f"The file has {size:,} bytes; the limit is {limits.file_bytes:,}.",
        )
