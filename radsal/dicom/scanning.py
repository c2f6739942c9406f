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
        yield from _walk(path) if _is_folder(path) else (path,)


def _walk(top: Path) -> Iterator[Path]:
    """Files below a folder; the real paths met are kept, so that links make no loop.

    Without recursion: folders may lie deeper than Python's stack.
    """
    pending, seen = [top], set[str]()
    while pending:
        path = pending.pop()
        if not _is_folder(path):
            yield path
            continue
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        try:
            pending += reversed(_entries(path))
        except OSError:
            yield path


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, by name, without what is skipped. Raises OSError."""
    with os.scandir(folder) as entries:
        named = sorted(entries, key=lambda entry: entry.name)
    found = [Path(entry.path) for entry in named if not entry.name.startswith(".")]
    return [path for path in found if path.name.upper() != "DICOMDIR" or _is_folder(path)]


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises on a long name, or a link loop


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
