"""The dialogs: report, keys, all commands, about. None of them blocks the event loop."""

from pathlib import Path

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from radsal import __version__
from radsal.app.actions.desk import Action
from radsal.app.actions.keys import MENUS, MOUSE, keys_of, verdict_keys
from radsal.app.actions.table import HIDDEN
from radsal.app.windows.commands import Commands, key_text

KINDS = {
    "pdf": "PDF, for people: film, overlay, contours, verdicts, identities",
    "json": "JSON, for programs: every number of the read",
}


class ReportDialog(QDialog):
    """Kind of report and folder."""

    chosen = Signal(str, Path)

    def __init__(self, parent: QWidget, folder: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Report")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.kinds = QButtonGroup(self)
        self.folder = QLineEdit(str(folder))
        self.folder.setMinimumWidth(360)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(8)
        for number, (kind, text) in enumerate(KINDS.items()):
            button = QRadioButton(text)
            button.setProperty("kind", kind)
            button.setChecked(number == 0)
            self.kinds.addButton(button)
            layout.addWidget(button)
        layout.addSpacing(6)
        layout.addWidget(QLabel("Folder"))
        layout.addLayout(self._folder_row())
        note = QLabel("The file's name carries the read's id and no patient data; the report does.")
        note.setProperty("role", "secondary")
        layout.addWidget(note)
        layout.addSpacing(6)
        layout.addWidget(self._buttons())

    def _folder_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        return row

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        write = box.addButton("Write report", QDialogButtonBox.ButtonRole.AcceptRole)
        write.setProperty("role", "primary")
        write.setDefault(True)
        box.accepted.connect(self._accept)
        box.rejected.connect(self.reject)
        return box

    def _browse(self) -> None:
        dialog = QFileDialog(self, "Folder of the report", self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def _accept(self) -> None:
        button = self.kinds.checkedButton()
        if button is None:
            return
        self.chosen.emit(button.property("kind"), Path(self.folder.text()).expanduser())
        self.accept()


class UnsavedDialog(QMessageBox):
    """Asks before verdicts that no save could keep are thrown away."""

    discarded = Signal()

    def __init__(self, parent: QWidget, reads: int) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Not saved")
        self.setIcon(QMessageBox.Icon.Warning)
        noun = "read" if reads == 1 else "reads"
        self.setText(f"The last changes of {reads} {noun} could not be saved.")
        self.setInformativeText(
            "Mend the cause, such as a full disk, and press Ctrl+S. Closing now loses them."
        )
        back = self.addButton("Back to the reads", QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(back)
        close = self.addButton("Close and lose them", QMessageBox.ButtonRole.DestructiveRole)
        close.clicked.connect(self.discarded)


class KeysDialog(QDialog):
    """Every key, from the action table, and what the mouse does."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        content.setProperty("role", "plain")
        grid = QGridLayout(content)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for line, (key, text, heading) in enumerate(key_lines()):
            label = QLabel(text)
            label.setWordWrap(True)
            label.setProperty("role", "heading" if heading else "")
            label.setContentsMargins(0, 10 if heading and line else 0, 0, 0)
            grid.addWidget(label, line, 1)
            pressed = QLabel(key)
            pressed.setProperty("role", "strong")
            grid.addWidget(pressed, line, 0, alignment=Qt.AlignmentFlag.AlignRight)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        self.resize(640, 720)


def key_lines() -> list[tuple[str, str, bool]]:
    """(key, text, is a heading) for each line of the sheet."""
    lines = [("", "MOUSE", True), *((key, text, False) for key, text in MOUSE)]
    for menu, title in MENUS.items():
        lines.append(("", title.upper(), True))
        lines += [(key, text, False) for key, text in keys_of(menu)]
    lines.append(("", "VERDICT ON THE ACTIVE HOT SPOT", True))
    return lines + [(key, text, False) for key, text in verdict_keys()]


class CommandsDialog(QDialog):
    """Any action by a part of its name."""

    def __init__(self, parent: QWidget, commands: Commands) -> None:
        super().__init__(parent)
        self.setWindowTitle("Commands")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._commands = commands
        model = QStandardItemModel(self)
        for row, action in commands.rows():
            if row.id not in HIDDEN and action.isEnabled():
                model.appendRow(_item(row))
        self._shown = QSortFilterProxyModel(self)
        self._shown.setSourceModel(model)
        self._shown.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit()
        self.search.setPlaceholderText("What do you want to do?")
        self.list = QListView()
        self.list.setModel(self._shown)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._run)
        self.list.activated.connect(self._run)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.resize(460, 380)
        self._filter("")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down move in the list while the text is being typed."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            row = self.list.currentIndex().row() + step
            self.list.setCurrentIndex(self._shown.index(row % max(1, self._shown.rowCount()), 0))
            return
        super().keyPressEvent(event)

    def _filter(self, text: str) -> None:
        self._shown.setFilterFixedString(text)
        self.list.setCurrentIndex(self._shown.index(0, 0))

    def _run(self) -> None:
        index = self.list.currentIndex()
        if not index.isValid():
            return
        action: QAction = self._commands.by_id(index.data(Qt.ItemDataRole.UserRole))
        self.accept()
        action.trigger()


def _item(row: Action) -> QStandardItem:
    keys = f"    {key_text(row)}" if row.keys else ""
    item = QStandardItem(f"{MENUS[row.menu]}: {row.text}{keys}")
    item.setData(row.id, Qt.ItemDataRole.UserRole)
    item.setEditable(False)
    return item


class AboutDialog(QDialog):
    """What RadSal is, and what it is not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About RadSal")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 18)
        layout.setSpacing(8)
        title = QLabel(f"RadSal {__version__}")
        title.setProperty("role", "title")
        layout.addWidget(title)
        for text, role in (
            ("Find out whether a classifier looks at the disease or at the label.", ""),
            ("Research use only. Not for diagnostic use.", "amber"),
            ("Apache License 2.0. The demo models know synthetic films only.", "secondary"),
        ):
            label = QLabel(text)
            label.setProperty("role", role)
            layout.addWidget(label)
        line = QFrame()
        line.setProperty("role", "rule")
        line.setFixedHeight(1)
        layout.addWidget(line)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        box.rejected.connect(self.reject)
        layout.addWidget(box)
