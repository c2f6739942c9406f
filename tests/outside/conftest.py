"""RadSal from outside: files in, pictures and documents out.

What is expected comes from the text of the standard, from DCMTK, or from how a file was made; the
helpers beside the tests know nothing of RadSal's own code.
"""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from radsal.cli import main
from radsal.workflow.engines import Engines

Command = Callable[..., int]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for settings, store and caches, also for subprocesses."""
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def root_log() -> Iterator[None]:
    """Every command sets the log up; it is left as it was."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    """The real worker processes, the same for all commands of a module."""
    with Engines() as engines:
        yield engines


class Lent:
    """Engines that a command may use and not close."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def __call__(self) -> "Lent":
        return self

    def __enter__(self) -> Engines:
        return self._engines

    def __exit__(self, *error: object) -> None:
        """They are closed after the module."""


@pytest.fixture
def radsal(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command line; its exit status. The command, its workers and its files are real."""
    for module in ("info", "render"):
        monkeypatch.setattr(f"radsal.cli.{module}.Engines", Lent(engines))
    return lambda *words: main.run([str(word) for word in words], lambda paths: 99)


@pytest.fixture(scope="session")
def dcmtk() -> Callable[[str], str]:
    """Path of a tool of DCMTK; the test is skipped without it."""

    def tool(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} (DCMTK) is not installed")
        return found

    return tool
