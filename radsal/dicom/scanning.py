"""Read the headers of files, in batches."""

import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from radsal.core.errors import Refusal
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.dicom.finding import find_files
from radsal.dicom.reading import read_header

BATCH = 64  # headers
PATIENCE = 0.1  # seconds between two batches

Found = ImageHeader | Refused
ScanEvent = Progress | tuple[Found, ...]


def scan(paths: Sequence[Path]) -> Generator[ScanEvent, None, None]:
    """Read headers.

    Yields
    ------
    Batches of up to 64 files or 100 ms, one :class:`ImageHeader` or :class:`Refused` for each
    file, in the order of :func:`~radsal.dicom.finding.find_files`; after each batch the number of files so far.
    """
    done = 0
    for batch in _batches(paths):
        yield batch
        done += len(batch)
        yield Progress(done, 0, "Reading headers")


def _batches(paths: Sequence[Path]) -> Iterator[tuple[Found, ...]]:
    batch: list[Found] = []
    since = time.monotonic()
    for path in find_files(paths):
        batch.append(header_or_refused(path))
        if len(batch) >= BATCH or time.monotonic() - since > PATIENCE:
            yield tuple(batch)
            batch, since = [], time.monotonic()
    if batch:
        yield tuple(batch)


def header_or_refused(path: Path) -> Found:
    """The header of one file, or why it has none."""
    try:
        return read_header(path)
    except Refusal as refusal:
        return Refused(path, refusal.code, refusal.reason)
