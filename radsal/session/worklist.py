"""The cases that are open, what was refused, and how far each case is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.errors import RefusalCode
from radsal.core.figures import percent
from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused
from radsal.core.results import Analysis
from radsal.review.case import Case, group_cases
from radsal.review.read import Read, ReadState

_STRANGER = "Another patient's image carries the same Study Instance UID; the exam is not mixed."
_REPEATED = "The same SOP instance is open already, from {}."


class CaseStatus(StrEnum):
    """The word at the right of a case in the list."""

    NEW = ""
    ANALYSING = "analysing"
    READY = "ready"
    DRAFT = "draft"
    SIGNED = "signed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CaseSummary:
    """What the list says of a case beyond its header."""

    status: CaseStatus = CaseStatus.NEW
    line: str = ""  # such as "Opacity 94%"
    judged: int = 0
    spots: int = 0


def summary_of(analysis: Analysis | None, read: Read | None) -> CaseSummary:
    """What the list says of a case with this analysis and this read.

    The read may hold verdicts on other images and maps of the case too: they are not counted
    against the hot spots of this one.
    """
    found = analysis.hot_spots if analysis else ()
    judged = 0
    if read is not None and analysis is not None:
        judged = sum(read.verdict_on(analysis.image, spot.id) is not None for spot in found)
    status = CaseStatus.READY if analysis else CaseStatus.NEW
    if read is not None and read.state is not ReadState.DRAFT:
        status = CaseStatus.SIGNED
    elif read is not None and read.revision:
        status = CaseStatus.DRAFT
    return CaseSummary(status, _headline(analysis) if analysis else "", judged, len(found))


def _headline(analysis: Analysis) -> str:
    top = analysis.striking
    return f"{top.finding} {percent(top.probability)}" if top else ""


@dataclass(eq=False)
class Worklist:
    """Open cases in the order they were met, and refused files."""

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    cases: tuple[Case, ...] = ()
    refused: tuple[Refused, ...] = ()
    summaries: dict[str, CaseSummary] = field(default_factory=dict)

    def add(self, found: Iterable[ImageHeader | Refused]) -> None:
        """Take in a batch of a scan: one event per kind, not one per file."""
        batch = list(found)
        headers = [item for item in batch if isinstance(item, ImageHeader)]
        refused = [item for item in batch if isinstance(item, Refused)]
        if headers:
            self._take_back(h.path for h in headers)
            self.cases, strangers = group_cases(headers, self.cases)
            refused += [Refused(s.path, RefusalCode.CORRUPT, _STRANGER) for s in strangers]
            refused += self._repeated([h for h in headers if h not in strangers])
        if refused:
            self.refuse(*refused)

    def _take_back(self, paths: Iterable[Path]) -> None:
        """A file that can be read now is refused no more."""
        readable = set(paths)
        if any(item.path in readable for item in self.refused):
            self.refused = tuple(r for r in self.refused if r.path not in readable)

    def _repeated(self, headers: list[ImageHeader]) -> list[Refused]:
        """Files that hold an SOP instance which another file of the exam brought first."""
        exams = {header.study_instance_uid for header in headers}
        shown = {
            (case.study_instance_uid, image.sop_instance_uid): image.path
            for case in self.cases
            if case.study_instance_uid in exams
            for image in case.images
        }
        first = [(h, shown[h.study_instance_uid, h.sop_instance_uid]) for h in headers]
        return [
            Refused(h.path, RefusalCode.DUPLICATE, _REPEATED.format(path.name))
            for h, path in first
            if path != h.path
        ]

    def refuse(self, *refused: Refused) -> None:
        """List files as refused; a path stands once, with its latest reason."""
        paths = {item.path for item in refused}
        self.refused = (*(r for r in self.refused if r.path not in paths), *refused)

    def clear(self) -> None:
        """Forget everything that is open."""
        self.cases, self.refused, self.summaries = (), (), {}

    def summary(self, study_instance_uid: str) -> CaseSummary:
        """What is known of a case."""
        return self.summaries.get(study_instance_uid, CaseSummary())

    def summarise(self, study_instance_uid: str, summary: CaseSummary) -> None:
        """Say something new about a case."""
        if self.summary(study_instance_uid) != summary:
            self.summaries = {**self.summaries, study_instance_uid: summary}

    def current(self, case: Case | None) -> Case | None:
        """The case as it is in the list now: a scan may have found more images of the exam."""
        uid = case.study_instance_uid if case else None
        return next((c for c in self.cases if c.study_instance_uid == uid), None)

    def neighbour(self, case: Case | None, step: int) -> Case | None:
        """The case ``step`` places further, None past either end; the first for no case."""
        if not self.cases:
            return None
        if case is None:
            return self.cases[0]
        uids = [c.study_instance_uid for c in self.cases]
        place = uids.index(case.study_instance_uid) + step
        return self.cases[place] if 0 <= place < len(uids) else None
