"""Set other methods' maps beside the one that is judged, and ask for them."""

from PySide6.QtCore import QObject

from radsal.app.actions.analysing import Analysing
from radsal.app.actions.asker import Asker
from radsal.app.actions.services import Services
from radsal.session import Pane, Session


class Comparing(QObject):
    """What can be done with the panes of ``session.comparison``; each has an asker of its own."""

    def __init__(self, session: Session, services: Services, analysing: Analysing) -> None:
        super().__init__()
        self._session = session
        self._services = services
        self._analysing = analysing
        self._askers: dict[Pane, Asker] = {}
        session.comparison.events.panes.connect(self._follow)

    @property
    def on(self) -> bool:
        """Methods are compared."""
        return bool(self._session.comparison.panes)

    def toggle(self) -> None:
        """Compare with another method, or go back to the one map."""
        comparison = self._session.comparison
        if self.on:
            comparison.stop()
        else:
            self.add()

    def add(self) -> None:
        """One more pane, with a method that is not shown yet; nothing where there is no room."""
        comparison = self._session.comparison
        if comparison.room:
            comparison.add(comparison.next_method())

    def remove(self, pane: Pane) -> None:
        """One pane less."""
        self._session.comparison.remove(pane)

    def choose(self, pane: Pane, method: str) -> None:
        """Show another method, or the consensus, in a pane."""
        asker = self._askers[pane]
        asker.leave()
        pane.choose_method(method)
        asker.ask()

    def cancel(self, pane: Pane) -> None:
        """Stop the analysis of a pane."""
        self._askers[pane].cancel()

    def read_with(self, pane: Pane) -> None:
        """Judge by the method of a pane, which shows the one that was judged by so far."""
        before = self._session.reading.method
        self._analysing.choose_method(pane.method)
        self.choose(pane, before)

    def _follow(self, panes: tuple[Pane, ...]) -> None:
        kept = self._askers
        self._askers = {pane: kept.get(pane) or Asker(pane, self._services, self) for pane in panes}
        self._analysing.stand_beside(tuple(self._askers.values()))
        for pane in kept.keys() - self._askers.keys():
            kept[pane].deleteLater()
