"""The main window: three columns, one toolbar, one status line."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from radsal.app.actions.workstation import Workstation
from radsal.app.panels import CasesPanel, FindingsPanel
from radsal.app.theme.tokens import THEMES
from radsal.app.viewer.tool import Tool
from radsal.app.windows.card_dialog import CardDialog
from radsal.app.windows.choosers import follow_methods, follow_models
from radsal.app.windows.commands import Commands
from radsal.app.windows.dialogs import (
    AboutDialog,
    CommandsDialog,
    KeysDialog,
    ReportDialog,
    UnsavedDialog,
)
from radsal.app.windows.messages import Messages
from radsal.app.windows.options_dialog import OptionsDialog
from radsal.app.windows.panes import Panes
from radsal.app.windows.peek import Peek
from radsal.app.windows.preset_menu import PresetMenu
from radsal.app.windows.status_line import StatusLine
from radsal.app.windows.toolbar import Toolbar
from radsal.app.windows.wiring import wire
from radsal.demo.bundled import demo_case_paths
from radsal.saliency.catalogue import CATALOGUE

CASES_WIDTH, FINDINGS_WIDTH = 264, 372


class MainWindow(QMainWindow):
    """Implements :class:`~radsal.app.actions.desk.Desk` over the views it arranges."""

    def __init__(self, workstation: Workstation) -> None:
        super().__init__()
        self.workstation = workstation
        session, services = workstation.session, workstation.services
        self.panes = Panes(workstation)
        self.canvas = self.panes.main.canvas
        tokens = THEMES[services.settings.theme]
        self.cases = CasesPanel(session, tokens)
        self.findings = FindingsPanel(session, tokens)
        self.status = StatusLine(session, services.settings.reader)
        self.messages = Messages(self.canvas)
        self.commands = Commands(self, self)
        self.toolbar = Toolbar(self.commands, session.view, tokens)
        follow_models(self.toolbar.models, workstation)
        choose = workstation.analysing.choose_method
        follow_methods(self.toolbar.methods, session.reading, choose)
        PresetMenu(self.toolbar.presets, workstation)
        self._arrange()
        wire(self)
        Peek(self, session.view)
        self._closing = self._may_lose = False
        workstation.judging.unsaved.connect(self._go_on_closing)
        self.setAcceptDrops(True)
        # no patient and no file: titles end up in screenshots and task lists
        self.setWindowTitle("RadSal · research use only")
        self.resize(1680, 1050)
        self.canvas.setFocus()

    # the desk that actions ask -----------------------------------------------------------------

    def ask_files(self) -> None:
        """Ask for files to open."""
        self._ask(QFileDialog.FileMode.ExistingFiles, "Open radiographs")

    def ask_folder(self) -> None:
        """Ask for a folder to open."""
        self._ask(QFileDialog.FileMode.Directory, "Open a folder of radiographs")

    def commit(self) -> None:
        """Take over what is still being typed, before anything else is done."""
        self.findings.commit()

    def ask_report(self) -> None:
        """Ask for the kind of report and where to put it."""
        places = QStandardPaths.StandardLocation.DocumentsLocation
        folder = Path(QStandardPaths.writableLocation(places) or Path.home())
        dialog = ReportDialog(self, folder)
        dialog.chosen.connect(self.workstation.reporting.export)
        dialog.open()

    def ask_options(self) -> None:
        """Ask for the options of the method that explains."""
        reading = self.workstation.session.reading
        dialog = OptionsDialog(self, CATALOGUE[reading.method], reading.chosen_options)
        dialog.applied.connect(self.workstation.analysing.choose_options)
        dialog.ask_layers(self.workstation.layers.ask)
        dialog.open()

    def ask_reader(self) -> None:
        """Ask under which name verdicts are given."""
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Reader")
        dialog.setLabelText("Verdicts are given and reads are signed by")
        dialog.setTextValue(self.workstation.services.settings.reader)
        dialog.textValueSelected.connect(self.workstation.change_reader)
        dialog.open()

    def ask_frame(self) -> None:
        """Ask which frame of the image to show."""
        reading = self.workstation.session.reading
        if reading.header is None:
            return
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Go to frame")
        dialog.setLabelText(f"Frame, 1 to {reading.header.frames}")
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(1, reading.header.frames)
        dialog.setIntValue(reading.frame)
        dialog.intValueSelected.connect(self.workstation.opening.show_frame)
        dialog.open()

    def show_card(self) -> None:
        """Show the card of the model that is asked."""
        model = self.workstation.session.reading.model
        package = self.workstation.services.package(model.id) if model else None
        if package is not None:
            dialog = CardDialog(self, package)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def open_demo(self) -> None:
        """Open the bundled synthetic cases."""
        self.workstation.opening.open_paths(demo_case_paths())

    def show_keys(self) -> None:
        """Show the sheet of keys."""
        KeysDialog(self).open()

    def show_commands(self) -> None:
        """Show the list of commands that can be searched."""
        CommandsDialog(self, self.commands).open()

    def show_about(self) -> None:
        """Say what RadSal is and its version."""
        AboutDialog(self).open()

    def choose_tool(self, name: str) -> None:
        """What the left button does: window, zoom or pan."""
        self.panes.tool = Tool(name)

    def tool(self) -> str:
        """The name of the tool that is chosen."""
        return self.panes.tool.value

    def toggle_panel(self, name: str) -> None:
        """Show or hide the panel of cases or of findings."""
        panel = self._panel(name)
        panel.setVisible(panel.isHidden())

    def panel_shown(self, name: str) -> bool:
        """Whether a panel is shown."""
        return not self._panel(name).isHidden()

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""
        self.showNormal() if self.isFullScreen() else self.showFullScreen()

    def quit(self) -> None:
        """Close the window."""
        self.close()

    # what Qt asks ------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Open what was dropped."""
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.workstation.opening.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close when everything is durable; ask where that is not possible."""
        self.commit()
        judging = self.workstation.judging
        if self._may_lose or not (judging.waiting or judging.kept_unsaved):
            event.accept()
            return
        event.ignore()
        self._closing = True
        if not judging.waiting:
            self._ask_whether_to_lose()

    def _go_on_closing(self, waiting: int) -> None:
        if self._closing and not waiting:
            self.close()

    def _ask_whether_to_lose(self) -> None:
        self._closing = False
        dialog = UnsavedDialog(self, self.workstation.judging.kept_unsaved)
        dialog.discarded.connect(self._close_unsaved)
        dialog.open()

    def _close_unsaved(self) -> None:
        self._may_lose = True
        self.close()

    # how it is put together --------------------------------------------------------------------

    def _arrange(self) -> None:
        self.cases.setFixedWidth(CASES_WIDTH)
        self.findings.setFixedWidth(FINDINGS_WIDTH)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self.cases)
        columns.addWidget(self.panes, 1)
        columns.addWidget(self.findings)
        rows = QVBoxLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.toolbar)
        rows.addLayout(columns, 1)
        rows.addWidget(self.status)
        content = QWidget()
        content.setLayout(rows)
        self.setCentralWidget(content)

    def _panel(self, name: str) -> QWidget:
        panels: dict[str, QWidget] = {"cases": self.cases, "findings": self.findings}
        return panels[name]

    def _ask(self, mode: QFileDialog.FileMode, title: str) -> None:
        dialog = QFileDialog(self, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(mode)
        opening = self.workstation.opening
        dialog.filesSelected.connect(lambda names: opening.open_paths([Path(n) for n in names]))
        dialog.open()
