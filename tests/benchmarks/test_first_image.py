"""From the choice of a case to its painted film, 3072 x 2560 pixels of 16 bits.

The first film of a session is compared with pydicom's own decode of the same file, by turns in
one run, both in processes that have decoded nothing but a small film before: ``extra_info`` has
the medians in milliseconds and their ratio. RadSal's time ends when the whole film is painted in
a view of about 1200 rows, pydicom's when the array is there.
"""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.app.main import assemble
from radsal.dicom.reading import read_header
from radsal.settings import Settings
from radsal.storage import Store
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

SHAPE = (3072, 2560)
NOISE = 0.001  # about 8 bits a pixel are left when it is compressed without loss
WINDOW = 2236, 1320  # the view in it has about 1600 x 1200
FIRST_ROUNDS, STEP_ROUNDS = 7, 9
DECODE = Path(__file__).with_name("first_decode.py")
PACKED = {
    "RLE": (RLELossless, "pylibjpeg"),
    "JPEG-LS": (JPEGLSLossless, "pyjpegls"),
    "JPEG 2000 lossless": (JPEG2000Lossless, "pylibjpeg"),
}
CODINGS = ["uncompressed", *PACKED, "JPEG lossless"]

ToTheEnd = Callable[[Generator[Any, None, Any]], Any]
MakeFilm = Callable[[NDArray[np.uint16], int], FileDataset]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of its own."""
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))


# films -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def pixels(make_pixels: Callable[..., NDArray[np.uint16]]) -> NDArray[np.uint16]:
    return make_pixels(SHAPE, 16, NOISE)


@pytest.fixture(scope="session", params=CODINGS)
def films(
    request: pytest.FixtureRequest,
    make_film: MakeFilm,
    pixels: NDArray[np.uint16],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A small film and the one that is measured, in one coding: the name of their folder."""
    folder = tmp_path_factory.mktemp("films") / request.param
    folder.mkdir()
    written = {}
    for name, stored in (("small", pixels[::32, ::32].copy()), ("film", pixels)):
        written[name] = folder / f"{name}.dcm"
        _write(make_film(stored, 16), written[name], request.param)
    return written


def _write(film: FileDataset, path: Path, coding: str) -> None:
    if coding in PACKED:
        syntax, plugin = PACKED[coding]
        film.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
    film.save_as(path, enforce_file_format=True)
    if coding == "JPEG lossless":
        subprocess.run([_dcmtk("dcmcjpeg"), "-q", "+e1", path, path], check=True, timeout=60)


def _dcmtk(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        reason = f"{name} (DCMTK) is not installed"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found


# the window --------------------------------------------------------------------------------------


class Desk:
    """The real window on real worker processes, without a model: nothing is analysed."""

    def __init__(self, folder: Path, paths: list[Path]) -> None:
        self.engines, self._store = Engines(), Store.open(str(folder / "radsal.db"))
        self.window = assemble(Settings(reader="Benchmark"), self.engines, self._store)
        self.workstation = self.window.workstation  # not started: no model is chosen
        self.services = self.workstation.services
        self.window.resize(*WINDOW)
        self.window.show()
        self.workstation.session.worklist.add(read_header(path) for path in paths)
        QApplication.processEvents()

    def choose(self, place: int) -> None:
        """Choose a case of the list, and run the event loop until its film is painted."""
        loop = QEventLoop()
        watcher = _Painted(self, loop)
        self.window.canvas.installEventFilter(watcher)
        self.workstation.opening.choose(self.workstation.session.worklist.cases[place])
        loop.exec()
        self.window.canvas.removeEventFilter(watcher)

    def rest(self) -> None:
        """Until everything is fetched ahead that will be."""
        while not self.services.decoding.idle:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)

    def close(self) -> None:
        assert self.services.close()
        self.window.close()
        self.window.deleteLater()
        QApplication.processEvents()
        self.engines.close()
        self._store.close()


