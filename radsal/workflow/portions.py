"""What a walk through folders hands on: files in the order in which they are met."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from radsal.core.records import Found, found_in

Stamp = tuple[int, int, int]  # as radsal.storage.index.Stamp


class Run(NamedTuple):
    """Files of one folder that are met one after the other.

    ``folder`` is as named, ``key`` its absolute path, as the folder index knows it. Each file has a
    name, a stamp, and the record that the index holds for this stamp, or None: it must be read.
    """

    folder: str
    key: str
    names: list[str]
    stamps: list[Stamp]
    records: list[str | None]


class Portion(NamedTuple):
    """Runs that are met one after the other."""

    runs: tuple[Run, ...]


Gone = tuple[tuple[str, str], ...]  # (key of the folder, name) of files that the index still knows


@dataclass(slots=True)
class File:
    """A file that must be read: where it stands in its portion, and what it is called."""

    place: int
    run: Run
    name: str
    stamp: Stamp

    @property
    def path(self) -> str:
        """Path as named."""
        return os.path.join(self.run.folder, self.name)  # noqa: PTH118 - this is for a process


@dataclass(eq=False)
class Findings:
    """A portion while its files become headers and refusals, in order.

    Attributes
    ----------
    found:
        One for each file; None where it must still be read.
    unread:
        The files that must be read.
    given:
        How many of ``found`` have been handed on.
    """

    found: list[Found | None] = field(default_factory=list)
    unread: list[File] = field(default_factory=list)
    given: int = 0

    @classmethod
    def of(cls, portion: Portion) -> "Findings":
        """Take what the index knows; all else must be read."""
        findings = cls()
        for run in portion.runs:
            findings._add(run)
        return findings

    def _add(self, run: Run) -> None:
        first, known = len(self.found), _known(run)
        self.found += known
        if None not in known:
            return
        self.unread += [
            File(first + place, run, name, stamp)
            for place, (name, stamp) in enumerate(zip(run.names, run.stamps, strict=True))
            if known[place] is None
        ]

    def take(self) -> Sequence[Found]:
        """What can be handed on now: everything up to the first file that must still be read."""
        ready: list[Found] = []
        for item in islice(self.found, self.given, None):
            if item is None:
                break
            ready.append(item)
        self.given += len(ready)
        return ready

    @property
    def complete(self) -> bool:
        """Everything was handed on."""
        return self.given == len(self.found)


def _known(run: Run) -> list[Found | None]:
    """What the records of a run say; None for a file without one, or with one that is damaged."""
    records = [record for record in run.records if record is not None]
    if not records:
        return [None] * len(run.names)
    folder = Path(run.folder)
    pairs = zip(run.names, run.records, strict=True)
    paths = [folder / name for name, record in pairs if record is not None]
    try:
        known = iter(found_in(records, paths))
    except ValueError:
        return [None] * len(run.names)
    return [None if record is None else next(known) for record in run.records]
