"""Reports of the read on screen."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers
from radsal.session import Session
from radsal.workflow.exporting import export_read


class Reporting(QObject):
    """Writes a stored read as PDF or JSON."""

    exported = Signal(object)  # Path of the report

    def __init__(self, session: Session, services: Services) -> None:
        super().__init__()
        self._session = session
        self._services = services

    @property
    def possible(self) -> bool:
        """There is a saved read."""
        return self._session.reading.saved_at is not None

    def export(self, kind: str, folder: Path) -> None:
        """Write the saved read on screen into a folder.

        It is queued behind the saves, so that the report holds the latest verdict.
        """
        read, services = self._session.reading.read, self._services
        if read is None:
            return
        services.storing.submit(
            lambda: export_read(services.engines, services.store, read.id, kind, folder),
            Handlers(self._done, services.trouble),
        )

    def _done(self, path: Path) -> None:
        self._services.said.emit(f"Report written: {path.name}")
        self.exported.emit(path)
