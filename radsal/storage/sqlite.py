"""All that is peculiar to SQLite: durability, transactions, permissions, backup, its faults."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from radsal.core.errors import StoreError
from radsal.storage.failures import Fault

BUSY_SECONDS = 10.0

# The rollback journal with EXTRA also syncs the folder after the journal is removed, so that a
# commit that was acknowledged survives loss of power. WAL is not used: SQLite before 3.51.3 can
# corrupt a WAL database when two processes reset it at once.
_PRAGMAS = ("journal_mode=DELETE", "synchronous=EXTRA", "foreign_keys=ON")

_FAULTS = {
    "SQLITE_BUSY": Fault(
        "store-locked",
        "Another program is writing to the store.",
        "Close other RadSal windows that use this store, then save again.",
    ),
    "SQLITE_LOCKED": Fault(
        "store-locked", "The store is in use.", "Wait a moment, then save again."
    ),
    "SQLITE_READONLY": Fault(
        "store-read-only",
        "The store may be read but not written.",
        "Ask for write permission on the store's file and folder, or choose another store.",
    ),
    "SQLITE_FULL": Fault(
        "store-full",
        "There is no space left for the store.",
        "Free some space on the disk, then save again.",
    ),
    "SQLITE_IOERR": Fault(
        "store-io",
        "The disk that holds the store reports an error.",
        "Check the disk or the network drive, then save again.",
    ),
    "SQLITE_CANTOPEN": Fault(
        "store-cannot-open",
        "The store cannot be opened.",
        "Check that its folder exists and that you may write there.",
    ),
    "SQLITE_NOTADB": Fault(
        "store-not-a-store",
        "The file is not a RadSal store.",
        "Choose another file for the store.",
    ),
    "SQLITE_CORRUPT": Fault(
        "store-damaged",
        "The store is damaged.",
        "Keep the file as it is and restore the newest backup beside it.",
    ),
}


def create_file(path: Path) -> None:
    """Make the folder and an empty file, readable by their owner only, where they are missing."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        fault = _FAULTS["SQLITE_CANTOPEN"]
        raise StoreError(
            f"{fault.reason} ({error.strerror})", code=fault.code, remedy=fault.remedy
        ) from error


def configure(engine: Engine) -> None:
    """Make every connection durable and strict, and every transaction begin where it says."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Connection) -> None:
    # A writer takes its lock at once: a transaction that began by reading could not wait for it.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def back_up(path: Path, revision: str) -> Path:
    """Copy the store beside itself, check the copy, and give its path.

    Raises
    ------
    StoreError
        The copy could not be written, or does not pass SQLite's integrity check.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    copy = path.with_name(f"{path.name}.backup-{revision}-{stamp}")
    try:
        create_file(copy)
        _copy(path, copy)
    except (sqlite3.Error, OSError, StoreError) as error:
        copy.unlink(missing_ok=True)
        raise StoreError(
            f"The store was left as it is: no backup could be made ({error}).",
            code="store-backup",
            remedy="Free some space on the disk and see that the folder can be written.",
        ) from error
    return copy


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        answer = new.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            raise sqlite3.DatabaseError(f"integrity check: {answer}")
        if _row_counts(old) != _row_counts(new):
            raise sqlite3.DatabaseError("the copy has other rows")
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _row_counts(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in names  # names come from the database's own schema
    }


def fault_of(error: BaseException | Any) -> Fault | None:
    """What an error of the sqlite3 module means for the user, None for other errors."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return next((fault for key, fault in _FAULTS.items() if name.startswith(key)), None)
