"""The real program: window, workers, store; only the folders are temporary."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from radsal import settings
from radsal.app.actions.workstation import Workstation
from radsal.app.main import assemble
from radsal.app.windows.main_window import MainWindow
from radsal.core.resources import resource_path
from radsal.storage import Store
from radsal.workflow.engines import Engines

ANALYSED_IN = 120_000  # milliseconds, the import of torch in a fresh process included


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for settings, store and models, also for subprocesses."""
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def demo_films() -> list[Path]:
    """The bundled synthetic films, by name."""
    return sorted(resource_path("demo").glob("*.dcm"))


@dataclass
class Program:
    """A running workstation, as the composition root puts it together."""

    window: MainWindow
    engines: Engines
    store: Store
    closed: bool = False

    @property
    def workstation(self) -> Workstation:
        return self.window.workstation

    def close(self) -> None:
        """Close the window and end everything, as at the end of the program."""
        self.closed = True
        self.window.close()
        assert self.workstation.services.close()
        self.window.deleteLater()
        self.engines.close()
        self.store.close()


@pytest.fixture
def start(home: Path, qtbot) -> Iterator[Callable[[str], Program]]:
    """Start the program with a model; whatever was started is ended after the test."""
    running: list[Program] = []

    def begin(model: str = "demo-opacity") -> Program:
        wanted = settings.Settings(model=model, reader="Dr. Test")
        engines, store = Engines(), Store.open(wanted.store)
        window = assemble(wanted, engines, store)
        window.show()
        window.workstation.start()
        running.append(Program(window, engines, store))
        return running[-1]

    yield begin
    for program in running:
        if not program.closed:
            program.close()


@pytest.fixture
def until(qtbot) -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition that may need the model."""
    return lambda condition: qtbot.waitUntil(condition, timeout=ANALYSED_IN)
