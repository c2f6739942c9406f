"""Open files and folders; bring the chosen case's image on screen and the next one closer."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from radsal.app.actions.kept import KeptImages
from radsal.app.actions.services import Services
from radsal.app.tasks import Handlers, Priority, Task
from radsal.core.decoded import Decoded
from radsal.core.errors import IdentityMismatch, KnownError, RadSalError, Refusal
from radsal.core.geometry import UPRIGHT
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.records import Found
from radsal.core.refused import Refused
from radsal.dicom.gray.grayscale import initial_voi
from radsal.review.case import Case
from radsal.session import CaseStatus, Session
from radsal.session.worklist import CaseSummary
from radsal.workflow import opening

OURS = "bug"  # the code of an image that a fault of RadSal's own keeps from being shown
GATHERED = 200  # milliseconds between two additions to the list of cases


class Opening(QObject):
    """From paths to the image on screen."""

    scanning = Signal(object)  # Progress, or None when the scan has ended
    leaving = Signal()  # the image on screen is about to go
    presented = Signal()  # the chosen image is on screen
    loaded = Signal(object)  # Radiograph: any image that was decoded

    def __init__(self, session: Session, services: Services) -> None:
        super().__init__()
        self._session = session
        self._services = services
        #: Called in the lane's thread with an image that will be shown soon.
        self.prepare: Callable[[Decoded], None] = lambda _: None
        self._kept = KeptImages()
        self._viewed: ImageHeader | None = None  # the image that the view was set up for
        self._loading: Task | None = None
        self._scans: list[Task] = []
        self._waiting: list[Found] = []
        self._gathering = QTimer(self, singleShot=True, interval=GATHERED)
        self._gathering.timeout.connect(self._take_found)

    # files and folders -----------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Add files and folders (recursively) to the list of cases."""
        services = self._services
        self.scanning.emit(Progress(0, 0, "Looking for images"))
        scan = services.scanning.submit(
            lambda: opening.scan(services.engines, paths, services.index),
            Handlers(self._scanned, self._scan_failed, self._scan_cancelled, self._found),
        )
        self._scans = [*(task for task in self._scans if not task.done), scan]

    def cancel_scan(self) -> None:
        """Stop looking for more; what was found stays."""
        for scan in self._scans:
            scan.cancel()

    def _found(self, event: Any) -> None:
        if isinstance(event, Progress):
            self.scanning.emit(event)
            return
        self._waiting += event
        if not self._gathering.isActive():
            self._take_found()

    def _take_found(self) -> None:
        """Hand what was found to the list of cases; the next batches are gathered for a while.

        The list of a hundred thousand cases takes ten milliseconds to follow, whatever came.
        """
        if not self._waiting:
            return
        found, self._waiting = self._waiting, []
        self._gathering.start()
        self._session.worklist.add(found)
        if self._session.reading.case is None and self._session.worklist.cases:
            self.choose(self._session.worklist.cases[0])

    def _scanned(self, counts: tuple[int, int]) -> None:
        self._take_found()
        self.scanning.emit(None)
        opened, refused = counts
        said = f"{opened} image{'' if opened == 1 else 's'} found"
        self._services.said.emit(f"{said}, {refused} refused" if refused else said)

    def _scan_failed(self, error: RadSalError) -> None:
        self._take_found()
        self.scanning.emit(None)
        self._services.trouble(error)

    def _scan_cancelled(self) -> None:
        self._take_found()
        self.scanning.emit(None)
        self._services.said.emit("Stopped looking for images")

    # the image on screen ---------------------------------------------------------------------

    def choose(self, case: Case, header: ImageHeader | None = None, frame: int = 1) -> None:
        """Leave what is on screen and show an image of this case (its first by default)."""
        if self._loading is not None:
            self._loading.cancel()
        self.leaving.emit()
        self._session.reading.choose(case, header, frame)
        shown = self._session.reading.header
        if shown is None:
            return
        kept = self._kept.get(shown, frame)
        if kept is not None:
            self._present(kept)
        else:
            self._loading = self.load(
                shown, self._present, self._refuse, Priority.SCREEN, frame=frame
            )

    def step(self, step: int) -> None:
        """The next (+1) or previous (-1) case; stays where there is none."""
        case = self._session.worklist.neighbour(self._session.reading.case, step)
        if case is not None:
            self.choose(case)

    def step_image(self, step: int) -> None:
        """The next (+1) or previous (-1) image of the case on screen; stays where there is none."""
        case = self._session.worklist.current(self._session.reading.case)
        shown = self._session.reading.header
        if case is None or shown is None:
            return
        place = case.images.index(shown) + step
        if 0 <= place < len(case.images):
            self.choose(case, case.images[place])

    def step_frame(self, step: int) -> None:
        """The next (+1) or previous (-1) frame of the image on screen; stays where there is none.

        Window, zoom and turn stay as they are: frames are looked at side by side in time.
        """
        reading = self._session.reading
        self.show_frame(reading.frame + step)

    def show_frame(self, frame: int) -> None:
        """A frame of the image on screen, counted from 1; stays where there is none."""
        reading = self._session.reading
        if reading.case is None or reading.header is None or frame == reading.frame:
            return
        if 1 <= frame <= reading.header.frames:
            self.choose(reading.case, reading.header, frame)

    def load(
        self,
        header: ImageHeader,
        success: Callable[[Radiograph], None],
        failure: Callable[[ImageHeader, RadSalError], None],
        priority: Priority,
        *,
        frame: int = 1,
    ) -> Task:
        """Decode an image in the decoder process, unless it is kept, and keep it for a while."""
        fresh = False
        prepare = self.prepare if priority < Priority.IDLE else None

        def work() -> Generator[Progress, None, Radiograph]:
            nonlocal fresh
            kept = self._kept.get(header, frame)  # it may have been on its way until now
            if kept is not None:
                return kept
            radiograph = yield from opening.load(
                self._services.engines, header.path, frame, prepare
            )
            self._kept.put(radiograph)
            fresh = True
            return radiograph

        def arrived(radiograph: Radiograph) -> None:
            success(radiograph)
            if fresh:
                self.loaded.emit(radiograph)

        handlers = Handlers(arrived, lambda error: failure(header, error))
        return self._services.decoding.submit(work, handlers, priority)

    def _present(self, radiograph: Radiograph) -> None:
        reading = self._session.reading
        try:
            reading.present(radiograph)
        except IdentityMismatch:
            shown = reading.header
            if shown is not None and shown.path == radiograph.header.path:
                self._refuse(shown, Refusal("The file has changed since it was found."))
            return
        self._set_up_view(radiograph)
        self.presented.emit()
        self._prefetch()

    def _set_up_view(self, radiograph: Radiograph) -> None:
        """The file's own window, upright and whole; another frame keeps what the reader set."""
        if radiograph.header == self._viewed:
            return
        self._viewed = radiograph.header
        view = self._session.view
        view.voi = initial_voi(radiograph)
        view.inverted = False
        view.turn = UPRIGHT
        view.fit()

    def _refuse(self, header: ImageHeader, error: RadSalError) -> None:
        if isinstance(error, KnownError):
            refused = Refused(header.path, error.code, error.reason, error.remedy)
        else:
            self._services.trouble(error)
            refused = Refused(header.path, OURS, "RadSal made a mistake with this file.")
        worklist, summary = self._session.worklist, CaseSummary(CaseStatus.REFUSED, refused.reason)
        worklist.refuse(refused)
        worklist.summarise(header.study_instance_uid, summary)
        if self._session.reading.header == header:
            self._session.reading.refusal = refused

    def _prefetch(self) -> None:
        case = self._session.worklist.neighbour(self._session.reading.case, +1)
        if case is not None and self._kept.get(case.first, 1) is None:
            self.load(case.first, lambda _: None, lambda *_: None, Priority.AHEAD)
