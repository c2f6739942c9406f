"""The column of cases."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from radsal.app.panels.case_delegate import CaseDelegate
from radsal.app.panels.case_model import CaseModel, CaseRole
from radsal.app.panels.refused_list import RefusedList
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.icons import icon
from radsal.app.widgets.labels import heading, label
from radsal.app.widgets.observe import Observer, Refresh
from radsal.session import CaseStatus, Session

WIDTH = 264
NOTHING_OPEN = "Cases appear here as files are read."
NOTHING_FOUND = "No case matches the search."


class CasesPanel(QFrame):
    """Search, list and refused files.

    Signals
    -------
    caseChosen(Case):
        A click on a case, or Enter.
    """

    caseChosen = Signal(object)  # noqa: N815

    def __init__(
        self, session: Session, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH)
        self.model = CaseModel(session.worklist, self)
        self.search = self._make_search(tokens)
        self._count, self._hint = heading(), label("", "secondary", wrap=True)
        self.list = self._make_list(tokens)
        self.refused = RefusedList(session.worklist, tokens, self)
        self._lay_out()
        self._observe()

    def set_thumbnail(self, study_uid: str, image: QImage) -> None:
        """Give a case its small picture."""
        self.model.set_thumbnail(study_uid, image)

    def _observe(self) -> None:
        worklist, reading = self._session.worklist.events, self._session.reading.events
        self._refresh = Refresh(self, self._count_cases)
        observer = Observer(self)
        observer.watch(self._take_cases, worklist.cases)
        observer.watch(self._take_summaries, worklist.summaries)
        observer.watch(self._mark_active, reading.case)
        self._count_cases()
        self._mark_active()

    def _take_cases(self) -> None:
        self.model.take_cases()
        self._refresh.later()

    def _take_summaries(self) -> None:
        self.model.take_summaries()
        self._refresh.later()

    def _mark_active(self) -> None:
        case = self._session.reading.case
        self.model.set_active(case)
        row = self.model.row_of(case)
        if row is not None:
            index = self.model.index(row)
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _search(self, text: str) -> None:
        self.model.search(text)
        self._count_cases()
        self._mark_active()

    def _count_cases(self) -> None:
        worklist, shown = self._session.worklist, self.model.rowCount()
        total = len(worklist.cases)
        signed = sum(s.status is CaseStatus.SIGNED for s in worklist.summaries.values())
        noun = "CASE" if total == 1 else "CASES"
        found = f"{shown:,} OF {total:,}" if shown != total else f"{total:,}"
        self._count.setText(f"{found} {noun} · {signed:,} SIGNED" if total else "CASES")
        self.search.setPlaceholderText(f"Search {total:,} {noun.lower()}" if total else "Search")
        self._hint.setText(NOTHING_FOUND if total else NOTHING_OPEN)
        self._hint.setVisible(shown == 0)
        self.list.setVisible(shown > 0)

    def _choose(self, index: QModelIndex) -> None:
        case = index.data(CaseRole.CASE)
        if case is not None and case is not self._session.reading.case:
            self.caseChosen.emit(case)

    def _make_search(self, tokens: Tokens) -> QLineEdit:
        field = QLineEdit()
        field.setClearButtonEnabled(True)
        field.addAction(icon("search", tokens.faint), QLineEdit.ActionPosition.LeadingPosition)
        field.setAccessibleName("Search cases")
        field.setToolTip("Name, id, exam or result")
        field.textChanged.connect(self._search)
        return field

    def _make_list(self, tokens: Tokens) -> QListView:
        view = QListView()
        view.setModel(self.model)
        self.model.restyled.connect(view.viewport().update)
        view.setItemDelegate(CaseDelegate(tokens, self))
        view.setUniformItemSizes(True)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName("Cases")
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        return view

    def _lay_out(self) -> None:
        top = QVBoxLayout()
        top.setContentsMargins(10, 10, 10, 6)
        top.setSpacing(10)
        top.addWidget(self.search)
        heads = QHBoxLayout()
        heads.addWidget(self._count)
        heads.addStretch()
        heads.addWidget(heading("Status"))
        top.addLayout(heads)
        top.addWidget(self._hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        column.addWidget(self.refused)
