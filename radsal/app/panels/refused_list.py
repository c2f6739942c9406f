"""The refused files: a list with reasons, folded away until it is asked for."""

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from radsal.app.theme.fonts import SMALL, TINY, ui_font
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.icons import icon
from radsal.app.widgets.labels import tip
from radsal.app.widgets.observe import Observer
from radsal.core.refused import Refused
from radsal.session.worklist import Worklist

ROW = 40
MOST_ROWS = 5
ITEM = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class RefusedModel(QAbstractListModel):
    """Refused files in the order they were met."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._items: tuple[Refused, ...] = ()

    def rowCount(self, parent: Index | None = None) -> int:  # noqa: N802
        """How many files were refused."""
        return 0 if parent is not None and parent.isValid() else len(self._items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The refused file of a row, as text or as it is."""
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{name_of(item)}: {item.code}. {item.reason}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(f"{item.path}\n{item.code}: {item.reason} {item.remedy}".rstrip())
        return item if role == ITEM else None

    def take(self, items: tuple[Refused, ...]) -> None:
        """Show these."""
        self.beginResetModel()
        self._items = items
        self.endResetModel()


class RefusedDelegate(QStyledItemDelegate):
    """Two lines: file and code, reason."""

    def __init__(self, tokens: Tokens = DARK, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        """All rows are equally high."""
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        item: Refused = index.data(ITEM)
        box: QRect = option.rect.adjusted(12, 3, -12, -3)
        painter.save()
        painter.setFont(ui_font(TINY))
        code = QFontMetrics(painter.font()).horizontalAdvance(item.code) + 8
        self._line(painter, box, item.code, self._tokens.amber, Qt.AlignmentFlag.AlignRight)
        painter.setFont(ui_font(SMALL))
        self._line(painter, box.adjusted(0, 0, -code, 0), name_of(item), self._tokens.text)
        below = box.translated(0, 17)
        painter.setFont(ui_font(TINY))
        self._line(painter, below, item.reason, self._tokens.secondary)
        painter.restore()

    def _line(
        self,
        painter: QPainter,
        box: QRect,
        text: str,
        colour: str,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        painter.setPen(QColor(colour))
        room = QRect(box.left(), box.top(), box.width(), 17)
        mode = Qt.TextElideMode.ElideRight
        shown = QFontMetrics(painter.font()).elidedText(text, mode, room.width())
        painter.drawText(room, align | Qt.AlignmentFlag.AlignVCenter, shown)


class RefusedList(QWidget):
    """Hidden while nothing was refused; one line with the count until it is opened."""

    def __init__(
        self, worklist: Worklist, tokens: Tokens = DARK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._worklist, self._tokens = worklist, tokens
        self.model = RefusedModel(self)
        self.fold = QPushButton()
        self.fold.setProperty("role", "fold")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._follow_fold)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(RefusedDelegate(tokens, self))
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.list.setAccessibleName("Refused files")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 4)
        column.setSpacing(0)
        column.addWidget(self.fold)
        column.addWidget(self.list)
        Observer(self).watch(self._follow, worklist.events.refused)
        self._follow()

    def _follow(self) -> None:
        items = self._worklist.refused
        self.model.take(items)
        self.fold.setText(f"Refused files ({len(items):,})")
        self.list.setFixedHeight(ROW * min(len(items), MOST_ROWS))
        self.setVisible(bool(items))
        self._follow_fold()

    def _follow_fold(self) -> None:
        shown = self.fold.isChecked()
        self.list.setVisible(shown)
        self.fold.setIcon(icon("open" if shown else "closed", self._tokens.secondary))


def name_of(item: Refused) -> str:
    """The file's own name: the folders are in the tip."""
    return PurePath(item.path).name or str(item.path)
