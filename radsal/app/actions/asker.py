"""Ask for the map of one reading, until it is there, is given up or fails."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority, Task
from radsal.core.errors import IdentityMismatch, RadSalError
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.saliency.catalogue import GRADCAM, takes_long, title_of
from radsal.session import Reading
from radsal.workflow.analysis import ALL, AnalysisRequest, Preview
from radsal.workflow.recalling import recalled, stored_or_new

CANCELLED = "Cancelled: not computed. F5 computes it."


class Asker(QObject):
    """Keeps the map of a reading in step with its image, model, method, options and finding.

    A method that explains one finding at a time is asked about the finding on screen. Where no
    finding is selected yet the predictions are asked for first, with a cheap method's maps.
    """

    predicted = Signal(object)  # an Analysis by a cheap method, whose predictions are on screen now
    attached = Signal(object)  # the Analysis that is on screen now
    failed = Signal(object)  # RadSalError: the reading has no map

    def __init__(self, reading: Reading, services: Services, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reading = reading
        self._services = services
        self._task: Task | None = None

    @property
    def slow(self) -> bool:
        """Its method is one that the others need not wait for."""
        return self.reading.takes_long

    @property
    def by_finding(self) -> bool:
        """It is asked about one finding: about another it has to be asked again."""
        return not self.reading.explains_at_once

    @property
    def lacking(self) -> bool:
        """The selected finding has no map, and it was not asked for."""
        reading = self.reading
        wanted = reading.radiograph is not None and reading.finding is not None
        return wanted and reading.asks and reading.saliency is None and not self.busy

    @property
    def busy(self) -> bool:
        """An answer is waited for."""
        return self._task is not None and not self._task.done

    def request(self) -> AnalysisRequest | None:
        """What would be asked now; None without a model."""
        if self.slow and self.reading.finding is None:
            return self.cheap_request()
        return self._request(self.reading.method, self.reading.finding if self.by_finding else ALL)

    def cheap_request(self) -> AnalysisRequest | None:
        """What can be asked of every case: the method where it is cheap, else Grad-CAM."""
        return self._request(GRADCAM.name if self.slow else self.reading.method, ALL)

    def _request(self, method: str, findings: str | None) -> AnalysisRequest | None:
        model = self.reading.model
        package = self._services.package(model.id) if model else None
        if package is None or findings is None or not self.reading.asks:
            return None
        wanted = self._services.settings
        return AnalysisRequest.of(
            package,
            method,
            findings,
            mass=wanted.hot_spot_mass,
            device=wanted.device,
            options=self.reading.options.get(method),
        )

    def ask(self, *, anew: bool = False) -> None:
        """Ask for the map; what was computed once is not computed again, unless ``anew``."""
        self.leave()
        radiograph, request = self.reading.radiograph, self.request()
        if radiograph is None or request is None:
            return
        self.reading.asking.begin(self._subject(request))
        done = self._attach if request.method == self.reading.method else self._predict
        # the end of a cancelled task is told by ``cancel``: later it might end the next one's
        handlers = Handlers(done, self._fail, event=self._follow)
        if anew:
            self._compute(radiograph, request, handlers, anew=True)
        else:
            self._recall(radiograph, request, handlers)

    def _recall(self, radiograph: Radiograph, request: AnalysisRequest, handlers: Handlers) -> None:
        """What is known does not wait for what is being computed."""
        services = self._services

        def found(known: Analysis | None) -> None:
            if known is None:
                self._compute(radiograph, request, handlers)
            else:
                handlers.success(known)

        self._task = services.recalling.submit(
            lambda: recalled(services.store, services.maps, radiograph, request),
            Handlers(found, handlers.failure),
        )

    def _compute(
        self,
        radiograph: Radiograph,
        request: AnalysisRequest,
        handlers: Handlers,
        *,
        anew: bool = False,
    ) -> None:
        self._task = submit(self._services, radiograph, request, handlers, anew=anew)

    def _subject(self, request: AnalysisRequest) -> str:
        title = title_of(request.method)
        return title if request.findings == ALL else f"{title} for {request.findings}"

    def cancel(self) -> None:
        """Give the answer up because the reader says so."""
        if self.busy:
            self.leave()
            self.reading.drop_preview()
            self.reading.asking.end(CANCELLED)

    def leave(self) -> None:
        """Give the answer up because something else is wanted."""
        if self._task is not None and self.busy:
            self._task.cancel()
            self.reading.asking.end()
        self._task = None

    def _follow(self, event: Any) -> None:
        if isinstance(event, Progress):
            self.reading.asking.go_on(event)
        elif isinstance(event, Preview):
            try:
                self.reading.show_preview(event.analysis)
            except IdentityMismatch as late:
                self._services.said.emit(late.reason)

    def _predict(self, analysis: Analysis) -> None:
        self.reading.asking.end()
        try:
            self.reading.predict(analysis)
        except IdentityMismatch as late:
            self._services.said.emit(late.reason)
            return
        self.predicted.emit(analysis)
        if self.lacking:
            self.ask()

    def _attach(self, analysis: Analysis) -> None:
        self.reading.asking.end()
        try:
            self.reading.attach(analysis)
        except IdentityMismatch as late:
            self._services.said.emit(late.reason)
            return
        self.attached.emit(analysis)

    def _fail(self, error: RadSalError) -> None:
        self.reading.drop_preview()
        self.reading.asking.fail(error)
        self.failed.emit(error)


def submit(
    services: Services,
    radiograph: Radiograph,
    request: AnalysisRequest,
    handlers: Handlers,
    priority: Priority | None = None,
    *,
    anew: bool = False,
) -> Task:
    """Queue an analysis; the handlers' ``success`` gets the Analysis.

    Without a priority it is for the screen, where what is slow lets what is cheap go first.
    """
    if priority is None:
        priority = Priority.PATIENT if takes_long(request.method) else Priority.SCREEN
    return services.computing.submit(
        lambda: stored_or_new(
            services.store, services.maps, services.engines, radiograph, request, anew=anew
        ),
        handlers,
        priority,
    )
