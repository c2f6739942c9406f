"""Ask the model about the image on screen; what was computed once is not computed again."""

from PySide6.QtCore import QObject, Signal

from radsal.app.actions.asker import Asker
from radsal.app.actions.opening import Opening
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority
from radsal.core.radiograph import Radiograph
from radsal.saliency.options import Options
from radsal.session import Session
from radsal.workflow.analysis import AnalysisRequest, make_ready


class Analysing(QObject):
    """Keeps every map on screen in step with image, model, method and finding.

    The first asker is that of ``session.reading``, which is judged. Others may stand beside it:
    all of them are asked when the image or the model changes, the cheap ones first.
    """

    predicted = Signal(object)  # an Analysis whose predictions are on screen, its maps are not
    attached = Signal(object)  # the Analysis that is on screen now
    failed = Signal(object)  # RadSalError: the image on screen has no analysis
    objected = Signal(object)  # sentences: why the model was not made for the image on screen

    def __init__(self, session: Session, services: Services, opening: Opening) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._main = Asker(session.reading, services, self)
        self._beside: tuple[Asker, ...] = ()
        self._main.predicted.connect(self.predicted)
        self._main.attached.connect(self.attached)
        self._main.failed.connect(self.failed)
        self._main.failed.connect(services.trouble)
        opening.presented.connect(self.analyse)
        opening.leaving.connect(self._leave)
        session.reading.events.finding.connect(self._follow_finding)

    # what the reader chooses -----------------------------------------------------------------

    def choose_model(self, model_id: str) -> None:
        """Ask this model from now on."""
        package = self._services.package(model_id)
        if package is None or package.identity == self._session.reading.model:
            return
        self._leave()
        self._session.reading.choose_model(package.identity)
        self._session.worklist.summaries = {}
        self._make_ready()
        self.analyse()

    def choose_method(self, method: str) -> None:
        """Explain by this method from now on."""
        self._main.leave()
        self._session.reading.choose_method(method)
        self._main.ask()

    def choose_options(self, options: Options) -> None:
        """Explain with these options of the method from now on. Raises KnownError, see Reading."""
        before = self._session.reading.chosen_options
        self._session.reading.choose_options(options)
        if self._session.reading.chosen_options != before:
            self._main.ask()

    def choose_finding(self, finding: str) -> None:
        """Look at this finding; its map is asked for where it is not there."""
        self._session.reading.select_finding(finding)
        self._ask_lacking()

    def analyse_anew(self) -> None:
        """Ask for the maps that are not there; else again for all, whatever is stored or kept."""
        if any(asker.lacking for asker in self._cheap_first()):
            self._ask_lacking()
        else:
            self.analyse(anew=True)

    def analyse(self, *, anew: bool = False) -> None:
        """Analyse the image on screen; what was computed once is not computed again."""
        radiograph = self._session.reading.radiograph
        if radiograph is None or self.request() is None:
            return
        self.objected.emit(self._objections(radiograph))
        for asker in self._cheap_first():
            asker.ask(anew=anew)

    def cancel(self) -> None:
        """Stop the analysis of the reading that is judged."""
        self._main.cancel()

    # what follows from it --------------------------------------------------------------------

    def stand_beside(self, askers: tuple[Asker, ...]) -> None:
        """These are asked about the image, model and finding on screen as well."""
        for asker in set(self._beside) - set(askers):
            asker.leave()
        self._beside = askers
        self._ask_lacking()

    def request(self) -> AnalysisRequest | None:
        """What would be asked now; None without a model."""
        return self._main.request()

    def cheap_request(self) -> AnalysisRequest | None:
        """What can be asked of every case, also of those that nobody looks at."""
        return self._main.cheap_request()

    def _follow_finding(self, finding: str | None) -> None:
        """The map of another finding is wanted, where it is not there: what is asked is not."""
        for asker in (self._main, *self._beside):
            if finding is not None and asker.by_finding:
                asker.leave()
        self._ask_lacking()

    def _ask_lacking(self) -> None:
        for asker in self._cheap_first():
            if asker.lacking:
                asker.ask()

    def _cheap_first(self) -> tuple[Asker, ...]:
        return tuple(sorted((self._main, *self._beside), key=lambda asker: asker.slow))

    def _leave(self) -> None:
        for asker in (self._main, *self._beside):
            asker.leave()

    def _objections(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Said before the model runs; its answer carries the same sentences."""
        model = self._session.reading.model
        package = self._services.package(model.id) if model else None
        if package is None:
            return ()
        return package.intended.objections_to(radiograph.header)

    def _make_ready(self) -> None:
        """Load the model and run it once, before the first film asks for it."""
        request, engines = self.request(), self._services.engines
        if request is not None:
            self._services.computing.submit(
                lambda: make_ready(engines, request),
                Handlers(_nothing, _nothing),  # what is wrong is told with the first film
                Priority.AHEAD,
            )


def _nothing(_: object) -> None:
    """Neither end of the model's preparation is told."""
