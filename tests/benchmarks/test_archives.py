"""Headers of films in a ZIP archive, beside the same films in a folder."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.dicom.files.finding import find_files
from radsal.dicom.reading import read_header

FILMS, ROUNDS = 200, 3


@pytest.fixture(scope="module")
def folder(
    make_film: Callable[..., FileDataset],
    make_pixels: Callable[..., NDArray[np.uint16]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Small films in a folder, and beside it in two archives."""
    folder = tmp_path_factory.mktemp("many") / "films"
    folder.mkdir()
    film = make_film(make_pixels((256, 256), 12), 12)
    for number in range(FILMS):
        film.save_as(folder / f"{number:04}.dcm", enforce_file_format=True)
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(folder.parent / f"{name}.zip", "w", method) as archive:
            for path in folder.iterdir():
                archive.write(path, path.name)
    return folder


@pytest.mark.parametrize("place", ["films", "stored.zip", "deflated.zip"])
def test_headers_are_read(benchmark: BenchmarkFixture, folder: Path, place: str) -> None:
    benchmark.group = f"headers of {FILMS} films of 128 KiB"

    def read() -> int:
        return len([read_header(path) for path in find_files([folder.parent / place])])

    assert benchmark.pedantic(read, rounds=ROUNDS) == FILMS


def test_headers_are_read_by_zipfile_and_pydicom(benchmark: BenchmarkFixture, folder: Path) -> None:
    benchmark.group = f"headers of {FILMS} films of 128 KiB"

    def read() -> int:
        with zipfile.ZipFile(folder.parent / "deflated.zip") as archive:
            for name in archive.namelist():
                with archive.open(name) as member:
                    pydicom.dcmread(member, stop_before_pixels=True)  # type: ignore[arg-type]
            return len(archive.namelist())

    assert benchmark.pedantic(read, rounds=ROUNDS) == FILMS
