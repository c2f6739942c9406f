"""From the start of the program to the first frame of its window, with an empty list of cases."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

PROGRAM = Path(__file__).with_name("first_frame.py")
ROUNDS = 10
PATIENCE = 60  # seconds until a program must have ended

pytestmark = pytest.mark.benchmark(group="start to the first frame of the window")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that the first, unmeasured start fills with an empty store."""
    return tmp_path_factory.mktemp("home")


def start(window: str, home: Path) -> "subprocess.Popen[str]":
    """Start a program and wait until its window is seen."""
    environment = {**os.environ, "RADSAL_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    program = subprocess.Popen(
        [sys.executable, str(PROGRAM), window], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "shown\n"
    return program


def measure(benchmark: BenchmarkFixture, window: str, home: Path) -> None:
    """Time the starts; each program ends, untimed, before the next one begins."""
    running: list[subprocess.Popen[str]] = []

    def end() -> None:
        while running:
            with running.pop() as program:
                assert program.wait(PATIENCE) == 0

    benchmark.pedantic(
        lambda: running.append(start(window, home)), setup=end, rounds=ROUNDS, warmup_rounds=1
    )
    end()


def test_radsal_opens_its_window(benchmark: BenchmarkFixture, home: Path) -> None:
    measure(benchmark, "radsal", home)


def test_a_bare_window_of_pyside_opens(benchmark: BenchmarkFixture, home: Path) -> None:
    measure(benchmark, "bare", home)
