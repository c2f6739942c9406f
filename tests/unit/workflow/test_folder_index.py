"""A folder that is scanned again: what has not changed is not opened, all else is read."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.storage.index import FolderIndex
from radsal.workflow.keeping import may_be_kept
from radsal.workflow.opening import scan
from radsal.workflow.walking import walk

SECOND = 1_000_000_000
LONG_AGO = 1_600_000_000 * SECOND  # September 2020


@pytest.fixture
def index(tmp_path):
    return FolderIndex(tmp_path / "cache" / "folders.db")


@pytest.fixture
def folder(new_film, tmp_path):
    """Twenty films and two files that are none, not touched since long ago."""
    for number in range(20):
        new_film(number)
    (tmp_path / "films" / "letter.txt").write_text("no film")
    (tmp_path / "films" / "nothing.dcm").touch()
    for path in (tmp_path / "films").iterdir():
        os.utime(path, ns=(LONG_AGO, LONG_AGO))
    return tmp_path / "films"


def scanned(engines, index, *paths):
    """What a scan finds, by name, and what it counts."""
    met = []

    def followed():
        counts.append((yield from scan(engines, paths, index)))

    counts = []
    for step in followed():
        met += () if isinstance(step, Progress) else step
    opened = sum(isinstance(item, ImageHeader) for item in met)
    assert counts == [(opened, len(met) - opened)]
    return {item.path.name: item for item in met}


def spoil(path, *, size=0, later=0, modified=None):
    """Other bytes in the same file, which then has the same stamp but for what is told."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"?" * status.st_size + b"?" * size)
    when = (status.st_mtime_ns if modified is None else modified) + later
    os.utime(path, ns=(when, when))


def test_that_a_file_that_has_not_changed_is_not_opened(engines, index, folder):
    first = scanned(engines, index, folder)
    for path in folder.iterdir():
        spoil(path)
    assert scanned(engines, index, folder) == first
    assert sum(isinstance(item, ImageHeader) for item in first.values()) == 20
    assert first["letter.txt"].code == "not-dicom"
    assert index.count() == 22


def test_that_without_the_index_it_is_opened(engines, index, folder):
    scanned(engines, index, folder)
    spoil(folder / "3.dcm")
    assert isinstance(scanned(engines, None, folder)["3.dcm"], Refused)
    assert isinstance(scanned(engines, index, folder)["3.dcm"], ImageHeader)
    assert index.clear()
    assert isinstance(scanned(engines, index, folder)["3.dcm"], Refused)


@pytest.mark.parametrize("change", [{"size": 2}, {"later": 100}, {"later": -SECOND}])
def test_that_a_file_of_another_size_or_time_is_read_again(engines, index, folder, change):
    scanned(engines, index, folder)
    spoil(folder / "3.dcm", **change)
    spoil(folder / "4.dcm")
    found = scanned(engines, index, folder)
    assert isinstance(found["3.dcm"], Refused)
    assert isinstance(found["4.dcm"], ImageHeader)
    assert scanned(engines, index, folder) == found


@pytest.mark.skipif(os.name == "nt", reason="folders of Windows do not tell the number of a file")
def test_that_two_files_that_changed_places_are_read_again(engines, index, folder):
    scanned(engines, index, folder)
    one, other = folder / "3.dcm", folder / "4.dcm"
    assert one.stat().st_size == other.stat().st_size
    one.replace(folder / "5.tmp")
    other.replace(one)
    (folder / "5.tmp").replace(other)
    found = scanned(engines, index, folder)
    assert [found[f"{n}.dcm"].instance_number for n in (3, 4)] == [4, 3]


def test_that_a_file_that_may_still_change_unseen_is_read_again(engines, index, folder):
    ahead = time.time_ns() + 1000 * SECOND  # the clock of the server is ahead of ours
    os.utime(folder / "3.dcm", ns=(ahead, ahead))
    assert isinstance(scanned(engines, index, folder)["3.dcm"], ImageHeader)
    assert index.count() == 21
    spoil(folder / "3.dcm")
    assert isinstance(scanned(engines, index, folder)["3.dcm"], Refused)


