"""What the benchmarks share: films of a real size, and warm workers.

Plain ``pytest`` runs every benchmark once, untimed, so that none of them rots. What is compared
stands in one group of one run: the figures are ratios, and nothing asserts a time.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monai.networks.nets import DenseNet121
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    generate_uid,
)

from radsal.core.identity import ModelIdentity
from radsal.demo.phantom import make_phantom
from radsal.inference.classifier import Classifier
from radsal.inference.components import Component
from radsal.inference.devices import choose_device
from radsal.inference.package import ModelPackage
from radsal.workflow.engines import Engines

MakePixels = Callable[..., NDArray[np.uint16]]
MakeFilm = Callable[[NDArray[np.uint16], int], FileDataset]
Frozen = Callable[[DenseNet121, tuple[str, ...]], Classifier]


@pytest.fixture(scope="session")
def make_pixels() -> MakePixels:
    """Stored values of a chest film of any size and depth, with a detector's noise.

    ``noise`` is its standard deviation as a share of the full range.
    """
    body = Image.fromarray(make_phantom(1, rows=500).pixels.astype(np.float32) / 4095)

    def make(shape: tuple[int, int], bits: int, noise: float = 0.004) -> NDArray[np.uint16]:
        top = (1 << bits) - 1
        smooth = np.asarray(body.resize(shape[::-1], Image.Resampling.BICUBIC))
        grain = np.random.default_rng(0).normal(0, noise, shape)
        return np.rint(np.clip(smooth + grain, 0, 1) * top).astype(np.uint16)

    return make


@pytest.fixture(scope="session")
def make_film() -> MakeFilm:
    """A CR object of an exam of its own, uncompressed, from pixels of so many bits."""

    def make(pixels: NDArray[np.uint16], bits: int) -> FileDataset:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid(None)
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
        data.SOPClassUID = meta.MediaStorageSOPClassUID
        data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(None), generate_uid(None)
        data.Modality, data.BodyPartExamined, data.ViewPosition = "CR", "CHEST", "PA"
        data.PatientName, data.PatientID = "Phantom^Benchmark", "0"
        data.PatientOrientation = ["L", "F"]
        data.ImagerPixelSpacing = ["0.2", "0.2"]
        data.WindowCenter, data.WindowWidth = str(1 << (bits - 1)), str(1 << bits)
        data.set_pixel_data(pixels, "MONOCHROME2", bits, generate_instance_uid=False)
        data["PixelData"].VR = "OW"
        return data

    return make


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The worker processes; each starts with its first job and stays."""
    with Engines() as made:
        yield made


@pytest.fixture(scope="session")
def to_the_end() -> Callable[[Generator[Any, None, Any]], Any]:
    """Run a use case and give what it returns."""

    def run(work: Generator[Any, None, Any]) -> Any:
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    return run


@pytest.fixture(scope="session")
def frozen() -> Frozen:
    """A classifier of a frozen copy of a DenseNet121 of one channel, as packages are loaded."""

    def freeze(network: DenseNet121, findings: tuple[str, ...]) -> Classifier:
        arguments = {"in_channels": 1, "out_channels": len(findings)}
        twin = DenseNet121(spatial_dims=2, **arguments)
        twin.load_state_dict(network.state_dict())
        package = ModelPackage(
            identity=ModelIdentity("benchmark", "0" * 64),
            folder=Path("nowhere"),
            labels=findings,
            operating_points=(0.5,) * len(findings),
            network=Component("DenseNet121", tuple(arguments.items())),
            preprocessing=(),
            activation="sigmoid",
            weights=Path("nowhere"),
        )
        return Classifier(package, twin, choose_device("cpu"))

    return freeze
