"""Bring a store to the tables that this RadSal knows, or refuse it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from radsal.core.errors import StoreError
from radsal.storage import sqlite
from radsal.storage.connection import Database

MIGRATIONS = Path(__file__).with_name("migrations")


def upgrade(database: Database, migrations: Path = MIGRATIONS) -> Path | None:
    """Run the steps that the database lacks, all of them or none.

    Returns
    -------
    The verified backup of an SQLite file that held data; None where none was needed.

    Raises
    ------
    StoreError
        The store was written by a newer RadSal, or the database is not a store.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    known = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    with database.transaction() as connection:
        revision = _revision(connection, known)
    if revision == known[0]:
        return None
    backup = None
    if revision is not None and database.file is not None:
        backup = sqlite.back_up(database.file, revision)
    with database.transaction(writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return backup


def _revision(connection: Connection, known: list[str]) -> str | None:
    """The step a store stands at, None for an empty database."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and inspect(connection).get_table_names():
        raise StoreError(
            "The database holds tables of another program.",
            code="store-not-a-store",
            remedy="Choose another file or database for the store.",
        )
    if revision is not None and revision not in known:
        raise StoreError(
            f"The store was written by a newer version of RadSal (step {revision}).",
            code="store-newer",
            remedy="Install the newer version, or choose another store. Nothing was changed.",
        )
    return revision
