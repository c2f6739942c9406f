"""Draws one row of the list of cases."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from radsal.app.panels.case_model import CaseRole
from radsal.app.theme.fonts import BASE, SMALL, ui_font
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.icons import pixmap
from radsal.app.widgets.words import clock, exam, patient
from radsal.review.case import Case
from radsal.session.worklist import CaseStatus, CaseSummary

HEIGHT = 64
THUMB = QSize(40, 48)
LEFT = 12
TEXT_LEFT = LEFT + 40 + 10
RIGHT = 12


class CaseDelegate(QStyledItemDelegate):
    """Thumbnail, name, exam, result; at the right the state of the read in a word."""

    def __init__(self, tokens: Tokens = DARK, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._placeholder = pixmap("film", tokens.faint, 22)
        self._fonts = ui_font(BASE), ui_font(SMALL)
        self._colours = {
            CaseStatus.SIGNED: tokens.green,
            CaseStatus.DRAFT: tokens.amber,
            CaseStatus.REFUSED: tokens.red,
        }

    def sizeHint(  # noqa: N802
        self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All rows are equally high."""
        return QSize(200, HEIGHT)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw a row."""
        box: QRect = option.rect
        painter.save()
        self._paint_ground(painter, option, box, active=bool(index.data(CaseRole.ACTIVE)))
        thumb = QRect(box.left() + LEFT, box.top() + 8, THUMB.width(), THUMB.height())
        self._paint_thumbnail(painter, thumb, index.data(CaseRole.THUMBNAIL))
        summary: CaseSummary = index.data(CaseRole.SUMMARY)
        taken = self._paint_state(painter, box, summary)
        self._paint_texts(painter, box, index.data(CaseRole.CASE), summary, taken)
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, box: QRect, *, active: bool
    ) -> None:
        state: QStyle.StateFlag = option.state
        if active:
            painter.fillRect(box, QColor(self._tokens.hover))
            painter.fillRect(QRect(box.topLeft(), QSize(3, box.height())), self._accent())
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(self._tokens.raised))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(self._accent())
            painter.drawRect(box.adjusted(0, 0, -1, -1))

    def _accent(self) -> QColor:
        return QColor(self._tokens.accent)

    def _paint_thumbnail(self, painter: QPainter, box: QRect, picture: QImage | None) -> None:
        painter.fillRect(box, QColor(self._tokens.image))
        if picture is None:
            size = self._placeholder.deviceIndependentSize().toSize()
            at = box.center() - QRect(0, 0, size.width(), size.height()).center()
            painter.drawPixmap(at, self._placeholder)
            return
        fitted = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, fitted.width(), fitted.height())
        place.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, picture)

    def _paint_state(self, painter: QPainter, box: QRect, summary: CaseSummary) -> int:
        """Draw the word at the right; the width that it takes."""
        painter.setFont(self._fonts[1])
        word = summary.status.value
        lines = [(word, self._colours.get(summary.status, self._tokens.secondary))] if word else []
        if count := _count(summary):
            lines.append((count, self._tokens.secondary))
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, (text, colour) in enumerate(lines):
            painter.setPen(QColor(colour))
            at = QRect(box.left(), box.top() + 7 + 17 * place, box.width() - RIGHT, 17)
            painter.drawText(at, align, text)
        metrics = QFontMetrics(self._fonts[1])
        return max((metrics.horizontalAdvance(text) + 8 for text, _ in lines), default=0)

    def _paint_texts(
        self, painter: QPainter, box: QRect, case: Case, summary: CaseSummary, taken: int
    ) -> None:
        header = case.first
        when = clock(header.study_time)
        what = f"{exam(header)} · {when}" if when else exam(header)
        lines = (patient(header), what, summary.line)
        colours = (self._tokens.text, self._tokens.secondary, self._tokens.secondary)
        room = box.width() - TEXT_LEFT - RIGHT
        for place, (text, colour) in enumerate(zip(lines, colours, strict=True)):
            font = self._fonts[0 if place == 0 else 1]
            beside = taken if place == 0 or (place == 1 and _count(summary)) else 0
            painter.setFont(font)
            painter.setPen(QColor(colour))
            at = QRect(box.left() + TEXT_LEFT, box.top() + 7 + 17 * place, room - beside, 17)
            shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, at.width())
            painter.drawText(at, Qt.AlignmentFlag.AlignVCenter, shown)


def _count(summary: CaseSummary) -> str:
    """How many hot spots of a draft are judged."""
    draft = summary.status is CaseStatus.DRAFT and summary.spots
    return f"{summary.judged} of {summary.spots}" if draft else ""
