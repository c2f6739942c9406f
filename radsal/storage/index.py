"""The folder index: headers of files that have not changed since they were read.

A cache in one SQLite file, readable by its owner only. It holds patients' names, as the files do,
and can be cleared at any time. No fault of it ever stops a scan: it is logged, and the files are
read. What another version of RadSal wrote is dropped, and so is a file that is damaged.

A file is known by the absolute path of its folder (or archive) and its name; what was kept of it
holds as long as its :class:`Stamp` is the same.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from radsal.storage.index_file import (
    FORGET,
    KEEP,
    KNOWN,
    check_format,
    clear,
    connect,
    is_damage,
    is_ours,
    is_text,
    tell,
    trim,
)

MOST_FILES = 500_000  # about 250 MB
DAY = 86_400

Answer = TypeVar("Answer")


class Stamp(NamedTuple):
    """What tells whether a file has changed.

    ``size`` in bytes, ``modified`` in nanoseconds, and the file's ``number`` in its file system
    (inode; 0 where there is none): two files of a size that changed places have other numbers.
    """

    size: int
    modified: int
    number: int


class Kept(NamedTuple):
    """A file that was read: its folder and name, its stamp then, and the record of what it gave."""

    folder: str
    name: str
    stamp: Stamp
    record: str


@dataclass(frozen=True, slots=True)
class FolderIndex:
    """The index in one file. Every method may be called from any thread and any process."""

    path: Path

    # while scanning ----------------------------------------------------------------------------

    def prepare(self) -> bool:
        """Make the file where it is missing, of another version or damaged; whether it can serve."""
        return self._guarded(check_format, default=False)

    def reader(self) -> "Reader":
        """To look many folders up over one connection; it knows nothing where there is no index."""
        try:
            return Reader(connect(self.path, create=False))
        except (sqlite3.Error, OSError) as error:
            tell(error)
            return Reader(None)

    def keep(self, files: Iterable[Kept]) -> bool:
        """Insert or replace files, in one transaction; whether that was done."""
        rows = [kept for kept in files if is_text(kept.folder) and is_text(kept.name)]
        now = int(time.time())

        def write(connection: sqlite3.Connection) -> bool:
            folders = dict.fromkeys(row.folder for row in rows)
            connection.executemany(
                "INSERT OR IGNORE INTO folder (path, seen) VALUES (?, ?)",
                [(folder, now) for folder in folders],
            )
            connection.executemany(KEEP, [(r.folder, r.name, *r.stamp, r.record) for r in rows])
            return True

        return not rows or self._guarded(write, default=False)

    def forget(self, files: Iterable[tuple[str, str]]) -> None:
        """Remove files, each (folder, name), that are gone or that nothing can be kept of."""
        rows = [(folder, name) for folder, name in files if is_text(folder) and is_text(name)]
        if rows:
            self._guarded(lambda c: c.executemany(FORGET, rows) and None, default=None)

    def saw(self, folders: Iterable[str]) -> None:
        """Note that folders are in use; those not seen for longest make room for others."""
        now = int(time.time())
        rows = [(now, folder, now - DAY) for folder in folders if is_text(folder)]
        told = "UPDATE folder SET seen = ? WHERE path = ? AND seen < ?"
        if rows:
            self._guarded(lambda c: c.executemany(told, rows) and None, default=None)

    def trim(self, most: int = MOST_FILES) -> None:
        """Forget the folders not seen for longest, until no more than ``most`` files are left."""
        self._guarded(lambda c: trim(c, most), default=None)

    # for the user ------------------------------------------------------------------------------

    def count(self) -> int:
        """Files that are known."""
        return self._guarded(
            lambda c: int(c.execute("SELECT count(*) FROM file").fetchone()[0]), default=0
        )

    def size(self) -> int:
        """Bytes on disk."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def clear(self) -> bool:
        """Forget everything; whether that was done (another program may be using the index)."""
        if not self._guarded(clear, default=False):
            return False
        try:
            connection = connect(self.path, create=False)
            connection.execute("VACUUM").close()  # the names leave the disk as well
            connection.close()
        except (sqlite3.Error, OSError) as error:
            tell(error)
        return True

    # how ---------------------------------------------------------------------------------------

    def _guarded(self, work: Callable[[sqlite3.Connection], Answer], *, default: Answer) -> Answer:
        """One transaction. A damaged file is removed and made anew; any other fault is logged."""
        for attempt in (1, 2):
            try:
                return self._transaction(work)
            except (sqlite3.Error, OSError) as error:
                tell(error)
                if attempt == 2 or not is_damage(error):
                    break
                self._remove()
        return default

    def _transaction(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        connection = connect(self.path, create=True)
        try:
            connection.execute("BEGIN IMMEDIATE")
            check_format(connection)
            answer = work(connection)
            connection.execute("COMMIT")
            return answer
        finally:
            connection.close()  # undoes what was not committed

    def _remove(self) -> None:
        for path in (self.path, self.path.with_name(f"{self.path.name}-journal")):
            with suppress(OSError):
                path.unlink()


class Reader:
    """Looks folders up over one connection."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection
        self._usable = connection is not None and is_ours(connection)

    def known(self, folder: str) -> dict[str, tuple[tuple[int, int, int], str]]:
        """The files of a folder by name: stamp and record. Empty where the index cannot say."""
        if self._connection is None or not self._usable or not is_text(folder):
            return {}
        try:
            rows = self._connection.execute(KNOWN, (folder,)).fetchall()
        except sqlite3.Error as error:
            tell(error)
            self._usable = False
            return {}
        return {row[0]: (row[1:4], row[4]) for row in rows}

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
