"""A thousand mixed files: every one is opened or refused, by its name, once."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.session.worklist import Worklist
from radsal.storage.index import FolderIndex
from radsal.workflow.engines import Engines
from radsal.workflow.opening import scan

from .mixed import OK, Folder, mixed_folder

NUMBER = 1000


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return mixed_folder(tmp_path_factory.mktemp("mixed") / "films", NUMBER)


def scanned(
    engines: Engines, top: Path, index: FolderIndex | None = None
) -> tuple[list[ImageHeader | Refused], tuple[int, int]]:
    """What a scan finds, and what it says of it at its end."""
    job, found = scan(engines, [top], index), []
    try:
        while True:
            event = next(job)
            found += event if isinstance(event, tuple) else ()
    except StopIteration as end:
        return found, end.value


def test_that_info_counts_every_file_once_and_says_why_it_is_refused(
    radsal: Callable[..., int], mixed: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert radsal("info", mixed.top, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    files = document["files"]
    assert document["opened"] + document["refused"] == len(files) == NUMBER
    assert len({file["path"] for file in files}) == NUMBER
    assert {Path(file["path"]): file["code"] or OK for file in files} == mixed.expected
    assert document["opened"] == sum(code == OK for code in mixed.expected.values())
    assert all(bool(file["pixel_sha256"]) == (file["status"] == OK) for file in files)
    assert all(file["reason"].isprintable() for file in files if file["status"] == "refused")
    assert len(Counter(file["code"] for file in files)) > 8


def test_that_a_scan_counts_the_same_files(engines: Engines, mixed: Folder) -> None:
    found, (opened, refused) = scanned(engines, mixed.top)
    assert opened + refused == len(found) == NUMBER
    codes = {item.path: item.code if isinstance(item, Refused) else OK for item in found}
    assert len(codes) == NUMBER
    listed = mixed.expected | dict.fromkeys(mixed.late, OK)
    assert codes == listed
    assert opened == sum(code == OK for code in listed.values())


def test_that_the_list_of_cases_holds_every_file_as_an_image_or_as_refused(
    engines: Engines, mixed: Folder
) -> None:
    found, _ = scanned(engines, mixed.top)
    worklist = Worklist()
    for start in range(0, NUMBER, 64):
        worklist.add(tuple(found[start : start + 64]))
    shown = [image.path for case in worklist.cases for image in case.images]
    refused = {item.path: item.code for item in worklist.refused}
    assert len(shown) + len(worklist.refused) == NUMBER
    assert {*shown, *refused} == set(mixed.expected)
    repeated = {path for path, code in refused.items() if code == "duplicate"}
    assert len(repeated) == len(mixed.repeated)
    assert {code for path, code in refused.items() if path not in repeated} == (
        set(mixed.expected.values()) - {OK}
    )
    exams = {case.study_instance_uid.encode() for case in worklist.cases}
    assert mixed.exams <= exams


def test_that_a_scan_from_the_folder_index_finds_the_same_and_what_has_changed(
    engines: Engines, tmp_path: Path
) -> None:
    mixed, index = mixed_folder(tmp_path / "films", 500), FolderIndex(tmp_path / "index.sqlite")
    first, counts = scanned(engines, mixed.top, index)
    assert scanned(engines, mixed.top, index) == (first, counts)
    films = [item.path for item in first if isinstance(item, ImageHeader) and item.path.exists()]
    films[0].unlink()
    films[1].write_bytes(b"This is no film any more.")
    (films[2].parent / "new").write_bytes(films[3].read_bytes())
    again, _ = scanned(engines, mixed.top, index)
    assert again == scanned(engines, mixed.top)[0]
    now = {item.path: item for item in again}
    assert films[0] not in now
    assert now[films[1]].code == "not-dicom"
    assert now[films[2].parent / "new"].sop_instance_uid == now[films[3]].sop_instance_uid
    assert len(now) == len(first)
