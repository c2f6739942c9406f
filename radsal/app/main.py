"""The composition root: make everything once, hand it over, take it apart again."""

import logging
import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from radsal import __version__, settings
from radsal.app.actions.services import Services
from radsal.app.actions.workstation import Workstation
from radsal.app.theme.apply import apply_theme
from radsal.app.theme.tokens import THEMES
from radsal.app.windows.main_window import MainWindow
from radsal.core.errors import BugError, KnownError
from radsal.inference.registry import default_roots, list_packages
from radsal.session import Session
from radsal.settings import Settings, SettingsError
from radsal.storage import Store
from radsal.storage.index import FolderIndex
from radsal.storage.map_cache import MapCache
from radsal.workflow.engines import Engines

_log = logging.getLogger("radsal.app")


def run(paths: list[Path]) -> int:
    """Open the workstation with these files and folders; returns when it is closed."""
    application = _application()
    apply_theme(application)
    try:
        wanted, trouble = _settings()
        store = Store.open(wanted.store)
    except KnownError as error:
        _refuse_to_start(error)
        return 1
    apply_theme(application, THEMES[wanted.theme])
    engines = Engines(background=True)
    try:
        return _run(application, wanted, engines, store, paths, trouble)
    finally:
        engines.close()
        store.close()


def _settings() -> tuple[Settings, tuple[KnownError, ...]]:
    """The user's settings, or the defaults and why; those of a newer RadSal are left alone."""
    try:
        return settings.load(), ()
    except SettingsError as error:
        if error.code == "settings-newer":
            raise
        return Settings(), (error,)


def _run(
    application: QApplication,
    wanted: Settings,
    engines: Engines,
    store: Store,
    paths: list[Path],
    troubles: tuple[KnownError, ...],
) -> int:
    window = assemble(wanted, engines, store)
    workstation = window.workstation
    _catch_bugs(workstation.services)
    for trouble in troubles:
        workstation.services.trouble(trouble)
    if store.backup is not None:
        workstation.services.said.emit(f"The store was upgraded; the old one: {store.backup.name}")
    window.show()
    QTimer.singleShot(0, workstation.start)
    if paths:
        QTimer.singleShot(0, lambda: workstation.opening.open_paths(paths))
    status = application.exec()
    workstation.services.close()
    return status


def assemble(wanted: Settings, engines: Engines, store: Store) -> MainWindow:
    """The window with everything behind it, not shown and not started yet."""
    packages, refusals = list_packages(default_roots(wanted.models_folder))
    index = FolderIndex(settings.folders().folder_index)
    maps = MapCache(settings.folders().maps, wanted.map_cache_mib << 20)
    services = Services(engines, store, wanted, packages, index, maps)
    window = MainWindow(Workstation(Session(), services))
    for refusal in refusals:
        services.trouble(refusal)
    return window


def _application() -> QApplication:
    QApplication.setApplicationName("RadSal")
    QApplication.setApplicationVersion(__version__)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the terminal ends the program
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(application, QApplication):
        raise BugError("another Qt application runs in this process")
    return application


def _refuse_to_start(error: KnownError) -> None:
    box = QMessageBox(QMessageBox.Icon.Critical, "RadSal", error.reason)
    box.setInformativeText(error.remedy)
    box.exec()


def _catch_bugs(services: Services) -> None:
    """An error in a slot is logged and shown; what is on screen stays."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        _log.critical("An error nobody foresaw", exc_info=(kind, error, trace))
        services.trouble(BugError(f"{kind.__name__}: {error}"))

    sys.excepthook = hook
