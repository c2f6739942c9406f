"""From a folder to headers: beside dcmdump and pydicom, and once more when nothing has changed.

The files are phantoms as ``radsal.demo.dicom_files`` writes them: DX, Explicit VR Little Endian,
74 attributes of which three are sequences, each file another exam of another patient, with about
50 x 50 pixels of 16 bits, so that what is measured is the header: about 7 kB, 500 to a folder.
A few hundred by default; ``RADSAL_SCAN_FILES=20000`` makes as many as that. They lie in the page
cache. RadSal's processes are warm, as they are in the window; of DCMTK's the start is measured.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.core.progress import Progress
from radsal.demo.dicom_files import phantom_dataset
from radsal.demo.phantom import make_phantom
from radsal.session.worklist import Worklist
from radsal.storage.index import FolderIndex
from radsal.workflow.engines import Engines
from radsal.workflow.opening import scan

FILES = int(os.environ.get("RADSAL_SCAN_FILES", "300"))
IN_A_FOLDER = 500
LONG_AGO = 1_600_000_000  # seconds: a file that was just written is not kept in the index
ROUNDS = 5

Run = Callable[[Generator[Any, None, Any]], Any]

_headers = pytest.mark.benchmark(group=f"headers of {FILES} files")
_rows = pytest.mark.benchmark(group=f"first rows of {FILES} files")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    top = tmp_path_factory.mktemp("scan")
    films = [_film(seed) for seed in range(1, 5)]
    for number in range(FILES):
        path = top / f"{number // IN_A_FOLDER:04}" / f"{number:06}.dcm"
        path.parent.mkdir(exist_ok=True)
        _write(films[number % len(films)], number, path)
    yield top
    shutil.rmtree(top)


def _film(seed: int) -> pydicom.FileDataset:
    phantom = make_phantom(seed, rows=200)
    film = phantom_dataset(phantom, monochrome1=bool(seed % 2))
    pixels = phantom.pixels[::4, ::4].copy()
    photometric = str(film.PhotometricInterpretation)
    film.set_pixel_data(pixels, photometric, 12, generate_instance_uid=False)
    film["PixelData"].VR = "OW"
    return film


def _write(film: pydicom.FileDataset, number: int, path: Path) -> None:
    film.PatientName, film.PatientID = f"SYNTH^NUMBER{number}", f"SYN-{number}"
    film.StudyInstanceUID, film.SeriesInstanceUID = f"2.25.1{number:08}", f"2.25.2{number:08}"
    film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = f"2.25.3{number:08}"
    film.InstanceNumber = number % 7
    film.save_as(path, enforce_file_format=True)
    os.utime(path, (LONG_AGO, LONG_AGO))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    return FolderIndex(tmp_path_factory.mktemp("cache") / "folders.db")


@pytest.fixture(scope="module")
def warm(engines: Engines, folder: Path, to_the_end: Run) -> Engines:
    """Every process has read a header."""
    assert to_the_end(scan(engines, [folder])) == (FILES, 0)
    return engines


def _dcmdump(*folders: Path) -> "subprocess.Popen[bytes]":
    tool = shutil.which("dcmdump")
    if tool is None:
        pytest.skip("dcmdump (DCMTK) is not installed")
    command = [tool, "+sd", "+r", *map(str, folders)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# every header --------------------------------------------------------------------------------


@_headers
def test_radsal_reads_a_folder_for_the_first_time(
    benchmark: BenchmarkFixture, warm: Engines, folder: Path, index: FolderIndex, to_the_end: Run
) -> None:
    counted = benchmark.pedantic(
        lambda: to_the_end(scan(warm, [folder], index)),
        setup=lambda: index.clear() and None,
        rounds=ROUNDS,
    )
    assert counted == (FILES, 0)
    assert index.count() == FILES


@_headers
def test_radsal_reads_an_unchanged_folder_again(
    benchmark: BenchmarkFixture, warm: Engines, folder: Path, index: FolderIndex, to_the_end: Run
) -> None:
    to_the_end(scan(warm, [folder], index))
    counted = benchmark.pedantic(
        lambda: to_the_end(scan(warm, [folder], index)), rounds=ROUNDS, warmup_rounds=1
    )
    assert counted == (FILES, 0)


@_headers
def test_radsal_reads_an_unchanged_folder_again_into_the_list_of_cases(
    benchmark: BenchmarkFixture, warm: Engines, folder: Path, index: FolderIndex, to_the_end: Run
) -> None:
    to_the_end(scan(warm, [folder], index))

    def listed() -> int:
        worklist, found = Worklist(), []
        for step in scan(warm, [folder], index):
            found += () if isinstance(step, Progress) else step
        worklist.add(found)
        return len(worklist.cases)

    assert benchmark.pedantic(listed, rounds=ROUNDS, warmup_rounds=1) == FILES


@_headers
@pytest.mark.parametrize("processes", [1, 2])
def test_dcmdump_prints_a_folder(benchmark: BenchmarkFixture, folder: Path, processes: int) -> None:
    folders = sorted(folder.iterdir())

    def dump() -> list[int]:
        running = [_dcmdump(*folders[n::processes]) for n in range(processes) if folders[n:]]
        return [each.wait() for each in running]

    assert set(benchmark.pedantic(dump, rounds=ROUNDS, warmup_rounds=1)) == {0}


@_headers
def test_pydicom_reads_headers_in_one_process(benchmark: BenchmarkFixture, folder: Path) -> None:
    def read() -> int:
        paths = sorted(folder.rglob("*.dcm"))
        return len([pydicom.dcmread(path, stop_before_pixels=True).PatientName for path in paths])

    assert benchmark.pedantic(read, rounds=1) == FILES


# the first of them ---------------------------------------------------------------------------


class FirstRows:
    """Scans that are left, untimed, after their first batch."""

    def __init__(self) -> None:
        self._left: list[Generator[Any, None, Any]] = []

    def find(self, engines: Engines, folder: Path, index: FolderIndex | None) -> int:
        """Films in the first batch."""
        self._left.append(scan(engines, [folder], index))
        return len(next(step for step in self._left[-1] if not isinstance(step, Progress)))

    def leave(self) -> None:
        """Close them."""
        while self._left:
            self._left.pop().close()


@_rows
@pytest.mark.parametrize("known", [False, True])
def test_radsal_finds_the_first_films(
    benchmark: BenchmarkFixture,
    warm: Engines,
    folder: Path,
    index: FolderIndex,
    to_the_end: Run,
    known: bool,
) -> None:
    to_the_end(scan(warm, [folder], index))
    first, asked = FirstRows(), index if known else None
    found = benchmark.pedantic(
        lambda: first.find(warm, folder, asked), setup=first.leave, rounds=ROUNDS
    )
    first.leave()
    assert found > 0


@_rows
def test_radsal_finds_the_first_films_with_processes_that_must_be_started(
    benchmark: BenchmarkFixture, folder: Path
) -> None:
    first = FirstRows()
    with Engines() as engines:
        assert benchmark.pedantic(lambda: first.find(engines, folder, None), rounds=1) > 0
        first.leave()
