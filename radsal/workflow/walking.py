"""Walk through folders, and look up in the folder index what was read before.

This module runs in a scanner process; it is named, never imported, by the others: a network drive
that does not answer holds a process that can be ended, and no thread of the window.
"""

import os
import time
from collections.abc import Generator, Iterable, Sequence
from itertools import islice
from pathlib import Path

from radsal.dicom.files.finding import Entry, find_entries
from radsal.storage.index import FolderIndex, Reader
from radsal.workflow.portions import Gone, Portion, Run, Stamp

FIRST = 8  # files that must be read, in the first portion; the next one has twice as many …
UNREAD = 64  # … and the others this many: what one process reads in one go
MOST = 512  # files of a portion, known or not
PATIENCE = 0.05  # seconds between two portions of a slow disk


def walk(
    paths: Sequence[Path], index: Path | None, skip: int = 0
) -> Generator[Portion, None, Gone]:
    """Find the files in folders.

    Parameters
    ----------
    paths:
        Files and folders, as :func:`radsal.dicom.files.finding.find_entries` takes them.
    index:
        File of the folder index, or None.
    skip:
        Files that were met by an earlier walk, which was broken off.

    Yields
    ------
    Portions of files in the order in which they are met.

    Returns
    -------
    What the index knows of the folders that were walked through and is not there any more.
    """
    with FolderIndex(index).reader() if index else Reader(None) as reader:
        lookup = _Lookup(reader)
        yield from _portions(islice(find_entries(paths), skip, None), lookup)
        return () if skip else lookup.gone(filter(os.path.isdir, paths))


def _portions(entries: Iterable[Entry], lookup: "_Lookup") -> Generator[Portion, None, None]:
    limit, growing = FIRST, _Growing(lookup)
    for entry in entries:
        growing.add(entry)
        if growing.unread >= limit or growing.count >= MOST or growing.age > PATIENCE:
            yield growing.portion
            limit, growing = min(2 * limit, UNREAD), _Growing(lookup)
    if growing.count:
        yield growing.portion


class _Growing:
    """A portion while files are added to it."""

    def __init__(self, lookup: "_Lookup") -> None:
        self._lookup = lookup
        self._runs: list[Run] = []
        self._folder: str | None = None
        self._since = time.monotonic()
        self.count = self.unread = 0

    def add(self, entry: Entry) -> None:
        """Add a file, with what the index knows of it."""
        if entry.folder != self._folder:
            self._folder = entry.folder
            self._runs.append(Run(entry.folder, self._lookup.enter(entry.folder), [], [], []))
        run = self._runs[-1]
        stamp = entry[2:]
        record = self._lookup.record(entry.name, stamp)
        run.names.append(entry.name)
        run.stamps.append(stamp)
        run.records.append(record)
        self.count += 1
        self.unread += record is None

    @property
    def age(self) -> float:
        """Seconds since the portion was begun."""
        return time.monotonic() - self._since

    @property
    def portion(self) -> Portion:
        """All that was added."""
        return Portion(tuple(self._runs))


class _Lookup:
    """What the index knows of the folder that the walk is in."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._left: dict[str, dict[str, tuple[Stamp, str]]] = {}  # by folder: not met so far
        self._here: dict[str, tuple[Stamp, str]] = {}

    def enter(self, folder: str) -> str:
        """Go on in a folder; its absolute path."""
        key = os.path.abspath(folder)  # noqa: PTH100 - Path.absolute keeps ".."
        if key not in self._left:
            self._left[key] = self._reader.known(key)
        self._here = self._left[key]
        return key

    def record(self, name: str, stamp: Stamp) -> str | None:
        """The record of a file of this folder, where it has not changed."""
        kept = self._here.pop(name, None)
        return kept[1] if kept is not None and kept[0] == stamp else None

    def gone(self, walked: Iterable[Path]) -> Gone:
        """Files that the index knows below these folders and that were not met."""
        tops = tuple(os.path.join(os.path.abspath(top), "") for top in walked)  # noqa: PTH100, PTH118
        return tuple(
            (key, name)
            for key, left in self._left.items()
            if left and os.path.join(key, "").startswith(tops)  # noqa: PTH118
            for name in left
        )
