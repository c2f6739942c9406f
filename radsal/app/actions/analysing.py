"""Ask the model about the image on screen; what was computed once is taken from the store."""

from PySide6.QtCore import QObject, Signal

from radsal.app.actions.opening import Opening
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority, Task
from radsal.core.errors import IdentityMismatch, RadSalError
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.saliency.options import Options
from radsal.session import Session
from radsal.workflow.analysis import AnalysisRequest, make_ready, stored_or_new


class Analysing(QObject):
    """Keeps the analysis on screen in step with image, model and method."""

    working = Signal(object)  # Progress while the image on screen is analysed, None afterwards
    failed = Signal(object)  # RadSalError: the image on screen has no analysis
    objected = Signal(object)  # sentences: why the model was not made for the image on screen
    attached = Signal(object)  # the Analysis that is on screen now

    def __init__(self, session: Session, services: Services, opening: Opening) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._task: Task | None = None
        opening.presented.connect(self.analyse)
        opening.leaving.connect(self.cancel)

    def choose_model(self, model_id: str) -> None:
        """Ask this model from now on."""
        package = self._services.package(model_id)
        if package is None or package.identity == self._session.reading.model:
            return
        self.cancel()
        self._session.reading.choose_model(package.identity)
        self._session.worklist.summaries = {}
        self._make_ready()
        self.analyse()

    def choose_method(self, method: str) -> None:
        """Explain by this method from now on."""
        self.cancel()
        self._session.reading.choose_method(method)
        self.analyse()

    def choose_options(self, options: Options) -> None:
        """Explain with these options of the method from now on. Raises KnownError, see Reading."""
        before = self._session.reading.chosen_options
        self._session.reading.choose_options(options)
        if self._session.reading.chosen_options != before:
            self.cancel()
            self.analyse()

    def _make_ready(self) -> None:
        """Load the model and run it once, before the first film asks for it."""
        request, engines = self.request(), self._services.engines
        if request is not None:
            self._services.computing.submit(
                lambda: make_ready(engines, request),
                Handlers(_nothing, _nothing),  # what is wrong is told with the first film
                Priority.AHEAD,
            )

    def request(self) -> AnalysisRequest | None:
        """What would be asked now; None without a model."""
        model = self._session.reading.model
        package = self._services.package(model.id) if model else None
        if package is None:
            return None
        wanted, reading = self._services.settings, self._session.reading
        return AnalysisRequest.of(
            package,
            reading.method,
            mass=wanted.hot_spot_mass,
            device=wanted.device,
            options=reading.chosen_options,
        )

    def analyse_anew(self) -> None:
        """Ask the model again about the image on screen, whatever is stored."""
        self.analyse(anew=True)

    def analyse(self, *, anew: bool = False) -> None:
        """Analyse the image on screen; what was computed once is taken from the store."""
        radiograph, request = self._session.reading.radiograph, self.request()
        if radiograph is None or request is None:
            return
        self.cancel()
        self.objected.emit(self._objections(radiograph))
        self.working.emit(Progress(0, 0, "Waiting for the model"))
        # the end of a cancelled task is told by ``cancel``: later it might end the next one's
        handlers = Handlers(self._attach, self._fail, event=self.working.emit)
        self._task = self.ask(radiograph, request, handlers, Priority.SCREEN, anew=anew)

    def _objections(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Said before the model runs; its answer carries the same sentences."""
        model = self._session.reading.model
        package = self._services.package(model.id) if model else None
        if package is None:
            return ()
        return package.intended.objections_to(radiograph.header)

    def ask(
        self,
        radiograph: Radiograph,
        request: AnalysisRequest,
        handlers: Handlers,
        priority: Priority,
        *,
        anew: bool = False,
    ) -> Task:
        """Queue an analysis; the handlers' ``success`` gets the Analysis."""
        services = self._services
        return services.computing.submit(
            lambda: stored_or_new(services.store, services.engines, radiograph, request, anew=anew),
            handlers,
            priority,
        )

    def cancel(self) -> None:
        """Stop the analysis of the image on screen."""
        if self._task is not None and not self._task.done:
            self._task.cancel()
            self.working.emit(None)
        self._task = None

    def _attach(self, analysis: Analysis) -> None:
        self.working.emit(None)
        try:
            self._session.reading.attach(analysis)
        except IdentityMismatch as late:
            self._services.said.emit(late.reason)
            return
        self.attached.emit(analysis)

    def _fail(self, error: RadSalError) -> None:
        self.working.emit(None)
        self.failed.emit(error)
        self._services.trouble(error)


def _nothing(_: object) -> None:
    """Neither end of the model's preparation is told."""
