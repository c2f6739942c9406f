"""A button that names its key beside its word."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QStyle, QStyleOptionButton, QStylePainter, QWidget

from radsal.app.theme.fonts import BASE, SMALL, TINY, ui_font
from radsal.app.theme.tokens import DARK, Tokens, mix

GAP = 6


class KeyButton(QPushButton):
    """``role`` as in the stylesheet. A chip has its key before the word, others behind it."""

    def __init__(
        self,
        word: str,
        key: str = "",
        role: str = "",
        tokens: Tokens = DARK,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.word, self.key = word, key
        self._role, self._tokens = role, tokens
        self.setProperty("role", role)
        self.setAccessibleName(f"{word} ({key})" if key else word)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for word and key, never less."""
        chip = self._role == "chip"
        gap = GAP if self.key else 0
        width = self._width(self.word, self._word_font()) + self._width(self.key, self._key_font())
        return QSize(width + gap + (18 if chip else 24), 25 if chip else 30)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Nothing is ever cut off."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the button as the style does, and the two texts."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        self._paint_texts(painter)
        painter.end()

    def _paint_texts(self, painter: QPainter) -> None:
        parts = [(self.word, self._word_font(), self._colour())]
        if self.key:
            parts.append((self.key, self._key_font(), self._key_colour()))
        if self._role == "chip":
            parts.reverse()
        widths = [self._width(text, font) for text, font, _ in parts]
        x = (self.width() - sum(widths) - GAP * (len(parts) - 1)) // 2
        for (text, font, colour), width in zip(parts, widths, strict=True):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            box = QRect(x, 0, width + 2, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + GAP

    def _colour(self) -> str:
        tokens = self._tokens
        if self._role == "chip" and self.isChecked():
            return tokens.amber
        if not self.isEnabled():
            return tokens.faint
        if self._role == "primary":
            return tokens.on_accent
        quiet = self._role == "chip" and not self.underMouse()
        return tokens.secondary if quiet else tokens.text

    def _key_colour(self) -> str:
        tokens = self._tokens
        if self._role == "primary" and self.isEnabled():
            return mix(tokens.on_accent, tokens.accent, 0.75)
        if self._role == "chip" and self.isChecked():
            return tokens.amber
        return tokens.secondary if self.isEnabled() else tokens.faint

    def _word_font(self) -> QFont:
        strong = self._role == "primary" or (self._role == "chip" and self.isChecked())
        return ui_font(SMALL if self._role == "chip" else BASE, strong=strong)

    def _key_font(self) -> QFont:
        return ui_font(SMALL if self._role == "chip" else TINY)

    def _width(self, text: str, font: QFont) -> int:
        # a chip does not move its neighbours when it is chosen: room for the strong letters
        wide = QFont(font)
        if self._role == "chip" and text == self.word:
            wide.setWeight(QFont.Weight.DemiBold)
        return QFontMetrics(wide).horizontalAdvance(text)
