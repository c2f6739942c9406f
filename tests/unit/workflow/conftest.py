"""Small films on disk, an analysis of them that needs no model, and the worker processes."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
import safetensors.torch
import torch
from monai.networks.nets import DenseNet
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from radsal.core.geometry import GridMapping
from radsal.core.identity import ModelIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, MapStatus, Prediction, SaliencyMap
from radsal.dicom.reading import read_radiograph
from radsal.hotspots.find import find_hot_spots
from radsal.inference.package import ModelPackage, read_package
from radsal.review.read import Read
from radsal.review.vocabulary import Cause
from radsal.storage import Store
from radsal.storage.map_cache import MapCache
from radsal.workflow.analysis import ALL, AnalysisRequest
from radsal.workflow.engines import Engines
from radsal.workflow.reading import save, verdict_for

DX = "1.2.840.10008.5.1.4.1.1.1.1"
ROWS, COLUMNS = 60, 48
MODEL = ModelIdentity("test-model", "b" * 64)


def write_film(path: Path, number: int = 1, seed: int = 0, **changes: object) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DX
    meta.MediaStorageSOPInstanceUID = f"2.25.1{number}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    film.SOPClassUID, film.SOPInstanceUID = DX, meta.MediaStorageSOPInstanceUID
    film.StudyInstanceUID, film.SeriesInstanceUID = "2.25.2", "2.25.3"
    film.Modality, film.BodyPartExamined, film.ViewPosition = "DX", "CHEST", "PA"
    film.PatientName, film.PatientID, film.PatientBirthDate = "SYNTH^ANNA", "SYN-1", "19500203"
    film.InstanceNumber = number
    film.SamplesPerPixel, film.PhotometricInterpretation = 1, "MONOCHROME2"
    film.Rows, film.Columns = ROWS, COLUMNS
    film.BitsAllocated, film.BitsStored, film.HighBit, film.PixelRepresentation = 16, 12, 11, 0
    film.WindowCenter, film.WindowWidth = "2048", "4096"
    pixels = np.random.default_rng(seed).integers(0, 4096, (ROWS, COLUMNS), dtype="<u2")
    film.PixelData = pixels.tobytes()
    for keyword, value in changes.items():
        setattr(film, keyword, value)
    pydicom.dcmwrite(path, film, enforce_file_format=True)
    return path


WriteFilm = Callable[..., Path]


@pytest.fixture
def new_film(tmp_path: Path) -> WriteFilm:
    """Write a film as ``<number>.dcm``; ``seed`` makes its pixels."""

    def write(number: int = 1, **changes: object) -> Path:
        folder = tmp_path / "films"
        folder.mkdir(exist_ok=True)
        return write_film(folder / f"{number}.dcm", number, **changes)

    return write


@pytest.fixture
def film(new_film: WriteFilm) -> Radiograph:
    return read_radiograph(new_film())


@pytest.fixture
def request_all() -> AnalysisRequest:
    return AnalysisRequest(Path("models/test-model"), MODEL, labels=("Opacity", "Effusion"))


def answer(film: Radiograph, request: AnalysisRequest) -> Analysis:
    """What a model could say: one bright cell, and one finding with nothing to show."""
    values = np.zeros((5, 4), np.float32)
    values[1, 2] = 1
    mapping = GridMapping.stretch((5, 4), film.shape)
    maps = (
        SaliencyMap("Opacity", request.method, values, mapping, MapStatus.OK),
        SaliencyMap("Effusion", request.method, np.zeros_like(values), mapping, MapStatus.EMPTY),
    )
    maps = tuple(m for m in maps if request.findings in (ALL, m.finding))
    spots = tuple(
        spot
        for item in maps
        for spot in find_hot_spots(item, film.shape, image=film.identity, model=request.model)
    )
    return Analysis(
        film.identity,
        request.model,
        request.method,
        request.parameters,
        "cpu",
        (Prediction("Opacity", 1.5, 0.8, 0.5), Prediction("Effusion", -2.0, 0.1, 0.4)),
        maps,
        spots,
    )


@pytest.fixture
def answered() -> Callable[[Radiograph, AnalysisRequest], Analysis]:
    return answer


@dataclass
class StandIn:
    """In place of the compute process: answers at once, and counts what it is asked."""

    answer: Callable[[Radiograph, AnalysisRequest], Analysis]
    asked: int = 0
    closed_early: int = 0

    def run(self, target: str, film: Radiograph, request: AnalysisRequest, timeout: float):
        assert target == "radsal.workflow.compute:analyse"
        assert timeout > 0
        self.asked += 1
        try:
            yield Progress(0, 2)
            yield Progress(1, 2)
        except GeneratorExit:
            self.closed_early += 1
            raise
        return self.answer(film, request)

    def close(self) -> None:
        """There is no process to end."""


@pytest.fixture
def engines() -> Iterator[Engines]:
    """The real worker processes, with a stand-in for the one that needs torch."""
    engines = Engines()
    engines.compute = StandIn(answer)
    with engines:
        yield engines


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "radsal.db") as store:
        yield store


@pytest.fixture
def maps(tmp_path: Path) -> MapCache:
    return MapCache(tmp_path / "maps", 64 << 20)


@pytest.fixture
def judged(store: Store, request_all: AnalysisRequest) -> Callable[..., Read]:
    """Store a read with a verdict on the first hot spot of a film."""

    def judge(film: Radiograph, read: Read | None = None, note: str = "") -> Read:
        analysis = answer(film, request_all)
        read = read or Read.begin("2.25.2", "Dr. Weiß", MODEL)
        verdict = verdict_for(film, analysis.hot_spots[0], Cause.TEXT, note=note)
        return save(store, read.judge(verdict), film, analysis)

    return judge


@pytest.fixture
def changed_answer(engines: Engines) -> Callable[..., None]:
    """Let the stand-in answer with something else than was asked."""

    def change(**changes: object) -> None:
        engines.compute.answer = lambda film, request: replace(answer(film, request), **changes)

    return change


def run(steps):
    """The result of a generator."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.fixture
