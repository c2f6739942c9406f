"""The file of the folder index: its tables, its version, and the faults of SQLite.

Standard library only: the process that walks through folders looks into the index, and must not
wait for SQLAlchemy.
"""

import logging
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from radsal import __version__
from radsal.core.records import FIELDS

log = logging.getLogger("radsal.storage")

BUSY_SECONDS = 1.0

_FORMAT = " ".join(("2", __version__, *FIELDS))
_TABLES = """
CREATE TABLE about (format TEXT NOT NULL);
CREATE TABLE folder (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, seen INTEGER NOT NULL);
CREATE TABLE file (
    folder INTEGER NOT NULL, name TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, number INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (folder, name)
) WITHOUT ROWID;
"""
_FOLDER = "(SELECT id FROM folder WHERE path = ?)"
KNOWN = f"SELECT name, size, modified, number, record FROM file WHERE folder = {_FOLDER}"  # noqa: S608
KEEP = f"INSERT OR REPLACE INTO file VALUES ({_FOLDER}, ?, ?, ?, ?, ?)"  # noqa: S608
FORGET = f"DELETE FROM file WHERE folder = {_FOLDER} AND name = ?"  # noqa: S608


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether this version of RadSal wrote the index."""
    try:
        return _format(connection) == _FORMAT
    except sqlite3.Error as error:
        tell(error)
        return False


def connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open the file. Raises sqlite3.Error and OSError."""
    if create:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    elif not path.is_file():
        raise FileNotFoundError(2, "there is no folder index yet")
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:  # as in radsal.storage.sqlite: WAL may damage a database that two programs use
        connection.execute("PRAGMA journal_mode=DELETE").close()
        connection.execute("PRAGMA synchronous=NORMAL").close()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _format(connection: sqlite3.Connection) -> str | None:
    """Who wrote the index; None where nothing is written yet."""
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'about'"
    if connection.execute(tables).fetchone() is None:
        return None
    row = connection.execute("SELECT format FROM about").fetchone()
    return None if row is None else str(row[0])


def check_format(connection: sqlite3.Connection) -> bool:
    """Drop what another version wrote, and make the tables where they are missing."""
    if _format(connection) == _FORMAT:
        return True
    for table in ("about", "folder", "file"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, _TABLES.split(";")):
        connection.execute(statement)
    connection.execute("INSERT INTO about VALUES (?)", (_FORMAT,))
    return True


def trim(connection: sqlite3.Connection, most: int) -> None:
    """Forget whole folders, those not seen for longest first."""
    (left,) = connection.execute("SELECT count(*) FROM file").fetchone()
    if left <= most:
        return
    for (folder,) in connection.execute("SELECT id FROM folder ORDER BY seen, id").fetchall():
        left -= connection.execute("DELETE FROM file WHERE folder = ?", (folder,)).rowcount
        connection.execute("DELETE FROM folder WHERE id = ?", (folder,))
        if left <= most:
            return


def clear(connection: sqlite3.Connection) -> bool:
    """Forget everything."""
    connection.execute("DELETE FROM file")
    connection.execute("DELETE FROM folder")
    return True


def is_text(name: str) -> bool:
    """Whether SQLite takes a name: what the file system holds need not be text."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_damage(error: Exception) -> bool:
    """Whether the file is no SQLite database, or a spoilt one."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def tell(error: Exception) -> None:
    """Into the log, without the path."""
    said = error.strerror if isinstance(error, OSError) else str(error)
    log.warning("the folder index is left aside: %s", said or type(error).__name__)
