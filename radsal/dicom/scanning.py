"""Read the headers of files, one after the other."""

import time
from collections.abc import Sequence
from pathlib import Path

from radsal.core.errors import Refusal
from radsal.core.records import Found, record_of
from radsal.core.refused import Refused
from radsal.dicom.reading import read_header


def header_or_refused(path: Path) -> Found:
    """The header of one file, or why it has none."""
    try:
        return read_header(path)
    except Refusal as refusal:
        return Refused(path, refusal.code, refusal.reason, refusal.remedy)


def read_records(paths: Sequence[str], patience: float) -> list[str]:
    """Records (:mod:`radsal.core.records`) of the first of some files, at least of one.

    Ends at the last file, or at the first after ``patience`` seconds: on a slow disk too, whoever
    waits hears of every few files, and can ask for no more.
    """
    records: list[str] = []
    until = time.monotonic() + patience
    for path in paths:
        records.append(record_of(header_or_refused(Path(path))))
        if time.monotonic() > until:
            break
    return records
