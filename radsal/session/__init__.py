"""What is open: the list of cases, the read in progress, and how its image is looked at.

Enters: values from ``workflow``. Leaves: psygnal signals that say which field changed. Why it
exists: views observe these models and never each other, and the rules that keep a result off
another patient's image are kept here, without Qt, where they can be tested in a millisecond.
"""

from typing import Protocol

from radsal.session.comparison import Comparison
from radsal.session.evidence import Evidence
from radsal.session.pane import Pane
from radsal.session.reading import Reading
from radsal.session.view import View
from radsal.session.worklist import CaseStatus, Worklist

__all__ = [
    "Beside",
    "CaseStatus",
    "Comparison",
    "Evidence",
    "Pane",
    "Reading",
    "Scene",
    "Session",
    "View",
    "Worklist",
]


class Scene(Protocol):
    """What a view of the image needs: what is shown, and how."""

    @property
    def reading(self) -> Reading:
        """What is shown."""

    @property
    def view(self) -> View:
        """How it is looked at."""


class Session:
    """The models that the window observes."""

    def __init__(self) -> None:
        self.worklist = Worklist()
        self.reading = Reading()
        self.comparison = Comparison(self.reading)
        self.evidence = Evidence()
        self.view = View()


class Beside:
    """A pane under the session's own view: window, zoom and position are the same in all panes."""

    def __init__(self, pane: Pane, session: Session) -> None:
        self.reading = pane
        self.view = session.view
