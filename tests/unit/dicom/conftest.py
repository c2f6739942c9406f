"""Generated DICOM files: small, made from scratch by pydicom, free of any person."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from radsal.core.radiograph import Radiograph
from radsal.dicom.reading import read_radiograph

MakeFilm = Callable[..., Dataset]
Save = Callable[..., Path]


def _film(
    pixels: NDArray[np.integer] | None = None,
    *,
    bits: int | None = None,
    photometric: str = "MONOCHROME2",
    syntax: UID = ExplicitVRLittleEndian,
    frames: int | None = None,
    **attributes: Any,
) -> Dataset:
    """A DX object; None for an attribute leaves it out. ``pixels``: (rows, columns) or frames."""
    if pixels is None:
        pixels = np.arange(12 * 10, dtype=np.uint16).reshape(12, 10) * 30
    size = pixels.dtype.itemsize * 8
    film = Dataset()
    film.file_meta = FileMetaDataset()
    film.file_meta.TransferSyntaxUID = syntax
    film.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    film.file_meta.MediaStorageSOPInstanceUID = "2.25.101"
    film.SOPClassUID = DigitalXRayImageStorageForPresentation
    film.SOPInstanceUID = "2.25.101"
    film.StudyInstanceUID = "2.25.102"
    film.SeriesInstanceUID = "2.25.103"
    film.Modality = "DX"
    film.SamplesPerPixel = 1
    film.PhotometricInterpretation = photometric
    if frames is not None:
        film.NumberOfFrames = frames
    film.Rows, film.Columns = pixels.shape[-2:]
    film.BitsAllocated = size
    film.BitsStored = bits or size
    film.HighBit = film.BitsStored - 1
    film.PixelRepresentation = int(pixels.dtype.kind == "i")
    order = "<" if syntax.is_little_endian else ">"
    raw = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    film.add_new("PixelData", "OW" if size == 16 else "OB", raw + b"\0" * (len(raw) % 2))
    for keyword, value in attributes.items():
        if value is None:
            delattr(film, keyword)
        else:
            setattr(film, keyword, value)
    return film


def _colour_film(
    pixels: NDArray[np.uint8],
    *,
    photometric: str = "RGB",
    planar: int = 0,
    syntax: UID = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Dataset:
    """An object of 8-bit colours. ``pixels``: (rows, columns, 3), or frames of them."""
    frames = pixels.reshape(-1, *pixels.shape[-3:])
    laid = frames.transpose(0, 3, 1, 2) if planar else frames
    film = _film(frames[0, ..., 0].copy(), photometric=photometric, syntax=syntax)
    film.SamplesPerPixel, film.PlanarConfiguration = 3, planar
    if pixels.ndim == 4:
        film.NumberOfFrames = len(frames)
    raw = laid.tobytes()
    film.add_new("PixelData", "OB", raw + b"\0" * (len(raw) % 2))
    for keyword, value in attributes.items():
        setattr(film, keyword, value)
    return film


def _lut_item(
    first: int, bits: int, entries: NDArray[np.integer], *, packed: bool = False
) -> Dataset:
    """An item of a Modality or VOI LUT Sequence (PS3.3 C.11.1, C.11.2)."""
    item = Dataset()
    vr = "SS" if first < 0 else "US"
    count = len(entries) % 65536
    item.add_new("LUTDescriptor", vr, [count, first, bits])
    item.add_new("LUTData", "OW", entries.astype("u1" if packed else "<u2").tobytes())
    return item


@pytest.fixture(scope="session")
def make_film() -> MakeFilm:
    return _film


@pytest.fixture(scope="session")
def make_colour() -> MakeFilm:
    return _colour_film


@pytest.fixture(scope="session")
def lut_item() -> Callable[..., Dataset]:
    return _lut_item


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Write a data set under the test's folder."""

    def written(film: Dataset, name: str = "film.dcm") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        film.save_as(path, enforce_file_format=True)
        return path

    return written


@pytest.fixture
def read(make_film: MakeFilm, save: Save) -> Callable[..., Radiograph]:
    """Make a film, write it and read it as RadSal does."""

    def through_a_file(*args: Any, **kwargs: Any) -> Radiograph:
        return read_radiograph(save(make_film(*args, **kwargs)))

    return through_a_file


@pytest.fixture(scope="session")
def dcmtk() -> Callable[[str], str]:
    """Path of a tool of DCMTK; the test is skipped without it, but not in CI."""

    def tool(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            reason = f"{name} (DCMTK) is not installed"
            pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
        return found

    return tool
