import logging
import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from radsal.core.errors import StoreConflict, StoreError
from radsal.storage import Store, connection, sqlite
from radsal.storage.connection import Database
from radsal.storage.tables import metadata
from radsal.storage.upgrade import MIGRATIONS, upgrade

HEAD = "0003"  # the newest step that is shipped
NEXT_STEP = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9999", "{head}"
def upgrade():
    op.add_column("read", sa.Column("colour", sa.Text()))
    {extra}
"""


def execute(location, statement):
    with closing(sqlite3.connect(location)) as database, database:
        return database.execute(statement).fetchall()


@pytest.fixture
def migrations(tmp_path) -> Path:
    """The shipped steps, in a folder to which a test adds later ones."""
    copy = tmp_path / "migrations"
    (copy / "versions").mkdir(parents=True)
    for source in (MIGRATIONS / "env.py", *(MIGRATIONS / "versions").glob("v*.py")):
        target = copy / source.relative_to(MIGRATIONS)
        target.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return copy


def add_step(migrations, extra="pass"):
    step = migrations / "versions" / "v9999_colour.py"
    step.write_text(NEXT_STEP.format(extra=extra, head=HEAD), encoding="utf-8")


def test_that_a_new_store_and_its_folder_are_for_their_owner_only(empty_store, location):
    if os.name == "nt":
        pytest.skip("permissions are access lists on Windows")
    modes = [stat.S_IMODE(p.stat().st_mode) for p in (location, location.parent)]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700"]


def test_that_every_connection_is_durable_and_strict(empty_store):
    with empty_store._database.transaction() as database:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        values = [database.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert values == ["delete", 3, 1, 10_000]


def test_that_the_migrations_build_the_tables_that_the_code_declares(empty_store, location):
    engine = create_engine(f"sqlite:///{location}")
    with engine.connect() as database:
        context = MigrationContext.configure(database, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_that_reopening_a_store_changes_nothing_and_makes_no_backup(store, world, location):
    store.close()
    before = location.read_bytes()
    with Store.open(location) as again:
        assert again.backup is None
        assert again.image(world.image) == world.header
    assert location.read_bytes() == before
    assert list(location.parent.iterdir()) == [location]


def test_that_a_store_of_a_newer_version_is_refused_and_left_alone(store, location):
    store.close()
    execute(location, "UPDATE alembic_version SET version_num = '9999'")
    before = location.read_bytes()
    with pytest.raises(StoreError) as refused:
        Store.open(location)
    assert refused.value.code == "store-newer"
    assert refused.value.remedy
    assert location.read_bytes() == before


def test_that_the_database_of_another_program_is_refused(location):
    location.parent.mkdir()
    execute(location, "CREATE TABLE notes (text)")
    with pytest.raises(StoreError) as refused:
        Store.open(location)
    assert refused.value.code == "store-not-a-store"


def test_that_a_file_that_is_no_database_is_refused_and_left_alone(location):
    location.parent.mkdir()
    location.write_bytes(b"this is a letter, and no database at all. " * 40)
    with pytest.raises(StoreError) as refused:
        Store.open(location)
    assert refused.value.code == "store-not-a-store"
    assert location.read_bytes().startswith(b"this is a letter")


def test_that_an_older_store_is_upgraded_with_a_verified_backup(store, world, location, migrations):
    saved = store.save_read(world.begin().judge(world.verdict()))
    store.close()
    add_step(migrations)
    database = Database(location)
    backup = upgrade(database, migrations)
    database.close()
    assert execute(location, "SELECT version_num FROM alembic_version") == [("9999",)]
    with Store.open(backup) as old:
        assert old.read(saved.id) == saved
    if os.name != "nt":
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_that_images_of_the_first_release_are_known_to_come_from_dicom(
    store, world, location, migrations
):
    store.save_image(world.header, world.image)
    store.close()
    columns = [row[1] for row in execute(location, "PRAGMA table_info(image)")]
    columns.remove("media_type")
    rows = execute(location, f"SELECT {', '.join(columns)} FROM image")
    location.unlink()
    for later in ("v0002_pictures.py", "v0003_reach.py"):
        (migrations / "versions" / later).unlink()
    database = Database(location)
    upgrade(database, migrations)
    database.close()
    with closing(sqlite3.connect(location)) as first, first:
        places = ", ".join("?" * len(columns))
        first.executemany(f"INSERT INTO image ({', '.join(columns)}) VALUES ({places})", rows)
    with Store.open(location) as now:
        assert now.image(world.image) == world.header
        assert world.header.media_type == "application/dicom"


def test_that_a_step_that_fails_leaves_the_store_as_it_was(store, location, migrations):
    store.close()
    add_step(migrations, extra='op.execute("INSERT INTO nowhere VALUES (1)")')
    database = Database(location)
    with pytest.raises(StoreError):
        upgrade(database, migrations)
    database.close()
    assert "colour" not in str(execute(location, "PRAGMA table_info(read)"))
    with Store.open(location):
        pass


def test_that_nothing_is_upgraded_where_no_backup_can_be_made(
    store, location, migrations, monkeypatch
):
    store.close()
    add_step(migrations)

    def no_space(source, target):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite, "_copy", no_space)
    database = Database(location)
    with pytest.raises(StoreError) as refused:
        upgrade(database, migrations)
    database.close()
    assert refused.value.code == "store-backup"
    assert execute(location, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert list(location.parent.iterdir()) == [location]


def test_that_a_locked_store_says_what_to_do(store, world, location, monkeypatch):
    with store._database.transaction() as database:
        database.exec_driver_sql("PRAGMA busy_timeout=10")
    with closing(sqlite3.connect(location, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as refused:
            store.save_read(world.begin())
    assert refused.value.code == "store-locked"
    assert not isinstance(refused.value, StoreConflict)
    assert refused.value.remedy
    store.save_read(world.begin())


def test_that_a_full_disk_keeps_what_was_saved(store, world):
    read = store.save_read(world.begin())
    with store._database.transaction() as database:
        pages = database.exec_driver_sql("PRAGMA page_count").scalar()
        database.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError) as refused:
        store.save_read(read.remark("x" * 500_000))
    assert refused.value.code == "store-full"
    assert store.read(read.id) == read


def test_that_a_store_that_may_not_be_written_still_reads(store, world):
    with store._database.transaction() as database:
        database.exec_driver_sql("PRAGMA query_only=ON")
    assert store.image(world.image) == world.header
    with pytest.raises(StoreError) as refused:
        store.save_read(world.begin())
    assert refused.value.code == "store-read-only"


def test_that_a_folder_that_cannot_be_made_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError) as refused:
        Store.open(tmp_path / "file" / "radsal.db")
    assert refused.value.code == "store-cannot-open"


def test_that_a_closed_store_says_so(store, world):
    store.close()
    with pytest.raises(StoreError) as refused:
        store.save_read(world.begin())
    assert refused.value.code == "store-closed"


def test_that_text_that_is_no_unicode_is_refused_and_nothing_kept(store, world):
    with pytest.raises(StoreError) as refused:
        store.save_read(world.begin().remark("half a pair \ud800"))
    assert refused.value.code == "store-text"
    assert store.reads() == ()


@pytest.mark.parametrize("url", ["oracle7://x", "postgresql://[", "nonsense+x://y"])
def test_that_a_location_that_cannot_be_used_is_named_without_a_traceback(url):
    with pytest.raises(StoreError) as refused:
        Store.open(url)
    assert refused.value.code == "store-location"


def test_that_a_plain_postgresql_url_means_the_psycopg_driver():
    assert connection.parse_location("postgresql://a@b/c").drivername == "postgresql+psycopg"


def test_that_a_store_in_memory_holds_for_as_long_as_it_is_open(world):
    with Store.open("sqlite://") as store:
        store.save_image(world.header, world.image)
        assert store.image(world.image) == world.header


def test_that_opening_a_store_logs_nothing_above_info(location, caplog):
    with caplog.at_level(logging.WARNING), Store.open(location):
        pass
    assert caplog.records == []
