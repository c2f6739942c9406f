"""What a worker is asked to run: ``"radsal.dicom.jobs:load"`` and ``…:scan_paths``."""

from collections.abc import Generator, Sequence
from pathlib import Path

from radsal.core.radiograph import Radiograph
from radsal.dicom.reading import read_radiograph
from radsal.dicom.scanning import ScanEvent, scan


def load(path: Path, frame: int = 1) -> Radiograph:
    """Decode one frame. Raises Refusal."""
    return read_radiograph(path, frame)


def scan_paths(paths: Sequence[Path]) -> Generator[ScanEvent, None, None]:
    """Read headers in batches. See :func:`radsal.dicom.scanning.scan`."""
    yield from scan(paths)


def warm_up() -> None:
    """Importing this module (pydicom and its decoders with it) is the slow part of a start."""
