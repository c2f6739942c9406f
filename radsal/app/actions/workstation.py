"""The actions put together, as the window and the tests drive them."""

from radsal.app.actions.ahead import Ahead
from radsal.app.actions.analysing import Analysing
from radsal.app.actions.judging import Judging
from radsal.app.actions.opening import Opening
from radsal.app.actions.reporting import Reporting
from radsal.app.actions.services import Services
from radsal.session import Session


class Workstation:
    """One session, the services it uses, and what can be done with them."""

    def __init__(self, session: Session, services: Services) -> None:
        self.session = session
        self.services = services
        self.opening = Opening(session, services)
        self.analysing = Analysing(session, services, self.opening)
        self.judging = Judging(session, services, self.analysing)
        self.reporting = Reporting(session, services)
        self.ahead = Ahead(session, services, self.opening, self.analysing)

    def start(self) -> None:
        """Start the workers and choose the model of the settings, or the first there is."""
        self.services.engines.warm_up()
        self.session.reading.choose_method(self.services.settings.method)
        wanted = self.services.settings.model
        chosen = self.services.package(wanted) or next(iter(self.services.packages), None)
        if chosen is not None:
            self.analysing.choose_model(chosen.identity.id)
