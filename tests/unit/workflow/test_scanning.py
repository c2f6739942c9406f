"""Many headers through several processes: order, counts, files that do harm, cancelling."""

import sys
import threading
from pathlib import Path

import pytest

from radsal.core.errors import WorkerDied
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.dicom.files.finding import find_files
from radsal.workflow import scanning
from radsal.workflow.opening import scan


@pytest.fixture(autouse=True, scope="module")
def jobs_importable():
    """Spawned processes get the parent's ``sys.path``."""
    folder = str(Path(__file__).parent)
    sys.path.insert(0, folder)
    yield
    sys.path.remove(folder)


@pytest.fixture
def harmful(monkeypatch):
    """Some names of files do harm to the process that reads them."""
    monkeypatch.setattr(scanning, "READ", "scan_jobs:read_records")
    monkeypatch.setattr(scanning, "HEADER_SECONDS", 0.5)


@pytest.fixture
def folder(new_film, tmp_path):
    """Seventy films in three folders, and three files that are none."""
    for number in range(70):
        path = new_film(number)
        path.replace(_inside(tmp_path / "films" / "abc"[number % 3]) / path.name)
    (tmp_path / "films" / "b" / "letter.txt").write_text("no film")
    (tmp_path / "films" / "b" / "nothing.dcm").touch()
    (tmp_path / "films" / "zz.dcm").write_bytes(b"no film either")
    return tmp_path / "films"


def _inside(folder):
    folder.mkdir(exist_ok=True)
    return folder


def drained(steps):
    """Everything that a scan found, and what it counted."""
    met = []
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            return met, end.value
        met += () if isinstance(step, Progress) else step


def codes(met):
    return {item.path.name: item.code for item in met if isinstance(item, Refused)}


def busy(engines):
    return [scanner.name for scanner in engines.scanners if scanner._turn.locked()]


def threads():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("radsal")]


def test_that_files_come_in_the_order_of_the_walk_however_many_processes_read(engines, folder):
    assert len(engines.scanners) >= 2
    met, counted = drained(scan(engines, [folder, folder / "zz.dcm", folder / "gone"]))
    files = [*find_files([folder]), folder / "zz.dcm", folder / "gone"]
    assert [item.path for item in met] == files
    assert counted == (70, 5)
    assert counted[0] == sum(isinstance(item, ImageHeader) for item in met)


def test_that_progress_counts_what_was_handed_on_and_knows_the_end_once_the_walk_is_over(
    engines, folder
):
    done, totals = 0, set()
    for step in scan(engines, [folder]):
        if isinstance(step, Progress):
            assert step.done == done
            totals.add(step.total)
        else:
            done += len(step)
    assert totals - {0} == {73}
    assert done == 73


def test_that_nothing_at_all_is_found_in_an_empty_folder(engines, tmp_path):
    assert drained(scan(engines, [tmp_path])) == ([], (0, 0))


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["20 dies.dcm", "21 dies.dcm", "5 dies.dcm"], "decoder-died"),
        (["33 hangs.dcm"], "decoder-timeout"),
        (["0 heavy.dcm", "9 heavy.dcm"], "too-large"),
    ],
)
def test_that_a_file_that_does_harm_is_refused_by_name_and_all_others_are_read(
    engines, folder, harmful, names, code
):
    for name in names:
        (folder / "b" / name).write_bytes(b"harm")
    met, counted = drained(scan(engines, [folder]))
    assert [item.path for item in met] == list(find_files([folder]))
    assert counted == (70, 3 + len(names))
    ours = {"letter.txt": "not-dicom", "nothing.dcm": "empty", "zz.dcm": "not-dicom"}
    assert codes(met) == {**dict.fromkeys(names, code), **ours}
    assert all(item.reason for item in met if isinstance(item, Refused))


def test_that_a_file_that_is_named_alone_and_does_harm_is_refused(engines, tmp_path, harmful):
    path = tmp_path / "dies.dcm"
    path.write_bytes(b"harm")
    met, counted = drained(scan(engines, [path]))
    assert (codes(met), counted) == ({"dies.dcm": "decoder-died"}, (0, 1))


def test_that_a_walk_whose_process_is_lost_goes_on_where_it_was(engines, folder, monkeypatch):
    monkeypatch.setattr(scanning, "WALK", "scan_jobs:walk_that_dies_once")
    (folder / ".die").touch()
    met, _ = drained(scan(engines, [folder]))
    assert [item.path for item in met] == list(find_files([folder]))
    assert not (folder / ".die").exists()


def test_that_a_walk_that_cannot_be_done_is_told(engines, folder, monkeypatch):
    monkeypatch.setattr(scanning, "WALK", "scan_jobs:walk_that_dies")
    with pytest.raises(WorkerDied):
        drained(scan(engines, [folder]))
    assert (busy(engines), threads()) == ([], [])


def test_that_the_first_films_are_there_before_the_walk_is_over(engines, folder, monkeypatch):
    monkeypatch.setattr(scanning, "WALK", "scan_jobs:walk_that_waits")
    (folder / ".wait").touch()
    steps = scan(engines, [folder])
    first = next(step for step in steps if not isinstance(step, Progress))
    (folder / ".wait").unlink()
    rest, _ = drained(steps)
    assert [item.path for item in (*first, *rest)] == list(find_files([folder]))


@pytest.mark.parametrize("hold", ["nothing", "a file that hangs", "a walk that hangs"])
def test_that_a_scan_that_is_closed_leaves_nothing_behind_and_its_processes_ready(
    engines, folder, harmful, monkeypatch, hold
):
    if hold == "a file that hangs":
        (folder / "c" / "69 hangs.dcm").write_bytes(b"harm")
    monkeypatch.setattr(scanning, "HEADER_SECONDS", 1000)
    if hold == "a walk that hangs":
        monkeypatch.setattr(scanning, "WALK", "scan_jobs:walk_that_hangs")
    steps = scan(engines, [folder])
    wanted = 1 if hold == "nothing" else 40
    met = []
    while len(met) < wanted:
        step = next(steps)
        met += () if isinstance(step, Progress) else step
    steps.close()
    assert (busy(engines), threads()) == ([], [])
    monkeypatch.undo()
    (folder / "c" / "69 hangs.dcm").unlink(missing_ok=True)
    assert drained(scan(engines, [folder]))[1] == (70, 3)
