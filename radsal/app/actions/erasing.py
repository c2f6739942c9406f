"""Erase a hot spot of the image on screen and ask the model again."""

from PySide6.QtCore import QObject

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.opening import Opening
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority, Task
from radsal.core.erasure import Erasure
from radsal.core.errors import IdentityMismatch
from radsal.session import Session
from radsal.session.evidence import Trial
from radsal.workflow.erasing import erase_spot

CANCELLED = "Cancelled."


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
    def busy(self) -> bool:
        """An erasure runs."""
        return self._task is not None and not self._task.done

    def erase(self) -> None:
        """Erase the hot spot and ask again; once more where that was done already."""
        reading, evidence = self._session.reading, self._session.evidence
        radiograph, spot = reading.radiograph, reading.spot_at_hand
        asked = self._analysing.cheap_request()
        if radiograph is None or spot is None or asked is None:
            return
        self.leave()
        trial = Trial(radiograph.identity, asked.model, spot, evidence.fill_in)
        evidence.asking.begin(f"Erasing hot spot {spot.rank}")
        engines = self._services.engines
        self._task = self._services.computing.submit(
            lambda: erase_spot(engines, radiograph, spot, asked, trial.fill_in),
            Handlers(
                lambda erasure: self._keep(trial, erasure),
                evidence.asking.fail,
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
            self._session.evidence.asking.end(CANCELLED)

    def leave(self) -> None:
        """Give the erasure up because something else is wanted."""
        if self._task is not None and self.busy:
            self._task.cancel()
        self._task = None
        self._session.evidence.asking.end()

    def _keep(self, trial: Trial, erasure: Erasure) -> None:
        self._session.evidence.asking.end()
        try:
            self._session.evidence.keep(trial, erasure)
        except IdentityMismatch as late:
            self._services.said.emit(late.reason)
