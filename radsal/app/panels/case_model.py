"""The list of cases as Qt sees it: 100,000 rows, no widget for any of them."""

from collections import OrderedDict
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QImage

from radsal.app.widgets.labels import tip
from radsal.app.widgets.words import exam, patient
from radsal.review.case import Case
from radsal.session.worklist import Worklist

KEPT_THUMBNAILS = 2000

Index = QModelIndex | QPersistentModelIndex


class CaseRole(IntEnum):
    """What a row is asked for beyond its text."""

    CASE = Qt.ItemDataRole.UserRole + 1
    SUMMARY = Qt.ItemDataRole.UserRole + 2
    ACTIVE = Qt.ItemDataRole.UserRole + 3
    THUMBNAIL = Qt.ItemDataRole.UserRole + 4


class CaseModel(QAbstractListModel):
    """Cases of a worklist that match a search, and which of them is on screen.

    Signals
    -------
    restyled():
        Rows look different; none came, went or changed its size. Instead of ``dataChanged``, after
        which a QListView lays out every row anew: a tenth of a second for ten thousand.
    """

    restyled = Signal()

    def __init__(self, worklist: Worklist, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worklist = worklist
        self._known: tuple[Case, ...] = ()
        self._words: list[str] = []
        self._shown: list[Case] = []
        self._query = ""
        self._active: str | None = None
        self._thumbnails: OrderedDict[str, QImage] = OrderedDict()
        self.take_cases()

    # for the view ----------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """Cases that match the search."""
        return 0 if parent is not None and parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What the delegate draws and a screen reader says."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        case = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return patient(case.first)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(_facts(case))
        return self._own_data(case, role)

    def _own_data(self, case: Case, role: int) -> Any:
        uid = case.study_instance_uid
        if role == CaseRole.CASE:
            return case
        if role == CaseRole.SUMMARY:
            return self._worklist.summary(uid)
        if role == CaseRole.ACTIVE:
            return uid == self._active
        return self._thumbnails.get(uid) if role == CaseRole.THUMBNAIL else None

    # what changes ----------------------------------------------------------------------------

    def take_cases(self) -> None:
        """Follow the worklist: append what is new, start over where more than that changed."""
        cases = self._worklist.cases
        grown = cases[: len(self._known)] == self._known
        fresh = cases[len(self._known) :] if grown else cases
        words = [_words(case) for case in fresh]
        self._words = [*self._words, *words] if grown else words
        self._known = cases
        if grown:
            self._append([case for case in fresh if self._matches(case, _words(case))])
        else:
            self._start_over()

    def take_summaries(self) -> None:
        """The words at the right changed; only rows in sight are drawn again.

        A result may begin or cease to match a search.
        """
        if self._query and self._matching() != self._shown:
            self._start_over()
        else:
            self._changed()

    def search(self, query: str) -> None:
        """Show the cases whose name, id, exam or result contains a text."""
        query = query.strip().casefold()
        if query != self._query:
            self._query = query
            self._start_over()

    def set_active(self, case: Case | None) -> None:
        """Mark the case on screen."""
        self._active = case.study_instance_uid if case else None
        self._changed()

    def set_thumbnail(self, study_uid: str, image: QImage) -> None:
        """Show a small picture; the oldest ones are forgotten after two thousand."""
        self._thumbnails[study_uid] = _compact(image)
        self._thumbnails.move_to_end(study_uid)
        while len(self._thumbnails) > KEPT_THUMBNAILS:
            self._thumbnails.popitem(last=False)
        self._changed()

    def row_of(self, case: Case | None) -> int | None:
        """Row of a case, None where it is not in the list or the search hides it."""
        if case is None:
            return None
        uid = case.study_instance_uid
        places = (row for row, c in enumerate(self._shown) if c.study_instance_uid == uid)
        return next(places, None)

    def _append(self, cases: list[Case]) -> None:
        if cases:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(cases) - 1)
            self._shown.extend(cases)
            self.endInsertRows()

    def _start_over(self) -> None:
        self.beginResetModel()
        self._shown = self._matching()
        self.endResetModel()

    def _matching(self) -> list[Case]:
        pairs = zip(self._known, self._words, strict=True)
        return [case for case, words in pairs if self._matches(case, words)]

    def _matches(self, case: Case, words: str) -> bool:
        if self._query in words:
            return True
        return self._query in self._worklist.summary(case.study_instance_uid).line.casefold()

    def _changed(self) -> None:
        self.restyled.emit()


def _compact(image: QImage) -> QImage:
    """The same picture in a quarter of the memory where it is gray, as films are."""
    return image.convertToFormat(QImage.Format.Format_Grayscale8) if image.allGray() else image


def _words(case: Case) -> str:
    header = case.first
    parts = (header.patient_name, header.patient_id, header.accession_number, exam(header))
    return "\n".join(parts).casefold()


def _facts(case: Case) -> str:
    header = case.first
    images = f"{len(case.images)} image" + "s" * (len(case.images) > 1)
    parts = (patient(header), header.patient_id, exam(header), images)
    return "\n".join(part for part in parts if part)
