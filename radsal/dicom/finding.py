"""Find the files that may hold images: those named, and all that lies in folders named."""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that was met, with what tells whether it has changed since.

    Attributes
    ----------
    path:
        As named, or below the folder as named.
    size, modified:
        Bytes, and time of the last change in nanoseconds; -1 where the file cannot be asked.
    """

    path: Path
    size: int = -1
    modified: int = -1


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
        status = os.stat(path)  # noqa: PTH116 - half the time of Path.stat
    except (OSError, ValueError):
        return Entry(path)
    if not stat.S_ISREG(status.st_mode):
        return Entry(path)
    return Entry(path, status.st_size, status.st_mtime_ns)


def _walk(top: Path) -> Iterator[Entry]:
    """Files below a folder; the real paths met are kept, so that links make no loop.

    Without recursion: folders may lie deeper than Python's stack.
    """
    pending, seen = [top], set[str]()
    while pending:
        path = pending.pop()
        if not _is_folder(path):
            yield _entry(path)
            continue
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        try:
            pending += reversed(_entries(path))
        except OSError:
            yield Entry(path)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, by name, without what is skipped. Raises OSError."""
    with os.scandir(folder) as entries:
        named = sorted(entries, key=lambda entry: entry.name)
    found = [Path(entry.path) for entry in named if not entry.name.startswith(".")]
    return [path for path in found if path.name.upper() != "DICOMDIR" or _is_folder(path)]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises on a long name, or a link loop
