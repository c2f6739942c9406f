"""The folder index: what it keeps, and that no fault of it does any harm."""

import os
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest

from radsal.storage import index as index_module
from radsal.storage import index_file
from radsal.storage.index import FolderIndex, Kept, Stamp

FOLDER = "/films"
STAMP = Stamp(1000, 2_000_000_000_000_000_000, 7)


def kept(name: str, folder: str = FOLDER, stamp: Stamp = STAMP, record: str = '["a"]') -> Kept:
    return Kept(folder, name, stamp, record)


def known(index: FolderIndex, folder: str = FOLDER) -> dict[str, tuple[tuple[int, ...], str]]:
    with index.reader() as reader:
        return reader.known(folder)


@pytest.fixture
def index(tmp_path: Path) -> FolderIndex:
    return FolderIndex(tmp_path / "cache" / "folders.db")


def test_that_files_come_back_with_their_stamps(index: FolderIndex) -> None:
    large = Stamp(2**40, 2**62, 2**63 - 1)
    assert index.keep([kept("1.dcm"), kept("ü 2.dcm", stamp=large, record='["b"]')])
    assert known(index) == {"1.dcm": (tuple(STAMP), '["a"]'), "ü 2.dcm": (tuple(large), '["b"]')}
    assert known(index, "/other") == {}
    assert index.count() == 2


def test_that_a_file_that_is_kept_again_is_replaced(index: FolderIndex) -> None:
    index.keep([kept("1.dcm")])
    index.keep([kept("1.dcm", stamp=Stamp(2, 2, 2), record='["b"]')])
    assert known(index) == {"1.dcm": ((2, 2, 2), '["b"]')}


def test_that_files_are_forgotten_by_folder_and_name(index: FolderIndex) -> None:
    index.keep([kept("1.dcm"), kept("2.dcm"), kept("1.dcm", "/other")])
    index.forget([(FOLDER, "1.dcm"), ("/nowhere", "2.dcm")])
    assert set(known(index)) == {"2.dcm"}
    assert set(known(index, "/other")) == {"1.dcm"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_that_only_its_owner_can_read_it(index: FolderIndex) -> None:
    index.keep([kept("1.dcm")])
    assert stat.S_IMODE(index.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(index.path.parent.stat().st_mode) == 0o700


def test_that_nothing_is_known_and_nothing_made_where_there_is_no_index(index: FolderIndex) -> None:
    assert known(index) == {}
    assert index.size() == 0
    assert not index.path.exists()


def test_that_clearing_forgets_all_names_on_the_disk_too(index: FolderIndex) -> None:
    index.keep(kept(f"{n}.dcm", record=f'["SYNTH^ANNA{n}"]') for n in range(1000))
    before = index.size()
    assert index.clear()
    assert (index.count(), known(index)) == (0, {})
    assert index.size() < before
    assert b"SYNTH^ANNA" not in index.path.read_bytes()
    assert index.keep([kept("1.dcm")])


def test_that_what_another_version_wrote_is_dropped(
    index: FolderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.keep([kept("1.dcm")])
    monkeypatch.setattr(index_file, "_FORMAT", "another")
    assert known(index) == {}
    assert index.prepare()
    assert index.count() == 0
    assert index.keep([kept("2.dcm")])
    assert set(known(index)) == {"2.dcm"}


def test_that_the_version_names_the_program_and_the_fields_of_a_header() -> None:
    words = index_file._FORMAT.split()
    assert index_file.__version__ in words
    assert {"patient_name", "orientation", "media_type"} <= set(words)


@pytest.mark.parametrize(
    "damage", [b"no database at all" * 99, b"", b"SQLite format 3\0" + b"?" * 999]
)
def test_that_a_damaged_file_is_made_anew(index: FolderIndex, damage: bytes) -> None:
    index.keep([kept("1.dcm")])
    index.path.write_bytes(damage)
    assert known(index) == {}
    assert index.prepare()
    assert index.keep([kept("2.dcm")])
    assert set(known(index)) == {"2.dcm"}


def test_that_pages_that_are_damaged_lose_the_index_and_no_more(index: FolderIndex) -> None:
    index.keep(kept(f"{n}.dcm") for n in range(2000))
    with index.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (index.size() - 8192))
    assert known(index) == {}
    index.keep(kept(f"{n}.dcm") for n in range(2000))
    index.keep([kept("1.dcm")])
    assert "1.dcm" in known(index)


def test_that_a_locked_index_is_left_aside(
    index: FolderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "BUSY_SECONDS", 0.01)
    index.keep([kept("1.dcm")])
    with closing(sqlite3.connect(index.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert not index.prepare()
        assert not index.keep([kept("2.dcm")])
        assert not index.clear()
        assert (known(index), index.count()) == ({}, 0)
    assert set(known(index)) == {"1.dcm"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_that_a_folder_that_cannot_be_written_is_left_aside(index: FolderIndex) -> None:
    index.path.parent.mkdir()
    index.path.parent.chmod(0o500)
    assert not index.keep([kept("1.dcm")])


def test_that_a_folder_in_place_of_the_file_is_left_aside(index: FolderIndex) -> None:
    index.path.mkdir(parents=True)
    assert not index.prepare()
    assert not index.keep([kept("1.dcm")])
    assert (known(index), index.count()) == ({}, 0)


def test_that_names_that_are_no_text_are_left_out(index: FolderIndex) -> None:
    broken = os.fsdecode(b"\xff.dcm") if os.name != "nt" else "\ud800.dcm"
    assert index.keep([kept(broken), kept("1.dcm", folder=broken), kept("2.dcm")])
    index.forget([(FOLDER, broken)])
    assert set(known(index)) == {"2.dcm"}
    assert known(index, broken) == {}


def test_that_folders_not_seen_for_longest_make_room(
    index: FolderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [0, 1, 2, 9]
    monkeypatch.setattr(index_module.time, "time", lambda: 1e9 + days[0] * index_module.DAY)
    for folder in ("/a", "/b", "/c"):
        index.keep(kept(f"{n}.dcm", folder) for n in range(10))
        days.pop(0)
    index.saw(["/a", "/not there"])
    index.trim(most=20)
    assert [len(known(index, folder)) for folder in ("/a", "/b", "/c")] == [10, 0, 10]
    index.trim(most=15)
    assert [len(known(index, folder)) for folder in ("/a", "/b", "/c")] == [10, 0, 0]


def test_that_several_writers_lose_nothing(
    index: FolderIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "BUSY_SECONDS", 60.0)

    def write(writer: int) -> None:
        for batch in range(10):
            same = FolderIndex(index.path)
            done.append(same.keep([kept(f"{writer}-{batch}.dcm", f"/films/{batch}")]))

    done: list[bool] = []
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert done == [True] * 40
    assert index.count() == 40