@pytest.mark.parametrize(
    ("modified", "kept"),
    [
        (LONG_AGO, True),
        (LONG_AGO + 97 * SECOND, True),
        (LONG_AGO + 99 * SECOND, False),
        (LONG_AGO + 101 * SECOND, False),
        (315_532_800 * SECOND, False),  # 1980: a disc that keeps no time
        (-1, False),
    ],
)
def test_that_only_a_believable_time_of_change_is_relied_on(modified, kept):
    found = Refused(Path("1.dcm"), "corrupt", "damaged")
    assert may_be_kept(found, (1, modified, 1), LONG_AGO + 100 * SECOND) is kept


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("not-dicom", True),
        ("truncated", True),
        ("unsupported-syntax", True),
        ("unreadable", False),
        ("too-large", False),
        ("decoder-died", False),
        ("decoder-timeout", False),
        ("duplicate", False),
    ],
)
def test_that_only_a_refusal_for_the_bytes_of_the_file_is_kept(code, kept):
    found = Refused(Path("1.dcm"), code, "for a reason")
    assert may_be_kept(found, (1, LONG_AGO, 1), LONG_AGO + 100 * SECOND) is kept


def test_that_files_that_are_gone_are_forgotten_where_the_whole_folder_was_walked(
    engines, index, folder
):
    scanned(engines, index, folder)
    for number in range(5):
        (folder / f"{number}.dcm").unlink()
    scanned(engines, index, folder / "7.dcm")
    assert index.count() == 22
    assert len(scanned(engines, index, folder)) == 17
    assert index.count() == 17


def test_that_a_cancelled_scan_keeps_what_it_read(engines, index, folder):
    steps = scan(engines, [folder], index)
    first = next(step for step in steps if not isinstance(step, Progress))
    steps.close()
    assert len(first) <= index.count() <= 22
    for path in folder.iterdir():
        spoil(path)
    again = scanned(engines, index, folder)
    assert [again[item.path.name] for item in first] == list(first)


def test_that_a_damaged_index_or_record_stops_nothing(engines, index, folder):
    first = scanned(engines, index, folder)
    with closing(sqlite3.connect(index.path)) as database:
        database.execute("UPDATE file SET record = '[1,' WHERE name = '3.dcm'")
        database.commit()
    assert scanned(engines, index, folder) == first
    index.path.write_bytes(b"no index" * 1000)
    assert scanned(engines, index, folder) == first
    assert index.count() == 22


def test_that_an_index_that_cannot_be_made_stops_nothing(engines, folder):
    inside_a_file = FolderIndex(folder / "letter.txt" / "folders.db")
    assert len(scanned(engines, inside_a_file, folder)) == 22


def test_that_two_scans_at_the_same_time_know_the_same(engines, index, folder):
    running = [scan(engines, [folder], index), scan(engines, [folder], index)]
    met = [[], []]
    while any(running):
        for number, steps in enumerate(running):
            step = next(steps, None) if steps else None
            running[number] = steps if step is not None else None
            met[number] += step if isinstance(step, tuple) else ()
    assert met[0] == met[1] == list(scanned(engines, index, folder).values())
    assert index.count() == len(met[0]) == 22


def test_that_a_folder_is_known_by_its_absolute_path(index, folder, tmp_path, monkeypatch):
    (tmp_path / "elsewhere" / "films").mkdir(parents=True)
    keys = set()
    for place in (tmp_path, tmp_path / "elsewhere"):
        monkeypatch.chdir(place)
        Path("films", "1.dcm").touch()
        keys |= {run.key for portion in walk([Path("films")], None) for run in portion.runs}
    assert keys == {str(folder), str(tmp_path / "elsewhere" / "films")}