class _Painted(QObject):
    """Ends an event loop after the first paint of a view that has a film."""

    def __init__(self, desk: Desk, loop: QEventLoop) -> None:
        super().__init__()
        self._reading, self._loop = desk.workstation.session.reading, loop

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Paint and self._reading.radiograph is not None:
            QTimer.singleShot(0, self._loop.quit)  # when the frame is painted
        return False


# the first film ----------------------------------------------------------------------------------


def test_the_first_film_of_a_session_is_painted(
    benchmark: BenchmarkFixture,
    films: dict[str, Path],
    to_the_end: ToTheEnd,
    qapp: QApplication,
    tmp_path: Path,
) -> None:
    coding = films["film"].parent.name
    benchmark.group = f"first film, 3072x2560 16-bit: {coding}"
    desks: list[Desk] = []
    decodes: list[float] = []

    def begin() -> None:
        decodes.append(_pydicom_decodes(films))
        for desk in desks[-1:]:
            desk.close()
        desks.append(Desk(tmp_path, [films["film"]]))
        to_the_end(load(desks[-1].engines, films["small"]))

    benchmark.pedantic(lambda: desks[-1].choose(0), setup=begin, rounds=FIRST_ROUNDS)
    shown = _grays(desks[-1])
    desks[-1].close()
    benchmark.extra_info["pydicom_decodes_ms"] = round(statistics.median(decodes), 1)
    if benchmark.stats is not None:
        ours = benchmark.stats.stats.median * 1000
        benchmark.extra_info["radsal_paints_ms"] = round(ours, 1)
        benchmark.extra_info["ratio"] = round(ours / statistics.median(decodes), 2)
    assert shown > 10


def _pydicom_decodes(films: dict[str, Path]) -> float:
    command = [sys.executable, str(DECODE), str(films["small"]), str(films["film"])]
    return float(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


def _grays(desk: Desk) -> int:
    """How many different grays the middle line of the view has."""
    picture = desk.window.canvas.grab().toImage()
    middle = picture.height() // 2
    return len({picture.pixelColor(x, middle).red() for x in range(0, picture.width(), 8)})


# the next one ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def exams(
    make_film: MakeFilm, pixels: NDArray[np.uint16], tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """Uncompressed films, each of an exam of its own."""
    folder = tmp_path_factory.mktemp("exams")
    paths = [folder / f"{number}.dcm" for number in range(STEP_ROUNDS + 3)]
    for path in paths:
        _write(make_film(pixels, 16), path, "uncompressed")
    return paths


@pytest.fixture
def desk(
    benchmark: BenchmarkFixture, exams: list[Path], qapp: QApplication, tmp_path: Path
) -> Iterator[Desk]:
    benchmark.group = "to the next case, 3072x2560 16-bit uncompressed"
    made = Desk(tmp_path, exams)
    yield made
    made.close()


def test_the_next_case_that_was_fetched_ahead_is_painted(
    benchmark: BenchmarkFixture, desk: Desk
) -> None:
    places = count()
    desk.choose(next(places))
    benchmark.pedantic(lambda: desk.choose(next(places)), setup=desk.rest, rounds=STEP_ROUNDS)
    assert _grays(desk) > 10


def test_the_last_but_one_case_that_is_still_kept_is_painted(
    benchmark: BenchmarkFixture, desk: Desk
) -> None:
    for place in range(5):
        desk.choose(place)
        desk.rest()
    places = count(4, -1)
    desk.choose(next(places))
    benchmark.pedantic(lambda: desk.choose(next(places)), setup=desk.rest, rounds=4)
    assert _grays(desk) > 10


def test_a_case_that_was_not_fetched_is_decoded_and_painted(
    benchmark: BenchmarkFixture, desk: Desk
) -> None:
    places = count(0, 2)
    desk.choose(next(places))
    benchmark.pedantic(lambda: desk.choose(next(places)), setup=desk.rest, rounds=STEP_ROUNDS // 2)
    assert _grays(desk) > 10
