"""Find image files and read their headers, in batches."""

import os
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path

from radsal.core.errors import Refusal
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.dicom.reading import read_header

BATCH = 64  # headers
PATIENCE = 0.1  # seconds between two batches

Found = ImageHeader | Refused
ScanEvent = Progress | tuple[Found, ...]


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Files named, and the files in folders named: recursive, sorted, lazily.

    Hidden files and folders and DICOMDIR files are skipped inside folders, never where named. What
    does not exist, and a folder that cannot be read, is handed on, so that it is refused by name.
    """
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises on too long a name
            yield from _walk(path, set())
        else:
            yield path


def _walk(folder: Path, seen: set[str]) -> Iterator[Path]:
    """Files below a folder; ``seen`` holds the real paths met, so that links make no loop."""
    real = os.path.realpath(folder)
    if real in seen:
        return
    seen.add(real)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if os.path.isdir(entry.path):  # noqa: PTH112 - is_dir raises on a link to itself
            yield from _walk(Path(entry.path), seen)
        elif entry.name.upper() != "DICOMDIR":
            yield Path(entry.path)


def scan(paths: Sequence[Path]) -> Generator[ScanEvent, None, None]:
    """Read headers.

    Yields
    ------
    Batches of up to 64 files or 100 ms, one :class:`ImageHeader` or :class:`Refused` for each
    file, in the order of :func:`find_files`; after each batch the number of files so far.
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
