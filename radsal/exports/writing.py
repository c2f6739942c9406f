"""Write a file whole or not at all, and name it without patient data."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from radsal.core.errors import ExportError
from radsal.review.read import Read

_REMEDIES = {
    errno.ENOSPC: "Free some space on the disk, or choose another folder.",
    errno.EACCES: "Choose a folder in which you may write.",
    errno.EPERM: "Choose a folder in which you may write.",
    errno.EROFS: "Choose a folder in which you may write.",
    errno.ENOENT: "Check that the folder still exists.",
}


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file beside its place and move it there once it is complete and on the disk.

    An older file of that name stands until then. The folder is made where it is missing.

    Parameters
    ----------
    write:
        Called with the open file; what it raises goes on, and nothing is left behind.

    Raises
    ------
    ExportError
        The operating system refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".radsal-", suffix=".part", dir=path.parent)
        _fill_and_move(handle, Path(part), path, write)
    except OSError as error:
        raise ExportError(
            f"{path.name} could not be written ({error.strerror or error}).",
            remedy=_REMEDIES.get(error.errno or 0, "Choose another folder."),
        ) from error


def _fill_and_move(
    handle: int, part: Path, path: Path, write: Callable[[BinaryIO], object]
) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def report_name(read: Read, suffix: str) -> str:
    """File name of a report: state and the beginning of the read's id, nothing of the patient.

    ``suffix`` with its dot, such as ``.pdf``.
    """
    return f"radsal-read-{read.id[:12]}-{read.state.value}{suffix}"
