"""The column of findings: from the top down it is a reader's work on one case."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from radsal.app.panels.evidence_box import EvidenceBox
from radsal.app.panels.findings_list import FindingsList
from radsal.app.panels.notices import Notices
from radsal.app.panels.progress_box import ProgressBox
from radsal.app.panels.read_footer import KEYS, ReadFooter
from radsal.app.panels.spots_list import SpotsList
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.labels import label, rule
from radsal.app.widgets.observe import Observer, Refresh
from radsal.core.radiograph import ImageHeader
from radsal.session import Session
from radsal.session.reading import Reading

WIDTH = 372


class FindingsPanel(QFrame):
    """Findings, hot spots, verdicts, signature.

    Parameters
    ----------
    keys:
        The keys that the buttons name: ``sign``, ``amend``, ``next``, ``report``.

    Signals
    -------
    findingChosen(str), spotChosen(str):
        The finding, or the id of the hot spot, to look at.
    judged(str, Cause | None, Agreement | None):
        A verdict on a hot spot; no cause means "cannot assess", no agreement the usual one.
    noted(str, str), withdrawn(str):
        Note of the verdict on a hot spot; a verdict taken back.
    remarked(str):
        The remark on the whole read.
    signRequested(), amendRequested(), nextRequested(), reportRequested(), cancelRequested():
        What the buttons ask for. Before each of the first four, what is still being typed is
        told as ``noted`` and ``remarked``.
    eraseRequested(), keepRequested(), fillInChosen(str):
        Erase the hot spot and run again; no, leave it; what stands there instead.
    """

    findingChosen = Signal(str)  # noqa: N815
    spotChosen = Signal(str)  # noqa: N815
    judged = Signal(str, object, object)
    noted = Signal(str, str)
    withdrawn = Signal(str)
    remarked = Signal(str)
    signRequested = Signal()  # noqa: N815
    amendRequested = Signal()  # noqa: N815
    nextRequested = Signal()  # noqa: N815
    reportRequested = Signal()  # noqa: N815
    cancelRequested = Signal()  # noqa: N815
    eraseRequested = Signal()  # noqa: N815
    keepRequested = Signal()  # noqa: N815
    fillInChosen = Signal(str)  # noqa: N815

    def __init__(
        self,
        session: Session,
        tokens: Tokens = DARK,
        keys: Mapping[str, str] = KEYS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._objections: tuple[ImageHeader | None, tuple[str, ...]] = (None, ())
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH)
        self.findings = FindingsList(tokens)
        self.notices = Notices(tokens)
        self.progress = ProgressBox()
        self.spots = SpotsList(tokens)
        self.evidence = EvidenceBox(session, tokens)
        self.footer = ReadFooter(tokens, keys)
        self.empty = label("", "secondary", wrap=True)
        self._rule = rule()
        self._room = QWidget()  # while there is only work to be seen
        self._lay_out()
        self._forward()
        self._observe()

    def set_objections(self, sentences: tuple[str, ...]) -> None:
        """Say, before there is an answer, why the model was not made for the image on screen."""
        self._objections = (self._session.reading.header, sentences)
        self._follow()

    def set_notice(self, text: str) -> None:
        """Tell of something that happened, such as a restarted worker, until it is dismissed."""
        self.notices.restarted.say(text, dismissable=True)
        self.notices.refit()

    def commit(self) -> None:
        """Tell texts that are still being typed: before the case is left, signed or reported."""
        self.spots.commit()
        self.footer.remark.commit()

    def _forward(self) -> None:
        self.findings.findingChosen.connect(self.commit)
        self.findings.findingChosen.connect(self.findingChosen)
        self.spots.spotChosen.connect(self.spotChosen)
        self.spots.judged.connect(self.judged)
        self.spots.noted.connect(self.noted)
        self.spots.withdrawn.connect(self.withdrawn)
        self.footer.remarked.connect(self.remarked)
        self.progress.cancelRequested.connect(self.cancelRequested)
        self.evidence.eraseRequested.connect(self.eraseRequested)
        self.evidence.cancelRequested.connect(self.keepRequested)
        self.evidence.fillInChosen.connect(self.fillInChosen)
        for name in ("signRequested", "amendRequested", "nextRequested", "reportRequested"):
            asked = getattr(self.footer, name)
            asked.connect(self.commit)
            asked.connect(getattr(self, name))

    def _observe(self) -> None:
        reading, asking = self._session.reading.events, self._session.reading.asking.events
        self._refresh = Refresh(self, self._follow)
        observer = Observer(self)
        observer.watch(self._refresh.later, *(reading[name] for name in reading), asking.ended)
        observer.watch(self._follow_work, asking.progress, asking.subject)
        evidence = self._session.evidence
        observer.watch(self.evidence.follow, evidence.events.erasures, evidence.events.fill_in)
        work = evidence.asking.events
        observer.watch(self.evidence.follow, work.progress, work.ended)
        self._follow()

    def _follow_work(self) -> None:
        """Only the beginning and the end of work change more than its box."""
        shown = not self.progress.isHidden()
        self.progress.follow(self._session.reading.asking)
        if shown == self.progress.isHidden():
            self._refresh.later()

    def _follow(self) -> None:
        reading = self._session.reading
        analysis, working = reading.analysis, reading.asking.progress is not None
        self.findings.follow(reading)
        self.spots.follow(reading)
        self.evidence.follow()
        self.footer.follow(reading)
        image, objections = self._objections
        known = objections if image == reading.header and reading.radiograph else ()
        self.notices.follow(analysis.notes if analysis else known, reading.read)
        judged = reading.saliency is not None or (analysis is not None and reading.explains_at_once)
        self.findings.setVisible(bool(reading.predictions))
        for part in (self.spots, self._rule):
            part.setVisible(judged)
        self.footer.setVisible(reading.case is not None)
        self.progress.follow(reading.asking)
        self.empty.setText(nothing_text(reading))
        self.empty.setVisible(not judged and not working)
        self._room.setVisible(not judged and working)

    def _lay_out(self) -> None:
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.empty.setContentsMargins(14, 14, 14, 14)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.findings, self.progress, self.notices, self._rule):
            column.addWidget(part)
        for filling in (self.empty, self.spots, self._room):
            column.addWidget(filling, 1)
        column.addWidget(self.evidence)
        column.addWidget(self.footer)


def nothing_text(reading: Reading) -> str:
    """Why there is nothing to judge yet."""
    if reading.case is None:
        return "Choose a case: the model's findings and its hot spots are judged here."
    if reading.refusal is not None:
        return "The image was refused, so there is nothing to judge."
    if reading.radiograph is None:
        return "Waiting for the image."
    if reading.asking.ended:
        what = reading.asking.subject if reading.predictions else "This image was not analysed"
        return f"{what}. {reading.asking.ended}"
    return "This image has not been analysed yet."
