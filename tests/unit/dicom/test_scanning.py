"""Folders: what is found, in which order, and that nothing is dropped."""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from radsal.core.radiograph import ImageHeader
from radsal.core.records import Found, found_in
from radsal.core.refused import Refused
from radsal.dicom.files import finding
from radsal.dicom.files.finding import find_files
from radsal.dicom.scanning import header_or_refused, read_records

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]


def scanned(paths: Sequence[Path]) -> list[Found]:
    return [header_or_refused(path) for path in find_files(paths)]


def name_of(item: Found) -> str:
    return item.path.name


@pytest.fixture
def folder(make_film: MakeFilm, save: Save, tmp_path: Path) -> Path:
    for name in ("b/2.dcm", "b/10.dcm", "a/deep/er/film", "c.dcm"):
        save(make_film(), f"films/{name}")
    (tmp_path / "films" / "a" / "notes.txt").write_text("no film")
    (tmp_path / "films" / "a" / "nothing.dcm").touch()
    return tmp_path / "films"


def test_that_folders_are_searched_to_the_bottom_in_order_of_names(folder: Path) -> None:
    found = [path.relative_to(folder).as_posix() for path in find_files([folder])]
    assert found == [
        "a/deep/er/film",
        "a/notes.txt",
        "a/nothing.dcm",
        "b/10.dcm",
        "b/2.dcm",
        "c.dcm",
    ]


def test_that_every_file_is_opened_or_refused(folder: Path) -> None:
    found = scanned([folder])
    assert [item.path for item in found] == list(find_files([folder]))
    refused = {name_of(item): item.code for item in found if isinstance(item, Refused)}
    assert refused == {"notes.txt": "not-dicom", "nothing.dcm": "empty"}
    assert sum(isinstance(item, ImageHeader) for item in found) == 4


def test_that_the_same_instance_in_two_files_is_met_twice(folder: Path) -> None:
    opened = [item for item in scanned([folder]) if isinstance(item, ImageHeader)]
    assert len({item.sop_instance_uid for item in opened}) == 1
    assert len({item.path for item in opened}) == 4


def test_that_paths_come_in_the_order_given_and_as_often_as_given(folder: Path) -> None:
    given = [folder / "c.dcm", folder / "b", folder / "c.dcm"]
    assert [name_of(item) for item in scanned(given)] == ["c.dcm", "10.dcm", "2.dcm", "c.dcm"]


@pytest.mark.parametrize("name", ["gone.dcm", "gone/film.dcm", "n" * 300, "nul\0byte"])
def test_that_a_path_to_nothing_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (item,) = scanned([tmp_path / name])
    assert isinstance(item, Refused)
    assert item.path == tmp_path / name
    assert item.reason
    assert str(tmp_path) not in item.reason


def test_that_hidden_files_are_skipped_in_folders_and_read_where_named(
    make_film: MakeFilm, save: Save, tmp_path: Path
) -> None:
    hidden = save(make_film(), ".hidden.dcm")
    save(make_film(), ".trash/film.dcm")
    assert scanned([tmp_path]) == []
    (item,) = scanned([hidden])
    assert isinstance(item, ImageHeader)


def test_that_the_index_of_a_medium_is_skipped_but_a_folder_of_that_name_is_not(
    make_film: MakeFilm, save: Save, tmp_path: Path
) -> None:
    (tmp_path / "disc").mkdir()
    (tmp_path / "disc" / "DICOMDIR").write_bytes(b"index")
    save(make_film(), "folder/dicomdir/film.dcm")
    assert [name_of(item) for item in scanned([tmp_path])] == ["film.dcm"]


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_links_in_a_circle_come_to_an_end(folder: Path) -> None:
    plain = list(find_files([folder]))
    (folder / "b" / "up").symlink_to(folder)
    (folder / "z").symlink_to("z")
    (folder / "zz").symlink_to("gone")
    found = scanned([folder])
    assert [item.path for item in found if name_of(item)[0] != "z"] == plain
    broken = {name_of(item): item.code for item in found if name_of(item)[0] == "z"}
    assert broken == {"z": "unreadable", "zz": "unreadable"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_that_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (item,) = scanned([tmp_path])
    assert isinstance(item, Refused)
    assert item.code == "unreadable"


def test_that_a_folder_that_cannot_be_read_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def forbidden(path: Path) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(finding.os, "scandir", forbidden)
    found = {name_of(item): item for item in scanned([folder])}
    assert isinstance(found["b"], Refused)
    assert found["b"].code == "unreadable"
    assert isinstance(found["c.dcm"], ImageHeader)


def test_that_records_say_what_reading_each_file_gives(folder: Path) -> None:
    paths = list(find_files([folder]))
    records = read_records([str(path) for path in paths], patience=1e9)
    assert found_in(records, paths) == scanned([folder])


def test_that_at_least_one_file_is_read_and_no_more_where_time_is_up(folder: Path) -> None:
    paths = [str(path) for path in find_files([folder])]
    assert len(read_records(paths, patience=-1)) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow shorter paths")
def test_that_a_folder_deeper_than_pythons_stack_is_searched_to_the_bottom(tmp_path: Path) -> None:
    top = folder = tmp_path / "top"
    made = []
    stack, usual = len(inspect.stack()) + 100, sys.getrecursionlimit()
    for _ in range(stack + 50):
        folder.mkdir()
        made.append(folder)
        folder = folder / "d"
    (made[-1] / "film").touch()
    sys.setrecursionlimit(stack)
    try:
        found = list(find_files([top]))
    finally:
        sys.setrecursionlimit(usual)
    assert found == [made[-1] / "film"]
