"""What the benchmarks share: films of a real size, and warm workers.

Plain ``pytest`` runs every benchmark once, untimed, so that none of them rots. What is compared
stands in one group of one run: the figures are ratios, and nothing asserts a time.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import (
    ComputedRadiographyImageStorage,
    ExplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

from radsal.demo.phantom import make_phantom
from radsal.workflow.engines import Engines

MakePixels = Callable[[tuple[int, int], int], NDArray[np.uint16]]


@pytest.fixture(scope="session")
def make_pixels() -> MakePixels:
    """Stored values of a chest film of any size and depth, with a detector's noise."""
    body = Image.fromarray(make_phantom(1, rows=500).pixels.astype(np.float32) / 4095)

    def make(shape: tuple[int, int], bits: int) -> NDArray[np.uint16]:
        top = (1 << bits) - 1
        smooth = np.asarray(body.resize(shape[::-1], Image.Resampling.BICUBIC))
        noise = np.random.default_rng(0).normal(0, 0.004, shape)
        return np.rint(np.clip(smooth + noise, 0, 1) * top).astype(np.uint16)

    return make


@pytest.fixture(scope="session", params=["uncompressed", "RLE"])
def film_file(
    request: pytest.FixtureRequest,
    make_pixels: MakePixels,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A CR file of 2140 x 1760 pixels, 12 bits; its stem is how it is compressed."""
    path = tmp_path_factory.mktemp("films") / f"{request.param}.dcm"
    data = _computed_radiograph(make_pixels((2140, 1760), 12))
    if request.param == "RLE":
        data.compress(RLELossless)
    data.save_as(path, enforce_file_format=True)
    return path


def _computed_radiograph(pixels: NDArray[np.uint16]) -> FileDataset:
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
    data.WindowCenter, data.WindowWidth = "2048", "4096"
    data.set_pixel_data(pixels, "MONOCHROME2", 12, generate_instance_uid=False)
    data["PixelData"].VR = "OW"
    return data


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The two worker processes; each starts with its first job and stays."""
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
