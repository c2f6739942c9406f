"""From a location to a database, and transactions on it, one at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from radsal.core.errors import StoreError
from radsal.storage import sqlite
from radsal.storage.failures import Fault, reported


class Database:
    """One connection, one transaction at a time, from any thread.

    Parameters
    ----------
    location:
        A file, made where it is missing, or an SQLAlchemy URL.
    """

    def __init__(self, location: Path | str) -> None:
        self.url = parse_location(location)
        self._lock = RLock()
        self._closed = False
        if self.file is not None:
            sqlite.create_file(self.file)
        self._engine = _create_engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """SQLite, in a file or in memory."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def file(self) -> Path | None:
        """The file of an SQLite store, None for others."""
        name = self.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    def close(self) -> None:
        """Give the connection back; later use is refused."""
        with self._lock:
            self._closed = True
            self._engine.dispose()

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """One transaction: committed where the block ends, undone where it raises.

        Raises
        ------
        StoreError
            The database could not do it; nothing of the block was kept.
        """
        with self._lock, reported(self._fault_of):
            if self._closed:
                raise StoreError("The store is closed.", code="store-closed")
            with self._engine.connect() as connection:
                connection.execution_options(writes=writes)
                with connection.begin():
                    yield connection

    def _fault_of(self, error: BaseException) -> Fault | None:
        return sqlite.fault_of(error) if self.is_sqlite else None


def parse_location(location: Path | str) -> URL:
    """The SQLAlchemy URL of a path or URL; ``postgresql://`` means the psycopg driver.

    Raises
    ------
    StoreError
        The text is no URL that SQLAlchemy can read.
    """
    if isinstance(location, Path) or "://" not in location:
        return URL.create("sqlite", database=str(Path(location).expanduser().absolute()))
    try:
        url = make_url(location)
    except ArgumentError as error:
        raise _wrong_location("The location of the store is no valid URL.") from error
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def _create_engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    except NoSuchModuleError as error:
        raise _wrong_location(
            f"RadSal does not know databases of kind {url.drivername}."
        ) from error
    except ModuleNotFoundError as error:
        raise _wrong_location(
            f"The driver for {url.drivername} is not installed.",
            'Install it with: pip install "radsal[postgres]"',
        ) from error


def _sqlite_engine(url: URL) -> Engine:
    # the lock of Database lets one thread in at a time, whichever thread that is
    arguments = {"timeout": sqlite.BUSY_SECONDS, "check_same_thread": False}
    if url.database in {None, "", ":memory:"}:
        engine = create_engine(url, connect_args=arguments, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments, pool_size=1, max_overflow=0)
    sqlite.configure(engine)
    return engine


def _wrong_location(reason: str, remedy: str = "") -> StoreError:
    remedy = remedy or "Give a file path, or a URL such as postgresql://user@host/radsal."
    return StoreError(reason, code="store-location", remedy=remedy)
