"""A radiologist opens folders full of damaged and mixed files, and pages through all of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from radsal.core.errors import BugError, RadSalError
from tests.e2e.conftest import Program
from tests.outside.films import INSTANCE, STUDY
from tests.outside.mixed import mixed_folder
from tests.outside.mutations import mutant
from tests.outside.seeds import seeds

DAMAGED = 200  # files
Until = Callable[[Callable[[], bool]], None]


def listed(program: Program) -> set[Path]:
    worklist = program.workstation.session.worklist
    images = {image.path for case in worklist.cases for image in case.images}
    return images | {item.path for item in worklist.refused}


def paged_through(program: Program, until: Until, qtbot) -> set[Path]:
    """Look at every image of every case with the keys; the paths that were on screen."""
    opening, session = program.workstation.opening, program.workstation.session
    reading, worklist, seen = session.reading, session.worklist, set()
    first = worklist.cases[0]
    opening.choose(first)
    for _ in range(len(worklist.cases)):
        for _ in range(len(reading.case.images)):
            until(lambda: reading.radiograph is not None or reading.refusal is not None)
            if reading.radiograph is not None:
                assert reading.radiograph.header == reading.header
                seen.add(reading.header.path)
            else:
                assert reading.refusal.path == reading.header.path
            opening.step_image(+1)
        qtbot.keyClick(program.window, Qt.Key.Key_PageDown)
    assert reading.case == worklist.current(worklist.cases[-1])
    return seen


def all_shown_or_refused(
    program: Program, paths: set[Path], folder: Path, until: Until, qtbot
) -> tuple[set[Path], dict[Path, str]]:
    """Open a folder and look at everything: what was shown, and what was refused with its code."""
    troubles: list[RadSalError] = []
    program.workstation.services.troubled.connect(troubles.append)
    program.workstation.opening.open_paths([folder])
    until(lambda: listed(program) == paths)
    seen = paged_through(program, until, qtbot)
    refused = {item.path: item.code for item in program.workstation.session.worklist.refused}
    assert seen | set(refused) == paths
    assert not seen & set(refused)
    assert "bug" not in refused.values()
    assert not [trouble for trouble in troubles if isinstance(trouble, BugError)]
    assert program.window.isVisible()
    return seen, refused


@pytest.mark.slow
def test_that_a_folder_of_damaged_files_is_paged_through_to_its_end(
    start: Callable[[], Program], until: Until, qtbot, tmp_path: Path
) -> None:
    whole, folder, paths = seeds(tmp_path), tmp_path / "films", set()
    folder.mkdir()
    for number in range(DAMAGED):
        content = mutant(number, whole).content.replace(INSTANCE, b"2.25.%d" % (71000000 + number))
        path = folder / f"{number:03}.dcm"
        path.write_bytes(content.replace(STUDY, b"2.25.%d" % (81000000 + number)))
        paths.add(path)
    seen, refused = all_shown_or_refused(start(), paths, folder, until, qtbot)
    assert len(seen) > 20
    assert len(set(refused.values())) > 4


@pytest.mark.slow
def test_that_the_list_of_cases_and_the_refused_files_reconcile_with_a_mixed_folder(
    start: Callable[[], Program], until: Until, qtbot, tmp_path: Path
) -> None:
    mixed = mixed_folder(tmp_path / "films", 440)
    seen, refused = all_shown_or_refused(start(), set(mixed.expected), mixed.top, until, qtbot)
    assert seen
    repeated = {path for path, code in refused.items() if code == "duplicate"}
    assert len(repeated) == len(mixed.repeated)
    codes = {path: code for path, code in refused.items() if path not in repeated}
    assert codes == {path: code for path, code in mixed.expected.items() if code != "ok"}
