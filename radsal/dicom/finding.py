"""Find the files that may hold images: those named, and all that lies in folders named."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """A file that was met, with what tells whether it has changed since.

    Attributes
    ----------
    folder, name:
        The path as named, or below the folder as named, in two parts: a hundred thousand objects
        of class Path take as long to make as the files to find.
    size, modified:
        Bytes, and time of the last change in nanoseconds; -1 where the file cannot be asked.
    number:
        Of the file in its file system (inode); 0 where there is none.
    """

    folder: str
    name: str
    size: int = -1
    modified: int = -1
    number: int = 0

    @classmethod
    def of(cls, path: Path, size: int = -1, modified: int = -1, number: int = 0) -> "Entry":
        """The entry of a path."""
        return cls(str(path.parent), path.name, size, modified, number)

    @property
    def path(self) -> Path:
        """Folder and name."""
        return Path(self.folder, self.name)


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Paths of :func:`find_entries`."""
    return (entry.path for entry in find_entries(paths))


def find_entries(paths: Iterable[Path]) -> Iterator[Entry]:
    """Files named, and the files in folders named: recursive, sorted, lazily.

    Hidden files and folders and DICOMDIR files are skipped inside folders, never where named. What
    does not exist, and a folder that cannot be read, is handed on, so that it is refused by name.
    """
    for path in paths:
        yield from _walk(path) if _is_folder(path) else (_entry(path),)


def _entry(path: Path) -> Entry:
    try:
        return Entry.of(path, *_stamp(os.stat(path)))  # noqa: PTH116 - half the time of Path.stat
    except (OSError, ValueError):
        return Entry.of(path)


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    """Size, time of change and number of a file; of what is no file they say nothing."""
    if not stat.S_ISREG(status.st_mode):
        return -1, -1, 0
    return status.st_size, status.st_mtime_ns, status.st_ino


def _walk(top: Path) -> Iterator[Entry]:
    """Files below a folder; the real paths met are kept, so that links make no loop.

    Without recursion: folders may lie deeper than Python's stack.
    """
    pending: list[tuple[str, os.DirEntry[str] | None]] = [("", None)]
    seen = set[str]()
    while pending:
        folder, met = pending.pop()
        if met is not None and not _leads_on(met):
            yield _file(folder, met)
            continue
        path = str(top) if met is None else met.path
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        try:
            pending += [(path, entry) for entry in reversed(_entries(path))]
        except OSError:
            yield Entry.of(Path(path))


def _file(folder: str, met: os.DirEntry[str]) -> Entry:
    try:
        return Entry(folder, met.name, *_stamp(met.stat()))
    except OSError:
        return Entry(folder, met.name)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    """What a folder holds, by name, without what is skipped. Raises OSError."""
    with os.scandir(folder) as entries:
        found = sorted((entry for entry in entries if not entry.name.startswith(".")), key=_name_of)
    return [entry for entry in found if entry.name.upper() != "DICOMDIR" or _leads_on(entry)]


def _name_of(entry: os.DirEntry[str]) -> str:
    return entry.name


def _leads_on(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises on a long name, or a link loop
