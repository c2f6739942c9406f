"""Look ahead: analyse the cases that the reader has not come to yet, one at a time."""

from PySide6.QtCore import QObject

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.asker import submit
from radsal.app.actions.opening import Opening
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority
from radsal.core.errors import RadSalError, Refusal
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.results import Analysis
from radsal.review.case import Case
from radsal.review.read import Read
from radsal.session import CaseStatus, Session
from radsal.session.worklist import CaseSummary, summary_of
from radsal.workflow.analysis import AnalysisRequest


class Ahead(QObject):
    """Fills the list of cases with answers while the reader looks at one of them.

    Of a method that takes long only the case on screen is asked; the others get a cheap one's.
    """

    def __init__(
        self, session: Session, services: Services, opening: Opening, analysing: Analysing
    ) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._opening = opening
        self._analysing = analysing
        self._running: str | None = None
        self._seen: set[tuple[str, str]] = set()  # (exam, model SHA-256): done or given up
        analysing.predicted.connect(self.go_on)
        analysing.attached.connect(self.go_on)
        analysing.failed.connect(self.go_on)
        opening.scanning.connect(self._scanned)
        session.reading.events.model.connect(self.start_over)

    @property
    def done(self) -> bool:
        """Every open case has an answer or was given up."""
        request = self._analysing.cheap_request()
        return self._running is None and request is not None and self._next(request) is None

    def start_over(self, *_: object) -> None:
        """Ask of every case anew: another model or another reader."""
        self._seen.clear()
        if self._session.reading.predictions:
            self.go_on()

    def go_on(self, *_: object) -> None:
        """Take up the next case that has no answer yet, unless one is being worked on."""
        request = self._analysing.cheap_request()
        if self._running is not None or request is None:
            return
        case = self._next(request)
        if case is not None:
            self._running = case.study_instance_uid
            self._seen.add((case.study_instance_uid, request.model.sha256))
            self._look_up_read(case, request)

    def _next(self, request: AnalysisRequest) -> Case | None:
        """The nearest case after the one on screen, then from the top."""
        cases = self._session.worklist.cases
        here = self._session.reading.case
        uids = [case.study_instance_uid for case in cases]
        start = uids.index(here.study_instance_uid) if here else 0
        for case in (*cases[start + 1 :], *cases[:start]):
            if (case.study_instance_uid, request.model.sha256) not in self._seen:
                return case
        return None

    def _scanned(self, progress: object) -> None:
        if progress is None and self._session.reading.predictions:
            self.go_on()

    def _look_up_read(self, case: Case, request: AnalysisRequest) -> None:
        store, reader = self._services.store, self._services.settings.reader
        self._services.storing.submit(
            lambda: store.open_read(case.study_instance_uid, reader, request.model),
            Handlers(
                lambda read: self._load(case, request, read),
                lambda error: self._give_up(case.first, error),
                self._stopped,
            ),
            Priority.IDLE,
        )

    def _load(self, case: Case, request: AnalysisRequest, read: Read | None) -> None:
        self._say(
            case, CaseSummary(CaseStatus.ANALYSING) if read is None else summary_of(None, read)
        )
        self._opening.load(
            case.first,
            lambda radiograph: self._ask(case, request, read, radiograph),
            self._give_up,
            Priority.IDLE,
        )

    def _ask(
        self, case: Case, request: AnalysisRequest, read: Read | None, radiograph: Radiograph
    ) -> None:
        submit(
            self._services,
            radiograph,
            request,
            Handlers(
                lambda analysis: self._answered(case, read, analysis),
                lambda error: self._give_up(case.first, error),
                self._stopped,
            ),
            Priority.IDLE,
        )

    def _answered(self, case: Case, read: Read | None, analysis: Analysis) -> None:
        if analysis.model == self._session.reading.model:
            self._say(case, summary_of(analysis, read))
        self._stopped()
        self.go_on()

    def _give_up(self, header: ImageHeader, error: RadSalError) -> None:
        """The reader is told when the case is opened; of a refused image the list says it."""
        if isinstance(error, Refusal):
            refused = CaseSummary(CaseStatus.REFUSED, error.reason)
            self._session.worklist.summarise(header.study_instance_uid, refused)
        else:
            self._session.worklist.summarise(header.study_instance_uid, CaseSummary())
        self._stopped()
        self.go_on()

    def _say(self, case: Case, summary: CaseSummary) -> None:
        here = self._session.reading.case
        if here is None or here.study_instance_uid != case.study_instance_uid:
            self._session.worklist.summarise(case.study_instance_uid, summary)

    def _stopped(self) -> None:
        self._running = None
