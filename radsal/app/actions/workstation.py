"""The actions put together, as the window and the tests drive them."""

from radsal.app.actions.ahead import Ahead
from radsal.app.actions.analysing import Analysing
from radsal.app.actions.clearing import Clearing
from radsal.app.actions.comparing import Comparing
from radsal.app.actions.erasing import Erasing
from radsal.app.actions.judging import Judging
from radsal.app.actions.layers import LayerChoices
from radsal.app.actions.opening import Opening
from radsal.app.actions.reporting import Reporting
from radsal.app.actions.services import Services
from radsal.session import Session
from radsal.settings import SettingsError


class Workstation:
    """One session, the services it uses, and what can be done with them."""

    def __init__(self, session: Session, services: Services) -> None:
        self.session = session
        self.services = services
        self.opening = Opening(session, services)
        self.analysing = Analysing(session, services, self.opening)
        self.layers = LayerChoices(services, self.analysing)
        self.comparing = Comparing(session, services, self.analysing)
        self.erasing = Erasing(session, services, self.opening, self.analysing)
        self.judging = Judging(session, services, self.analysing)
        self.reporting = Reporting(session, services)
        self.clearing = Clearing(services)
        self.ahead = Ahead(session, services, self.opening, self.analysing)

    def start(self) -> None:
        """Start the workers and choose the model of the settings, or the first there is."""
        self.services.engines.warm_up()
        wanted, view = self.services.settings, self.session.view
        view.colormap = wanted.colormap
        view.opacity, view.threshold = wanted.heatmap_opacity, wanted.heatmap_threshold
        view.scale, view.sign = wanted.heatmap_scale, wanted.heatmap_sign
        self.session.reading.choose_method(wanted.method)
        chosen = self.services.package(wanted.model) or next(iter(self.services.packages), None)
        if chosen is not None:
            self.analysing.choose_model(chosen.identity.id)

    def change_reader(self, name: str) -> None:
        """Give verdicts under another name from now on, also after a restart."""
        name = name.strip()[:200]
        if not name or name == self.services.settings.reader:
            return
        try:
            self.services.change_settings(reader=name)
        except SettingsError as error:
            self.services.trouble(error)
        self.session.worklist.summaries = {}
        self.judging.start_over()
        self.ahead.start_over()
