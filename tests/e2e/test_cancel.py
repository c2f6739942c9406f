"""Work that is broken off: within two seconds, nothing half written, no process left, resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pydicom
import pytest

from radsal.core.resources import resource_path
from radsal.inference.package import read_package
from radsal.workers import Worker
from radsal.workflow.analysis import AnalysisRequest, make_ready
from radsal.workflow.engines import Engines
from radsal.workflow.folders import Answered, analyse_folders

FILMS = 24
SLOW = 10.0  # seconds that a test waits for the same: other tests may run beside it

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches what a test starts, also where the tests themselves run in the background.

    A shell lets programs that it starts there ignore it, and those that they start as well.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def folder(tmp_path: Path, demo_films: list[Path]) -> Path:
    """Films of their own identity, so that none is answered by another's result."""
    made = tmp_path / "films"
    made.mkdir()
    for number in range(FILMS):
        film = pydicom.dcmread(demo_films[number % len(demo_films)])
        film.SOPInstanceUID = film.file_meta.MediaStorageSOPInstanceUID = f"2.25.77{number}"
        film.save_as(made / f"{number:02}.dcm")
    return made


@pytest.fixture
def engines(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engines]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    with Engines() as made:
        yield made


def analyze(paths: Path, out: Path, **options: object) -> subprocess.Popen[str]:
    """The command in a group of its own, to which Ctrl-C goes as from a terminal."""
    command = [sys.executable, "-m", "radsal", "analyze", str(paths), "--out", str(out)]
    return subprocess.Popen(
        [*command, "--model", "demo-opacity", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def wait_for(condition: Callable[[], object], patience: float = 240.0) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + patience
        time.sleep(0.005)


def interrupted(command: subprocess.Popen[str]) -> tuple[str, float]:
    """Press Ctrl-C: what stood on stderr, and how long it took; no process is left."""
    family = psutil.Process(command.pid).children(recursive=True)
    begun = time.monotonic()
    os.killpg(command.pid, signal.SIGINT)
    _, errors = command.communicate(timeout=60)
    took = time.monotonic() - begun
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
    return errors, took


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to consoles only")
@pytest.mark.parametrize("moment", ["while it starts", "while it analyses"])
@pytest.mark.usefixtures("home")
def test_that_ctrl_c_ends_the_command_soon_and_the_next_run_goes_on(
    folder: Path, tmp_path: Path, moment: str
) -> None:
    out = tmp_path / "out"
    command = analyze(folder, out)
    if moment == "while it starts":
        wait_for(lambda: len(psutil.Process(command.pid).children()) > 3)
    else:
        wait_for(lambda: list(out.glob("*.json")))
    errors, took = interrupted(command)
    assert command.returncode == 130
    assert errors.splitlines() == ["Stopped."]
    assert took < SLOW
    print(f"Ctrl-C {moment}: ended after {took:.2f} s")
    complete = {path: path.read_bytes() for path in out.glob("*.json")}
    assert len(complete) < FILMS
    for raw in complete.values():
        (result,) = json.loads(raw)["results"]
        for entry in result["maps"]:
            with np.load(entry["file"]) as file:
                assert file["map"].shape == tuple(entry["grid"])
    assert not list(out.glob("*.part"))
    again = analyze(folder, out)
    document = json.loads(again.communicate(timeout=240)[0])
    assert again.returncode == 0
    assert len(document["results"]) == FILMS
    assert len(list(out.glob("*.json"))) == FILMS
    assert all(path.read_bytes() == raw for path, raw in complete.items())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to consoles only")
@pytest.mark.usefixtures("home")
def test_that_ctrl_c_ends_the_analysis_of_one_film(demo_films: list[Path], tmp_path: Path) -> None:
    command = analyze(demo_films[0], tmp_path / "out")
    wait_for(lambda: len(psutil.Process(command.pid).children()) > 3)
    errors, took = interrupted(command)
    assert (command.returncode, errors.splitlines()) == (130, ["Stopped."])
    assert took < SLOW


def hang(
    monkeypatch: pytest.MonkeyPatch, worker: Worker, job: str, spared: int = 0
) -> Callable[[], bool]:
    """Let a job hang, after so many that are spared; whether one does."""
    run, asked = worker.run, []

    def injected(target: str, *arguments: object, timeout: float | None = None):
        if target.endswith(job):
            asked.append(target)
            if len(asked) > spared:
                target, arguments = "fault_jobs:hang", ()
        return run(target, *arguments, timeout=timeout)

    monkeypatch.setattr(worker, "run", injected)
    return lambda: len(asked) > spared


@pytest.mark.parametrize("hanging", ["nothing", "compute", "compute and decoder"])
def test_that_a_folder_that_is_closed_has_ended_after_two_seconds_and_another_succeeds(
    engines: Engines, folder: Path, monkeypatch: pytest.MonkeyPatch, hanging: str
) -> None:
    request = AnalysisRequest.of(read_package(resource_path("models", "demo-opacity")))
    for _ in make_ready(engines, request):
        pass
    with monkeypatch.context() as patch:
        hangs = []
        if "compute" in hanging:
            hangs.append(hang(patch, engines.compute, ":analyse_films"))
        if "decoder" in hanging:
            hangs.append(hang(patch, engines.decoder, ":load", spared=3))
        steps = analyse_folders(engines, [folder], request)
        ticks = 0
        for step in steps:
            ticks += bool(hangs) and all(begun() for begun in hangs)
            if ticks == 20 or (not hangs and isinstance(step, Answered)):
                break  # a second after the last job was sent: it hangs
        at = time.monotonic()
        steps.close()
        took = time.monotonic() - at
    print(f"{hanging} hangs: ended after {took:.2f} s")
    assert took < SLOW
    answers = [s for s in analyse_folders(engines, [folder], request) if isinstance(s, Answered)]
    assert len(answers) == FILMS
    restarts = engines.compute.restarts, engines.decoder.restarts
    assert restarts == ("compute" in hanging, "decoder" in hanging)
