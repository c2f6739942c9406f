"""A reader pages through thousands of films: the memory of the window and the decoder stays flat.

``RADSAL_PAGES=10000 pytest tests/e2e/test_paging.py -s`` is the full run; it prints the curve.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from radsal.app.actions.kept import KEPT_IMAGES
from radsal.app.actions.workstation import Workstation
from radsal.app.main import assemble
from radsal.settings import Settings
from radsal.storage import Store
from radsal.workflow.engines import Engines

PAGES = int(os.environ.get("RADSAL_PAGES", "400"))
WARM_UP = min(2500, PAGES // 2)  # two thousand thumbnails are kept, then the oldest one goes
SAMPLES = 20  # of the memory after the warm-up
BOUND, STEP = 20.0, 8.0  # MB that a thousand images may add; in which the heap may grow
SIDE, LIT = 1024, 64  # pixels; rows of an uncompressed film that are not zero
PACKED = {RLELossless: "pylibjpeg", JPEGLSLossless: "pyjpegls", JPEG2000Lossless: "pylibjpeg"}
NUMBER = b"9" * 9  # stands where each film has its own number

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.timeout(300 + PAGES),
]


# films -------------------------------------------------------------------------------------------


def write_films(folder: Path) -> None:
    """Exams of one film each, as different as their numbers: of eight, three are compressed.

    Uncompressed films end in a hole, which takes no place on the disk.
    """
    folder.mkdir()
    templates = list(_templates())
    for number in range(PAGES):
        content, size = templates[number % len(templates)]
        path = folder / f"{number:06}.dcm"
        path.write_bytes(content.replace(NUMBER, f"{number:09}".encode()))
        os.truncate(path, size)


def _templates() -> Iterator[tuple[bytes, int]]:
    """What is written of a film, and its size."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    grain = np.random.default_rng(0).integers(0, 64, (SIDE, SIDE))
    whole = (((rows + columns) * 16 + grain) % 65536).astype(np.uint16)
    lit = np.where(rows < LIT, whole, 0).astype(np.uint16)
    plain = _bytes(_film(lit))
    for _ in range(5):
        yield plain[: len(plain) - 2 * SIDE * (SIDE - LIT)], len(plain)
    for syntax, plugin in PACKED.items():
        film = _film(whole)
        film.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
        content = _bytes(film)
        yield content, len(content)


def _film(pixels: np.ndarray) -> Dataset:
    number = NUMBER.decode()
    film = Dataset()
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film.SOPClassUID = DigitalXRayImageStorageForPresentation
    film.SOPInstanceUID, film.StudyInstanceUID = f"1.2.3.1{number}", f"1.2.3.2{number}"
    film.SeriesInstanceUID = f"1.2.3.3{number}"
    film.Modality, film.PatientName, film.PatientID = "DX", f"SYNTH^N{number}", f"N{number}"
    film.set_pixel_data(pixels, "MONOCHROME2", 16, generate_instance_uid=False)
    return film


def _bytes(film: Dataset) -> bytes:
    stream = io.BytesIO()
    film.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


# the program -------------------------------------------------------------------------------------


@pytest.fixture
def engines() -> Iterator[Engines]:
    with Engines() as made:
        yield made


@pytest.fixture
def workstation(home: Path, engines: Engines, tmp_path: Path, qtbot) -> Iterator[Workstation]:
    """The real window on real processes; it was not started, so no model is chosen."""
    with Store.open(str(tmp_path / "radsal.db")) as store:
        window = assemble(Settings(reader="Dr. Test"), engines, store)
        window.show()
        yield window.workstation
        window.close()
        assert window.workstation.services.close()
        window.deleteLater()


def until(condition: Callable[[], bool]) -> None:
    """Let events happen until it is so; the test's own timeout ends it otherwise."""
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(samples: list[tuple[int, float]]) -> float:
    """MB that a line through the samples rises from the first to the last."""
    slope = np.polyfit(*zip(*samples, strict=True), 1)[0]
    return float(slope * (samples[-1][0] - samples[0][0]))


def test_that_memory_stays_flat_while_thousands_of_images_are_paged_through(
    workstation: Workstation, engines: Engines, tmp_path: Path
) -> None:
    write_films(tmp_path / "films")
    session, services, opening = workstation.session, workstation.services, workstation.opening
    opening.open_paths([tmp_path / "films"])
    until(lambda: services.scanning.idle and len(session.worklist.cases) == PAGES)
    shown, samples = set(), {os.getpid(): [], engines.decoder.pid: []}
    for page in range(1, PAGES + 1):
        until(lambda: session.reading.radiograph is not None and services.decoding.idle)
        shown.add(session.reading.radiograph.identity.sop_instance_uid)
        if page > WARM_UP and page % ((PAGES - WARM_UP) // SAMPLES) == 0:
            for pid, taken in samples.items():
                taken.append((page, megabytes(pid)))
            print(page, *(f"{taken[-1][1]:.0f} MB" for taken in samples.values()), flush=True)
        opening.step(+1)
    assert len(shown) == PAGES
    assert engines.decoder.restarts == 0
    assert WARM_UP > KEPT_IMAGES
    for taken in samples.values():
        assert growth(taken) <= BOUND * (PAGES - WARM_UP) / 1000 + STEP
