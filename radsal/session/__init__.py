"""What is open: the list of cases, the read in progress, and how its image is looked at.

Enters: values from ``workflow``. Leaves: psygnal signals that say which field changed. Why it
exists: views observe these models and never each other, and the rules that keep a result off
another patient's image are kept here, without Qt, where they can be tested in a millisecond.
"""

from radsal.session.reading import Reading
from radsal.session.view import View
from radsal.session.worklist import CaseStatus, Worklist

__all__ = ["CaseStatus", "Reading", "Session", "View", "Worklist"]


class Session:
    """The three models that the window observes."""

    def __init__(self) -> None:
        self.worklist = Worklist()
        self.reading = Reading()
        self.view = View()
