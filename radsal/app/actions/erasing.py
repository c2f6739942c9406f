"""Erase a hot spot of the image on screen and ask the model again."""

from dataclasses import replace

from PySide6.QtCore import QObject

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.opening import Opening
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority, Task
from radsal.core.erasure import Erasure
from radsal.core.errors import IdentityMismatch, RadSalError
from radsal.core.results import HotSpot
from radsal.session import Session
from radsal.session.evidence import Trial
from radsal.trust.regions import Region
from radsal.workflow.erasing import ErasureRequest, erase

CANCELLED = "Cancelled."
ENOUGH = 10
"""Controls that lower the logit as much, after which no more are needed: p is above 0.1."""


class Erasing(QObject):
    """One erasure at a time; it is given up when the reader leaves the image or the model."""

    def __init__(
        self, session: Session, services: Services, opening: Opening, analysing: Analysing
    ) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._analysing = analysing
        self._task: Task | None = None
        opening.leaving.connect(self.leave)
        session.reading.events.model.connect(self.leave)

    @property
    def spot(self) -> HotSpot | None:
        """The hot spot that would be erased: the active one, or else the first."""
        reading = self._session.reading
        return reading.active_spot or next(iter(reading.spots), None)

    @property
    def busy(self) -> bool:
        """An erasure runs."""
        return self._task is not None and not self._task.done

    def erase(self) -> None:
        """Erase the hot spot and ask again; once more where that was done already."""
        reading, spot = self._session.reading, self.spot
        radiograph, asked = reading.radiograph, self._analysing.cheap_request()
        if radiograph is None or spot is None or asked is None or reading.model is None:
            return
        self.leave()
        evidence = self._session.evidence
        trial = Trial(radiograph.identity, reading.model, spot, evidence.fill_in)
        evidence.begin(trial)
        engines = self._services.engines
        request = ErasureRequest(
            replace(asked, findings=spot.finding),
            Region.of_contour(spot.contour, radiograph.shape).whole(),
            trial.fill_in,
            enough=ENOUGH,
        )
        self._task = self._services.computing.submit(
            lambda: erase(engines, radiograph, request),
            Handlers(
                lambda erasure: self._keep(trial, erasure),
                self._fail,
                event=evidence.asking.go_on,
            ),
            Priority.PATIENT,
        )

    def choose_fill_in(self, name: str) -> None:
        """Put something else in its place from now on."""
        self._session.evidence.fill_in = name

    def cancel(self) -> None:
        """Give the erasure up because the reader says so."""
        if self.busy:
            self.leave()
            self._session.evidence.end(CANCELLED)

    def leave(self) -> None:
        """Give the erasure up because something else is wanted."""
        if self._task is not None and self.busy:
            self._task.cancel()
        self._task = None
        self._session.evidence.end()

    def _keep(self, trial: Trial, erasure: Erasure) -> None:
        try:
            self._session.evidence.keep(trial, erasure)
        except IdentityMismatch as late:
            self._session.evidence.end()
            self._services.said.emit(late.reason)

    def _fail(self, error: RadSalError) -> None:
        self._session.evidence.end()
        self._session.evidence.asking.fail(error)
