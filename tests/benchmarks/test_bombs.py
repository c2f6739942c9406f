"""How long files that ask for too much take to be refused, beside a film that is opened.

Each is read by the decoder process, found by its path as in the program. The files are those of
``tests/unit/dicom/files/test_bombs.py``, which bounds their memory.
"""

import runpy
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.core.errors import Refusal
from radsal.dicom.files.finding import find_files
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

ROUNDS = 3
UNIT = Path(__file__).parent.parent / "unit" / "dicom" / "files"
BOMBS = runpy.run_path(str(UNIT / "hostile_files.py"))["BOMBS"]
Run = Callable[[Generator[Any, None, Any]], Any]


@pytest.fixture
def measured(benchmark: BenchmarkFixture) -> BenchmarkFixture:
    """The benchmark, all in one group."""
    benchmark.group = "refusing bombs, beside opening a film of 2140x1760"
    return benchmark


@pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])
def test_a_bomb_is_refused(
    measured: BenchmarkFixture, bomb: Any, engines: Engines, to_the_end: Run, tmp_path: Path
) -> None:
    path = tmp_path / bomb.name
    path.write_bytes(bomb.content())

    def refuse() -> str:
        (found,) = find_files([path])
        with pytest.raises(Refusal) as caught:
            to_the_end(load(engines, found))
        return caught.value.code

    assert measured.pedantic(refuse, rounds=ROUNDS) == bomb.code


def test_a_film_is_opened(
    measured: BenchmarkFixture,
    make_film: Callable[..., Any],
    make_pixels: Callable[..., Any],
    engines: Engines,
    to_the_end: Run,
    tmp_path: Path,
) -> None:
    path = tmp_path / "film.dcm"
    make_film(make_pixels((2140, 1760), 12), 12).save_as(path, enforce_file_format=True)

    def open_film() -> Any:
        (found,) = find_files([path])
        return to_the_end(load(engines, found))

    assert measured.pedantic(open_film, rounds=ROUNDS).header.rows == 2140
