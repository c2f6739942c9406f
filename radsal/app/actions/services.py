"""What the actions work with: workers, store, settings and the lanes that reach them."""

from PySide6.QtCore import QObject, Signal

from radsal.app.tasks import Lane
from radsal.core.errors import RadSalError
from radsal.inference.package import ModelPackage
from radsal.settings import Settings, save
from radsal.storage import Store
from radsal.storage.index import FolderIndex
from radsal.storage.map_cache import MapCache
from radsal.workflow.engines import Engines


class Services(QObject):
    """Owns the lanes; the composition root owns the rest and closes it after the lanes.

    ``scanning``, ``decoding`` and ``computing`` wait for their worker process, ``storing`` for the
    database: one thread each, so that a slow disk never delays a decode and saves keep their order.
    ``recalling`` looks up what was computed once, so that it never waits for what is computed now.
    """

    said = Signal(str)  # one quiet sentence for the status line
    troubled = Signal(object)  # a RadSalError the user must see
    restarted = Signal(str, str)  # name of the worker process that was lost, and how it ended
    settings_changed = Signal(object)  # the Settings that hold from now on

    def __init__(
        self,
        engines: Engines,
        store: Store,
        settings: Settings,
        packages: tuple[ModelPackage, ...],
        index: FolderIndex,
        maps: MapCache,
    ) -> None:
        super().__init__()
        self.engines = engines
        self.store = store
        self.settings = settings
        self.packages = packages
        self.index = index
        self.maps = maps
        for worker in engines.workers:  # emitted in the lane's thread, delivered in the GUI's
            worker.restarted.connect(self._tell_restart)
        self.scanning = Lane("scanning", self)
        self.decoding = Lane("decoding", self)
        self.computing = Lane("computing", self)
        self.recalling = Lane("recalling", self)
        self.storing = Lane("storing", self)

    def package(self, model_id: str) -> ModelPackage | None:
        """The model package with that id, or None."""
        return next((p for p in self.packages if p.identity.id == model_id), None)

    def change_settings(self, **changes: object) -> None:
        """Replace some settings, for this session at least, and keep them in their file.

        Raises
        ------
        SettingsError
            The file could not be written; the changes hold until the program ends.
        """
        self.settings = self.settings.changed(**changes)
        self.settings_changed.emit(self.settings)
        save(self.settings)

    def _tell_restart(self, name: str, how: str) -> None:
        self.restarted.emit(name, how)

    def trouble(self, error: RadSalError) -> None:
        """Show an error to the user: the usual ``failure`` handler."""
        self.troubled.emit(error)

    @property
    def busy(self) -> bool:
        """Something is queued or running."""
        return not all(lane.idle for lane in (*self._working, self.storing))

    def close(self) -> bool:
        """End the lanes, saves first to their end. Returns whether all of them ended."""
        saved = self.storing.close(finish=True, timeout=30.0)
        for lane in self._working:
            lane.cancel_all()
        return all([saved, *(lane.close() for lane in self._working)])

    @property
    def _working(self) -> tuple[Lane, ...]:
        return self.scanning, self.decoding, self.computing, self.recalling