def finished() -> Callable:
    return run


@pytest.fixture
def package(tmp_path: Path) -> ModelPackage:
    """A small, seeded package of two findings."""
    folder = tmp_path / "models" / "small"
    network = {"spatial_dims": 2, "in_channels": 1, "out_channels": 2, "init_features": 8}
    network |= {"growth_rate": 4, "block_config": [2, 2]}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = DenseNet(**network).eval().state_dict()
    steps = [
        {"_target_": "EnsureChannelFirst", "channel_dim": "no_channel"},
        {"_target_": "ScaleIntensity"},
        {"_target_": "Resize", "spatial_size": [48, 40], "mode": "bilinear"},
    ]
    metadata = {
        "version": "0.1.0",
        "name": "A small model",
        "network_data_format": {
            "outputs": {"pred": {"channel_def": {"0": "Opacity", "1": "Effusion"}}}
        },
        "radsal": {
            "id": "small",
            "operating_points": {"Opacity": 0.4, "Effusion": 0.6},
            "intended": {"modality": ["DX", "CR"], "body_part": ["CHEST"], "view": ["PA", "AP"]},
        },
    }
    inference = {
        "network_def": {"_target_": "DenseNet", **network},
        "preprocessing": {"_target_": "Compose", "transforms": steps},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [{"_target_": "Activations", "sigmoid": True}],
        },
    }
    for part in ("configs", "models", "docs"):
        (folder / part).mkdir(parents=True)
    (folder / "configs" / "metadata.json").write_text(json.dumps(metadata))
    (folder / "configs" / "inference.json").write_text(json.dumps(inference))
    (folder / "docs" / "README.md").write_text("# A card\n")
    safetensors.torch.save_file(weights, folder / "models" / "model.safetensors")
    return read_package(folder)
