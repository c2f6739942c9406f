"""Find the files that may hold images: those named, and all that lies in folders named.

A ZIP archive is a folder here: its files have paths below it. Of a DICOMDIR that is named, the
files that it refers to are met.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from radsal.core.errors import Refusal
from radsal.dicom.faults import faults_named
from radsal.dicom.files import archives, dicomdir
from radsal.dicom.files.members import Member, below
from radsal.dicom.limits import Limits

_LIMITS = Limits()
_SIGNED = (1 << 63) - 1  # what a database takes for a number
_HEAD = 1024  # bytes that tell an archive and a DICOMDIR from other files


class Entry(NamedTuple):
    """A file that was met, with what tells whether it has changed since.

    Attributes
    ----------
    folder, name:
        The path as named, or below the folder as named, in two parts: a hundred thousand objects
        of class Path take as long to make as the files to find.
    size, modified:
        Bytes, and time of the last change in nanoseconds (of a file in an archive, that of the
        archive); -1 where the file cannot be asked.
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
    """Files named, and the files in folders and ZIP archives named: recursive, sorted, lazily.

    Hidden files and folders and DICOMDIR files are skipped inside folders and archives, never where
    named. A DICOMDIR that is named gives the files that it refers to. In folders an archive is known
    by its suffix, where named by its first bytes. What does not exist or cannot be read, a folder, an
    archive or a DICOMDIR, is handed on itself, so that it is refused by name.
    """
    for path in paths:
        yield from _walk(path) if _is_folder(path) else _named(path)


def _named(path: Path) -> Iterator[Entry]:
    """A file that was named, or what it holds or refers to."""
    head = _head(path)
    if head is None:
        return _inside(path)
    if archives.is_archive(head):
        return _members(path)
    if dicomdir.is_dicomdir(head):
        return _references(path)
    return iter((_entry(path),))


def _head(path: Path) -> bytes | None:
    """The first bytes of a file; None where there is no file, or it may not be read."""
    if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises on a long name
        return None
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return None


def _inside(path: Path) -> Iterator[Entry]:
    """A file or folder inside an archive; any other path that is no file is handed on."""
    located = archives.located(path)
    found = () if located is None else _members(*located)
    return iter(tuple(found) or (_entry(path),))


def _members(archive: Path, address: str = "") -> Iterator[Entry]:
    """The files of an archive, or the one at an address or those below it."""
    try:
        with faults_named():
            members = archives.directory(archive, _LIMITS)
    except Refusal:
        return iter((Entry.of(archive / address),))
    whole = _entry(archive)
    if address in members:
        return iter((_member(archive, address, members[address], whole),))
    chosen = [inner for inner in below(members, address) if members[inner].listed]
    entries = (_member(archive, inner, members[inner], whole) for inner in chosen)
    return entries if chosen else iter((Entry.of(archive / address),))


def _member(archive: Path, address: str, member: Member, whole: Entry) -> Entry:
    """A member has changed where its archive has: its time and number are the archive's."""
    folder, _, name = address.rpartition("/")
    above = os.path.join(archive, folder) if folder else str(archive)  # noqa: PTH118
    return Entry(above, name, member.size, whole.modified, whole.number)


def _references(path: Path) -> Iterator[Entry]:
    """The files that a DICOMDIR refers to; itself where it is damaged or refers to none."""
    try:
        with faults_named():
            found = dicomdir.references(path, _LIMITS)
    except Refusal:
        found = []
    return map(_entry, found or [path])


def _entry(path: Path) -> Entry:
    try:
        return Entry.of(path, *_stamp(os.stat(path)))  # noqa: PTH116 - half the time of Path.stat
    except (OSError, ValueError):
        return Entry.of(path)


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    """Size, time of change and number of a file; of what is no file they say nothing."""
    if not stat.S_ISREG(status.st_mode):
        return -1, -1, 0
    return status.st_size, status.st_mtime_ns, status.st_ino & _SIGNED


def _walk(top: Path) -> Iterator[Entry]:
    """Files below a folder; the real paths met are kept, so that links make no loop.

    Without recursion: folders may lie deeper than Python's stack.
    """
    pending: list[tuple[str, os.DirEntry[str] | None]] = [("", None)]
    seen = set[str]()
    while pending:
        folder, met = pending.pop()
        if met is not None and not _leads_on(met):
            if met.name[-4:].lower() == ".zip":
                yield from _met(folder, met)
            else:
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


def _met(folder: str, met: os.DirEntry[str]) -> Iterable[Entry]:
    """A file with the suffix of archives that was met in a folder, or what it holds."""
    path = Path(met.path)
    return _members(path) if archives.is_archive(_head(path) or b"") else (_file(folder, met),)


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
