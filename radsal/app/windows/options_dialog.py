"""The options of the method that explains now, each with what it means and its default."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from radsal.app.actions.layers import Choices
from radsal.app.tasks import Task
from radsal.app.widgets.labels import label
from radsal.app.widgets.option_field import AnyField, WordField, field_of
from radsal.core.errors import KnownError, RadSalError
from radsal.saliency.catalogue import LAST, LAYER, MethodInfo
from radsal.saliency.options import Options, Parameter
from radsal.workflow.analysis import LayerChoice

WIDTH = 480
ASKING = "Asking the model for its layers…"
NO_LAYERS = "This model has no other layer to choose."


class AskLayers(Protocol):
    """See :meth:`radsal.app.actions.layers.LayerChoices.ask`."""

    def __call__(
        self, success: Callable[[Choices], None], failure: Callable[[RadSalError], None]
    ) -> Task | None:
        """Tell the layers, or why there are none to tell."""


class OptionsDialog(QDialog):
    """One control for each parameter; nothing holds before "Apply"."""

    applied = Signal(object)  # Options

    def __init__(self, parent: QWidget, info: MethodInfo, chosen: Options) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Options of {info.title}")
        self._info = info
        self._asked: Task | None = None
        self.fields: dict[str, AnyField] = {
            parameter.name: field_of(parameter, listed=parameter == LAYER)
            for parameter in info.parameters
        }
        self.layers = label("", "secondary", wrap=True)
        self.wrong = label("", "amber", wrap=True)
        self.wrong.hide()
        self._lay_out()
        self._show(info.resolve(chosen))
        for field in self.fields.values():
            field.changed.connect(self._follow)
        self._follow()

    # layers ----------------------------------------------------------------------------------

    def ask_layers(self, ask: AskLayers) -> None:
        """Have the layers of the model told; whoever closes the dialog is told nothing."""
        if LAYER.name in self.fields:
            self.layers.setText(ASKING)
            self._refit()
            self._asked = ask(self.set_layers, self._say_no_layers)
            self.finished.connect(self._stop_asking)

    def set_layers(self, choices: Choices) -> None:
        """Offer the layers of the model; the one that is taken by default is the last of them."""
        field = self.fields[LAYER.name]
        if not isinstance(field, WordField):
            return
        words = {LAST: f"{LAST} spatial layer"}
        if choices:
            words[LAST] = f"{LAST}: {layer_text(choices[-1])}"
        field.offer(words | {choice.label: layer_text(choice) for choice in choices[:-1]})
        self.layers.setText("" if choices else NO_LAYERS)
        self._follow()

    def _say_no_layers(self, error: RadSalError) -> None:
        self.layers.setText(f"The model's layers cannot be listed: {error}")
        self._refit()

    def _stop_asking(self) -> None:
        if self._asked is not None:
            self._asked.cancel()

    # options ---------------------------------------------------------------------------------

    def options(self) -> Options:
        """What stands in the controls."""
        return {name: field.value() for name, field in self.fields.items()}

    def _show(self, values: Options) -> None:
        for name, value in values.items():
            self.fields[name].set_value(value)

    def _follow(self) -> None:
        """Say what is not possible before it is asked for; "Defaults" where something differs."""
        try:
            values = self._info.resolve(self.options())
        except KnownError as error:
            self.wrong.setText(f"{error}. {error.remedy}")
            self._apply.setEnabled(False)
        else:
            self.wrong.clear()
            self._apply.setEnabled(True)
            self._defaults.setEnabled(values != self._info.resolve({}))
        self.wrong.setVisible(bool(self.wrong.text()))
        self._refit()

    def _finish(self) -> None:
        if self._apply.isEnabled():
            self.applied.emit(self.options())
            self.accept()

    # how it looks ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for place, parameter in enumerate(self._info.parameters):
            self._add(grid, 3 * place, parameter)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(self._info.title, "title"))
        column.addWidget(label(self._info.summary, "secondary", wrap=True))
        column.addLayout(grid)
        column.addWidget(self.wrong)
        column.addStretch(1)
        column.addWidget(self._buttons())
        for button in self.findChildren(QPushButton):  # Return applies, wherever it is pressed
            button.setAutoDefault(button is self._apply)
        self._apply.setDefault(True)

    def _refit(self) -> None:
        """As high as the wrapped texts need."""
        self.setFixedSize(WIDTH, self._column.totalHeightForWidth(WIDTH))

    def _add(self, grid: QGridLayout, row: int, parameter: Parameter) -> None:
        field = self.fields[parameter.name]
        name = label(words_of(parameter))
        name.setBuddy(field)
        field.setAccessibleName(words_of(parameter))
        grid.addWidget(name, row, 0)
        grid.addWidget(field, row, 1)
        grid.addWidget(label(meaning_of(parameter), "secondary", wrap=True), row + 1, 1)
        if parameter == LAYER:
            grid.addWidget(self.layers, row + 2, 1)
        grid.setRowMinimumHeight(row + 2, 8)

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._apply = box.addButton("Apply", QDialogButtonBox.ButtonRole.AcceptRole)
        self._apply.setProperty("role", "primary")
        self._defaults = box.addButton("Defaults", QDialogButtonBox.ButtonRole.ResetRole)
        self._defaults.clicked.connect(lambda: self._show(self._info.resolve({})))
        box.accepted.connect(self._finish)
        box.rejected.connect(self.reject)
        return box


def layer_text(choice: LayerChoice) -> str:
    """Its path, and what comes of it: the grid of the map."""
    rows, columns = choice.grid
    return f"{choice.label} · {rows}×{columns} grid"


def words_of(parameter: Parameter) -> str:
    """Its name as people write it."""
    return parameter.name.replace("_", " ").capitalize()


def meaning_of(parameter: Parameter) -> str:
    """What it means, what is possible, and its default."""
    if isinstance(parameter.default, str):
        return f"{parameter.meaning} Default: {parameter.default}."
    least, most = (
        f"{n:,.0f}" if n == int(n) else f"{n:g}" for n in (parameter.least, parameter.most)
    )
    return f"{parameter.meaning} From {least} to {most}, default {parameter.default}."
