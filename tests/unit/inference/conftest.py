"""Packages for the tests: small, seeded, written anew for each test that wants one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import safetensors.torch
import torch
from monai.networks.nets import DenseNet
from numpy.typing import NDArray
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

NETWORK: dict[str, Any] = {
    "_target_": "DenseNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 2,
    "init_features": 8,
    "growth_rate": 4,
    "block_config": [2, 2],
}

PREPROCESSING: list[dict[str, Any]] = [
    {"_target_": "EnsureChannelFirst", "channel_dim": "no_channel"},
    {"_target_": "ScaleIntensity"},
    {"_target_": "Resize", "spatial_size": [64, 48], "mode": "bilinear"},
]


def metadata(**own: Any) -> dict[str, Any]:
    return {
        "version": "0.1.0",
        "name": "A test model",
        "network_data_format": {
            "outputs": {"pred": {"channel_def": {"0": "Opacity", "1": "Effusion"}}}
        },
        "radsal": {
            "id": "test-model",
            "operating_points": {"Opacity": 0.4, "Effusion": 0.6},
            "intended": {"modality": ["DX", "CR"], "body_part": ["CHEST"], "view": ["PA", "AP"]},
            **own,
        },
    }


def inference() -> dict[str, Any]:
    return {
        "network_def": dict(NETWORK),
        "preprocessing": {"_target_": "Compose", "transforms": [dict(s) for s in PREPROCESSING]},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [{"_target_": "Activations", "sigmoid": True}],
        },
    }


def small_densenet(seed: int = 0) -> DenseNet:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return DenseNet(2, 1, 2, init_features=8, growth_rate=4, block_config=(2, 2)).eval()


WritePackage = Callable[..., Path]


@pytest.fixture
def write_package(tmp_path: Path) -> WritePackage:
    """Write a sound package; each part can be replaced."""

    def write(
        name: str = "test-model",
        *,
        meta: Any = None,
        config: Any = None,
        state: dict[str, torch.Tensor] | None = None,
        card: str = "# A card\n",
    ) -> Path:
        folder = tmp_path / name
        for part in ("configs", "models", "docs"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        _write_json(folder / "configs/metadata.json", metadata() if meta is None else meta)
        _write_json(folder / "configs/inference.json", inference() if config is None else config)
        (folder / "docs/README.md").write_text(card)
        weights = small_densenet().state_dict() if state is None else state
        safetensors.torch.save_file(weights, folder / "models/model.safetensors")
        return folder

    return write


def _write_json(path: Path, content: Any) -> None:
    path.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def sound_metadata() -> Callable[..., dict[str, Any]]:
    return metadata


@pytest.fixture
def sound_inference() -> Callable[[], dict[str, Any]]:
    return inference


@pytest.fixture
def densenet() -> Callable[[int], DenseNet]:
    return small_densenet


def write_dicom(path: Path, pixels: NDArray[np.integer], bits: int = 8, **changes: Any) -> Path:
    """A DX film of those stored values, such as MONAI's reader takes too."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = meta_class = "1.2.840.10008.5.1.4.1.1.1.1"
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    film = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    film.SOPClassUID, film.SOPInstanceUID = meta_class, "2.25.1"
    film.StudyInstanceUID, film.SeriesInstanceUID = "2.25.2", "2.25.3"
    film.Modality, film.BodyPartExamined, film.ViewPosition = "DX", "CHEST", "PA"
    film.SamplesPerPixel, film.PhotometricInterpretation = 1, "MONOCHROME2"
    film.Rows, film.Columns = pixels.shape
    film.BitsAllocated = 8 if bits == 8 else 16
    film.BitsStored, film.HighBit, film.PixelRepresentation = bits, bits - 1, 0
    raw = pixels.astype("u1" if bits == 8 else "<u2").tobytes()
    film.PixelData = raw + b"\0" * (len(raw) % 2)
    for keyword, value in changes.items():
        setattr(film, keyword, value)
    pydicom.dcmwrite(path, film, enforce_file_format=True)
    return path


@pytest.fixture
def save_dicom() -> Callable[..., Path]:
    return write_dicom
