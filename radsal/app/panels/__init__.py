"""The columns beside the image: cases on the left, findings on the right, and the display strip.

Enters: the session's models. Leaves: Qt signals for what is a use case, attributes of
``session.view`` for what is only display. Why it exists: the work of a reader, from the top of the
right column down, is finding, hot spots, one verdict each, sign, next.
"""

from radsal.app.panels.cases_panel import CasesPanel
from radsal.app.panels.display_panel import DisplayPanel
from radsal.app.panels.findings_panel import FindingsPanel

__all__ = ["CasesPanel", "DisplayPanel", "FindingsPanel"]
