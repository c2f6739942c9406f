"""What a worker is asked to run: ``"radsal.dicom.jobs:load"`` and ``…:read_records``."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from radsal.core.decoded import Decoded
from radsal.core.identity import ImageIdentity
from radsal.dicom.reading import decode, pixel_sha256
from radsal.dicom.scanning import read_records

__all__ = ["load", "read_records", "warm_up"]


def load(path: Path, frame: int = 1) -> Generator[Decoded, None, ImageIdentity]:
    """Decode one frame. Raises Refusal.

    The identity takes as long as everything else of an uncompressed film: a thread computes it
    while the pixels are on their way to the window.
    """
    decoded = decode(path, frame)
    with ThreadPoolExecutor(1, "hashing") as beside:
        hashing = beside.submit(pixel_sha256, decoded.stored)
        yield decoded
        return ImageIdentity(decoded.header.sop_instance_uid, frame, hashing.result())


def warm_up() -> None:
    """Importing this module (pydicom and its decoders with it) is the slow part of a start."""
