"""The slim toolbar: the name of each action, and its key beside it."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QColor, QEnterEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QWidget,
    QWidgetAction,
)

from radsal.app.actions.desk import Action
from radsal.app.panels import DisplayPanel
from radsal.app.theme.tokens import DARK, Tokens
from radsal.app.widgets.chooser import menu_button
from radsal.app.windows.commands import Commands, key_text
from radsal.session import View

PADDING, GAP, HEIGHT = 9, 5, 28
ANY = 99  # letters of a key
SPARE = 2  # the group of the action table that a narrow window shows in its menu only


class ToolButton(QAbstractButton):
    """Shows an action as its name with the key, quieter, at its right."""

    def __init__(self, row: Action, action: QAction, tokens: Tokens, *, keyed: bool = True) -> None:
        super().__init__()
        self._action = action
        self._key = self._full_key = key_text(row) if keyed else ""
        self._tokens = tokens
        self.setText(row.short or row.text)
        self.setAccessibleName(row.text)
        self.setCheckable(action.isCheckable())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setToolTip(action.toolTip())
        action.changed.connect(self._follow)
        self.clicked.connect(action.trigger)
        self._follow()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for both texts."""
        metrics = self.fontMetrics()
        key = metrics.horizontalAdvance(self._key) + GAP if self._key else 0
        return QSize(metrics.horizontalAdvance(self.text()) + key + 2 * PADDING, HEIGHT)

    def show_key(self, longest: int) -> None:
        """With its key or, where that has more letters, without: a narrow window lacks the room."""
        key = self._full_key if len(self._full_key) <= longest else ""
        if key != self._key:
            self._key = key
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The ground says hovered or checked, the texts enabled or not."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens, enabled = self._tokens, self.isEnabled()
        if enabled and (self.isChecked() or self.underMouse()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover if self.isChecked() else tokens.raised))
            painter.drawRoundedRect(self.rect().adjusted(0, 1, 0, -1), 5, 5)
        area = self.rect().adjusted(PADDING, 0, -PADDING, 0)
        quiet = tokens.text if self.isChecked() else tokens.secondary
        painter.setPen(QColor(quiet if enabled else tokens.faint))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setPen(QColor(tokens.faint))
        painter.drawText(area, flags | Qt.AlignmentFlag.AlignRight, self._key)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Show the hover."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """End the hover."""
        super().leaveEvent(event)
        self.update()

    def _follow(self) -> None:
        self.setEnabled(self._action.isEnabled())
        self.setChecked(self._action.isChecked())
        self.update()


class Toolbar(QFrame):
    """Menu, groups of the action table, presets, the overlay's look, model, method, commands."""

    def __init__(self, commands: Commands, view: View, tokens: Tokens = DARK) -> None:
        super().__init__()
        self.setProperty("role", "toolbar")
        self._spare: list[list[QWidget]] = []  # what gives way, the first before the second
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(8, 4, 8, 4)
        self._layout.setSpacing(2)
        self.menu_button = menu_button("The menus", "wordmark", "RadSal ▾")
        self._layout.addWidget(self.menu_button)
        self.menu = self.menu_button.menu()
        commands.fill(self.menu)
        self._add_groups(commands, tokens)
        brought = "Windows and lookup tables that the file brings"
        self.presets = menu_button(brought, "bar", "Presets ▾")
        self._layout.addWidget(self.presets)
        self._add_overlay(view)
        self._line()
        self.models = menu_button("The model that is asked", "bar", "No model")
        self.methods = menu_button("The method that explains it", "bar", "Grad-CAM")
        for button in (self.models, self.methods):
            self._layout.addWidget(button)
        self.options = self._add_button("map.options", commands, tokens, keyed=False)
        self._spare.append([self.options, self._add_button("map.compare", commands, tokens)])
        self._layout.addStretch(1)
        self._add_button("help.commands", commands, tokens)
        self._named = self._names()
        self._fit(self.width())

    def event(self, event: QEvent) -> bool:
        """A model or method of a longer name needs more room."""
        if event.type() is QEvent.Type.LayoutRequest and self._named != self._names():
            self._named = self._names()
            self._fit(self.width())
        return super().event(event)

    def _names(self) -> tuple[str, ...]:
        return self.models.text(), self.methods.text()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """In a narrow window first the long keys go, then all, then what is in the menus as well."""
        super().resizeEvent(event)
        self._fit(event.size().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A toolbar does not keep a window from getting narrow."""
        return QSize(0, super().minimumSizeHint().height())

    def _fit(self, width: int) -> None:
        buttons = self.findChildren(ToolButton)
        steps = [(ANY, 0), (1, 0), *((0, gone) for gone in range(len(self._spare) + 1))]
        for longest, gone in steps:
            for button in buttons:
                button.show_key(longest)
            for place, spare in enumerate(self._spare):
                for widget in spare:
                    widget.setVisible(place >= gone)
            if self._layout.sizeHint().width() <= width:
                break

    def _add_groups(self, commands: Commands, tokens: Tokens) -> None:
        rows = [(row, action) for row, action in commands.rows() if row.toolbar]
        for group in sorted({row.toolbar for row, _ in rows}):
            made: list[QWidget] = [self._line()]
            for row, action in rows:
                if row.toolbar == group:
                    made.append(ToolButton(row, action, tokens))
                    self._layout.addWidget(made[-1])
            if group == SPARE:
                self._spare.append(made)

    def _add_button(
        self, name: str, commands: Commands, tokens: Tokens, *, keyed: bool = True
    ) -> ToolButton:
        row = next(row for row, _ in commands.rows() if row.id == name)
        button = ToolButton(row, commands.by_id(name), tokens, keyed=keyed)
        self._layout.addWidget(button)
        return button

    def _add_overlay(self, view: View) -> None:
        """Opacity, threshold and color map, as a panel that drops down."""
        told = "Opacity, threshold and colors of the heatmap"
        self.overlay = menu_button(told, "bar", "Overlay ▾")
        content = QWidgetAction(self.overlay.menu())
        content.setDefaultWidget(DisplayPanel(view))
        self.overlay.menu().addAction(content)
        self._layout.addWidget(self.overlay)

    def _line(self) -> QFrame:
        line = QFrame()
        line.setProperty("role", "rule")
        line.setFixedSize(1, 18)
        self._layout.addSpacing(5)
        self._layout.addWidget(line, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._layout.addSpacing(5)
        return line
