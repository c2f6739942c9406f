"""From a file on disk to the first painted image."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_voi_lut
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture

from radsal.app.viewer import ImageCanvas
from radsal.dicom.grayscale import automatic_window, default_voi
from radsal.dicom.reading import read_header
from radsal.review.case import group_cases
from radsal.session import Session
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

WIDTH, HEIGHT = 1600, 1200
ROUNDS = 30


@pytest.fixture
def screen() -> QImage:
    """The memory that a window is painted into."""
    return QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)


@pytest.fixture
def measured(benchmark: BenchmarkFixture, film_file: Path) -> BenchmarkFixture:
    """The benchmark, in the group of its kind of file."""
    benchmark.group = f"file to first image, 2140x1760, {film_file.stem}"
    return benchmark


def test_radsal_reads_a_file_in_its_worker_and_paints_it(
    measured: BenchmarkFixture,
    film_file: Path,
    engines: Engines,
    to_the_end: Callable[[Generator[Any, None, Any]], Any],
    qapp: QApplication,
    screen: QImage,
) -> None:
    session = Session()
    canvas = ImageCanvas(session)
    canvas.resize(WIDTH, HEIGHT)
    canvas.show()
    (case,), _ = group_cases([read_header(film_file)])

    def leave() -> None:
        session.reading.choose(case)
        qapp.processEvents()  # "Loading the image" is on screen

    def open_and_paint() -> None:
        radiograph = to_the_end(load(engines, film_file))
        session.reading.present(radiograph)
        session.view.voi = default_voi(radiograph.chain) or automatic_window(radiograph)
        session.view.fit()
        qapp.processEvents()  # the message goes, and the canvas is painted into the window

    measured.pedantic(open_and_paint, setup=leave, rounds=ROUNDS, warmup_rounds=3)
    canvas.render(screen)
    canvas.close()
    canvas.deleteLater()
    assert _shows_a_film(screen)


def test_pydicom_reads_a_file_in_process_and_qt_paints_it(
    measured: BenchmarkFixture, film_file: Path, qapp: QApplication, screen: QImage
) -> None:
    def open_and_paint() -> None:
        data = pydicom.dcmread(film_file)
        shown = apply_voi_lut(data.pixel_array, data)
        _paint_gray(screen, (shown * (255 / 4095)).astype(np.uint8))

    measured.pedantic(open_and_paint, rounds=ROUNDS, warmup_rounds=3)
    assert _shows_a_film(screen)


def test_pydicom_decodes_the_pixels_in_process_and_no_more(
    measured: BenchmarkFixture, film_file: Path
) -> None:
    def decode() -> Any:
        return pydicom.dcmread(film_file).pixel_array

    assert measured.pedantic(decode, rounds=ROUNDS, warmup_rounds=3).shape == (2140, 1760)


def _paint_gray(screen: QImage, gray: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> None:
    rows, columns = gray.shape
    film = QImage(gray.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    width = columns * HEIGHT / rows
    painter = QPainter(screen)
    painter.fillRect(screen.rect(), Qt.GlobalColor.black)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF((WIDTH - width) / 2, 0, width, HEIGHT), film)
    painter.end()


def _shows_a_film(screen: QImage) -> bool:
    grays = {screen.pixelColor(x, HEIGHT // 2).red() for x in range(400, 1200, 8)}
    return len(grays) > 10
