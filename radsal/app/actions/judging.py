"""Verdicts, remarks and signature; every change is saved at once, in order, off the GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers
from radsal.core.errors import IdentityMismatch, RadSalError, ReviewError
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, HotSpot
from radsal.review.case import Case
from radsal.review.read import Read, ReadState, now
from radsal.review.vocabulary import Agreement, Cause
from radsal.session import Session
from radsal.session.worklist import summary_of
from radsal.workflow import reading as use


@dataclass(frozen=True, slots=True, eq=False)
class Unsaved:
    """A state of a read that is not in the store yet, with all that it was given on."""

    read: Read
    radiograph: Radiograph
    analysis: Analysis
    seen: tuple[use.Seen, ...]

    @property
    def everything(self) -> tuple[use.Seen, ...]:
        """Every analysis that goes into the store with it."""
        return (*self.seen, use.Seen(self.radiograph.header, self.analysis))


class Judging(QObject):
    """The reader's read of the case on screen."""

    unsaved = Signal(int, int)  # saves that are queued or running; reads whose last save failed

    def __init__(self, session: Session, services: Services, analysing: Analysing) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._revisions: dict[str, int] = {}  # read id -> revision in the store
        self._waiting = 0
        self._newest: dict[str, Unsaved] = {}  # read id -> the newest state that is not saved yet
        self._kept: dict[str, Unsaved] = {}  # read id -> that state, where a save of it failed
        self._seen: dict[ImageIdentity, use.Seen] = {}  # of the case on screen, by the model there
        analysing.attached.connect(self._see)
        analysing.predicted.connect(self._resume)
        analysing.attached.connect(self._resume)

    # what the reader does --------------------------------------------------------------------

    def judge(self, cause: Cause | None, agreement: Agreement | None = None) -> None:
        """Give the active hot spot its verdict; no cause says that it cannot be assessed."""
        spot = self._session.reading.active_spot
        if spot is not None:
            self.judge_spot(spot, cause, agreement)

    def judge_spot(
        self, spot: HotSpot, cause: Cause | None, agreement: Agreement | None = None
    ) -> None:
        """Give a hot spot of the finding on screen its verdict; its note stays."""
        radiograph = self._session.reading.radiograph
        if radiograph is None:
            return
        old = self._session.reading.verdict_on(spot)
        note = old.note if old else ""
        self._change(
            lambda read: read.judge(use.verdict_for(radiograph, spot, cause, agreement, note))
        )

    def note(self, spot: HotSpot, text: str) -> None:
        """Write a note beside a verdict that is there."""
        old = self._session.reading.verdict_on(spot)
        if old is not None and old.note != text:
            self._change(lambda read: read.judge(replace(old, note=text, given_at=now())))

    def withdraw(self, spot: HotSpot) -> None:
        """Take a verdict back."""
        radiograph = self._session.reading.radiograph
        if radiograph is not None:
            self._change(lambda read: read.withdraw(radiograph.identity, spot.id))

    def remark(self, text: str) -> None:
        """Write the overall remark."""
        self._change(lambda read: read.remark(text))

    def sign(self) -> None:
        """Lock the read under the reader's name, where there is something to sign."""
        if self._session.reading.signable:
            self._change(Read.sign)

    def amend(self) -> None:
        """Begin a new draft that corrects the signed read."""
        self._change(Read.amendment)

    def start_over(self) -> None:
        """Take up the read of another reader, who was named just now."""
        reading = self._session.reading
        reading.read = reading.saved_at = None
        self._seen = {}
        if reading.analysis is not None:
            self._resume(reading.analysis)

    # what follows from it --------------------------------------------------------------------

    def _change(self, change: Callable[[Read], Read]) -> None:
        reading = self._session.reading
        if reading.read is None or reading.radiograph is None or reading.analysis is None:
            return
        try:
            changed = change(reading.read)
        except ReviewError as error:
            self._services.trouble(error)
            return
        if changed is reading.read:
            return
        reading.read = changed
        self._save(changed, reading.radiograph, reading.analysis)
        self._summarise(changed, reading.analysis)

    def _save(self, read: Read, radiograph: Radiograph, analysis: Analysis) -> None:
        """Queue a save. It counts on from the revision that the save before it left."""
        store, revisions = self._services.store, self._revisions
        seen = self._beside(read, radiograph)
        unsaved = self._newest[read.id] = Unsaved(read, radiograph, analysis, seen)

        def work() -> Read:
            known = replace(read, revision=revisions.get(read.id, read.revision))
            saved = use.save(store, known, radiograph, analysis, seen)
            revisions[read.id] = saved.revision
            return saved

        def done(saved: Read) -> None:
            if self._newest.get(read.id) is unsaved:
                del self._newest[read.id]
                self._kept.pop(read.id, None)  # a save before this one may have failed
            self._saved(saved)

        def failed(error: RadSalError) -> None:
            self._kept[read.id] = self._newest[read.id]
            self._failed(error)

        self._kept.pop(read.id, None)
        self._count(+1)
        self._services.storing.submit(work, Handlers(done, failed))

    def _see(self, analysis: Analysis) -> None:
        """Remember, of each image of the case, the analysis that was on screen last."""
        radiograph = self._session.reading.radiograph
        if radiograph is None or radiograph.identity != analysis.image:
            return
        subject = (radiograph.header.study_instance_uid, analysis.model)
        self._seen = {image: s for image, s in self._seen.items() if _subject(s) == subject}
        self._seen[analysis.image] = use.Seen(radiograph.header, analysis)

    def _beside(self, read: Read, radiograph: Radiograph) -> tuple[use.Seen, ...]:
        """What must be stored with a read: other images, and what its last save did not bring."""
        subject = (read.study_instance_uid, read.model)
        others = [s for s in self._seen.values() if s.analysis.image != radiograph.identity]
        before = self._newest.get(read.id)
        return (
            *(s for s in others if _subject(s) == subject),
            *(before.everything if before else ()),
        )

    def _saved(self, saved: Read) -> None:
        self._count(-1)
        reading = self._session.reading
        if reading.read is not None and reading.read.id == saved.id:
            reading.saved_at = saved.updated_at

    def _failed(self, error: RadSalError) -> None:
        self._count(-1)
        self._services.trouble(error)

    def _count(self, change: int) -> None:
        self._waiting += change
        self.unsaved.emit(self._waiting, self.kept_unsaved)

    def save_again(self) -> None:
        """Save once more what could not be saved, after the cause was mended."""
        for unsaved in tuple(self._kept.values()):
            self._save(unsaved.read, unsaved.radiograph, unsaved.analysis)

    @property
    def waiting(self) -> int:
        """Saves that are queued or running."""
        return self._waiting

    @property
    def kept_unsaved(self) -> int:
        """Reads whose last save failed; they are held in memory."""
        return len(self._kept)

    def _resume(self, analysis: Analysis) -> None:
        """Find the reader's draft or signed read of the case; a new draft where there is none."""
        reading, services = self._session.reading, self._services
        case, model = reading.case, reading.model
        if case is None or model is None:
            return
        if reading.read is not None:  # another image of the same case
            self._summarise(reading.read, analysis)
            return
        reader = services.settings.reader
        waiting = [unsaved.read for unsaved in self._newest.values()]
        unsaved = [read for read in waiting if _is_of(read, case, reader, model)]
        if unsaved:  # what waits for the database is newer than what it holds
            reading.resume(unsaved[-1])  # an amendment comes after the read that it amends
            self._summarise(unsaved[-1], analysis)
            return
        services.storing.submit(
            lambda: use.resume_or_begin(services.store, case, reader, model),
            Handlers(lambda read: self._resumed(read, analysis), services.trouble),
        )

    def _resumed(self, read: Read, analysis: Analysis) -> None:
        if self._session.reading.read is not None:
            return  # it was found already, and may have verdicts by now
        if read.reader != self._services.settings.reader:
            return  # another reader sat down meanwhile
        self._revisions[read.id] = read.revision
        try:
            self._session.reading.resume(read, read.updated_at if read.revision else None)
        except IdentityMismatch:
            return  # the reader has gone on to another case
        if read.revision and read.state is ReadState.DRAFT:
            self._services.said.emit(f"Draft of {read.updated_at:%d %b %Y %H:%M} UTC recovered")
        self._summarise(read, analysis)

    def _summarise(self, read: Read, analysis: Analysis) -> None:
        known = replace(read, revision=max(read.revision, len(read.verdicts)))
        self._session.worklist.summarise(read.study_instance_uid, summary_of(analysis, known))


def _subject(seen: use.Seen) -> tuple[str, ModelIdentity]:
    return seen.header.study_instance_uid, seen.analysis.model


def _is_of(read: Read, case: Case, reader: str, model: ModelIdentity) -> bool:
    subject = (read.study_instance_uid, read.reader, read.model)
    return subject == (case.study_instance_uid, reader, model)
