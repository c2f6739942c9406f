"""The commands inside the test process: stand-ins for the worker processes, films on disk."""

import logging
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from radsal.core.errors import KnownError, ModelRefusal, WorkerError
from radsal.core.geometry import GridMapping
from radsal.core.identity import ModelIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.dicom.jobs import load
from radsal.hotspots.find import find_hot_spots
from radsal.workflow.analysis import AnalysisRequest

DX = "1.2.840.10008.5.1.4.1.1.1.1"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, a wide terminal, and the log as it was."""
    monkeypatch.setenv("RADSAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def root_log() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def new_film(tmp_path: Path) -> Callable[..., Path]:
    """Write a small film; name and attributes as wanted."""

    def write(name: str = "film.dcm", number: int = 1, **changes: object) -> Path:
        path = tmp_path / "films" / name
        path.parent.mkdir(exist_ok=True)
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = DX
        meta.MediaStorageSOPInstanceUID = f"2.25.1{number}"
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        film.SOPClassUID, film.SOPInstanceUID = DX, meta.MediaStorageSOPInstanceUID
        film.StudyInstanceUID, film.SeriesInstanceUID, film.Modality = "2.25.2", "2.25.3", "DX"
        film.PatientName, film.PatientID = "SYNTH^ANNA", "SYN-1"
        film.SamplesPerPixel, film.PhotometricInterpretation = 1, "MONOCHROME2"
        film.Rows, film.Columns = 20, 30
        film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, 12, 11, 0
        film.PixelData = np.arange(600, dtype="<u2").tobytes()
        for keyword, value in changes.items():
            setattr(film, keyword, value)
        pydicom.dcmwrite(path, film, enforce_file_format=True)
        return path

    return write


def answer(film: Radiograph, request: AnalysisRequest) -> Analysis:
    values = np.zeros((4, 6), np.float32)
    values[1, 2] = 1
    mapping = GridMapping.stretch((4, 6), film.shape)
    saliency = SaliencyMap("Opacity [a]", request.method, values, mapping, MapStatus.OK)
    return Analysis(
        film.identity,
        request.model,
        request.method,
        request.parameters,
        "cpu",
        (Prediction("Opacity [a]", 1.5, 0.8, 0.5),),
        (saliency,),
        find_hot_spots(saliency, film.shape, image=film.identity, model=request.model),
    )


class StandIn:
    """Runs what it is given at once, in this process."""

    def __init__(self, work: Callable) -> None:
        self.work = work

    def run(self, target: str, *arguments: object, timeout: float | None = None):
        yield Progress(0, 0)
        if target.endswith(":make_ready"):
            return "cpu"
        if target.endswith(":analyse_films"):
            return (yield from self._each(*arguments))
        done = self.work(*arguments)
        return (yield from done) if isinstance(done, Generator) else done

    def _each(self, films: tuple, request: object):
        for place, film in enumerate(films):
            try:
                answer = self.work(film, request)
            except (ModelRefusal, WorkerError):
                raise
            except KnownError as error:
                answer = error
            yield place, answer


class Engines:
    """In place of the worker processes."""

    def __init__(self) -> None:
        self.decoder, self.compute = StandIn(load), StandIn(answer)
        self.closed = False

    def warm_up(self) -> None:
        """There is nothing to start."""

    def __enter__(self) -> "Engines":
        return self

    def __exit__(self, *error: object) -> None:
        self.closed = True


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    """Commands that ask for worker processes get these."""
    engines = Engines()
    for module in ("analyze", "demo", "info", "render", "export"):
        monkeypatch.setattr(f"radsal.cli.{module}.Engines", lambda: engines)
    return engines


@pytest.fixture
def asked() -> AnalysisRequest:
    return AnalysisRequest(Path("models/test"), ModelIdentity("test", "b" * 64))
