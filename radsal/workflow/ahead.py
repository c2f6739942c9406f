"""Decode films ahead of the one who takes them: a thread, a decoder process, a bounded queue."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from radsal.core.errors import KnownError
from radsal.core.radiograph import Radiograph
from radsal.exports.json_export import Document
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

MOST_FILMS = 64
MOST_BYTES = 512 << 20  # of pixels that wait; one film may be larger


@dataclass(frozen=True, slots=True)
class Kept:
    """In place of a film that needs no answer: the one that it has, a result's document."""

    document: Document


Film = Radiograph | Kept | KnownError
LookUp = Callable[[Radiograph], Document | None]


@dataclass(frozen=True, slots=True)
class Read:
    """A file and its pixels, or its answer, or why there are none."""

    path: Path
    film: Film

    @property
    def size(self) -> int:
        """Bytes of pixels."""
        return self.film.stored.nbytes if isinstance(self.film, Radiograph) else 0


class Ahead:
    """Decodes the files in their order until it is closed; use it as a context manager.

    Parameters
    ----------
    kept:
        Called in the thread with each film: its answer where there is one already.
    """

    def __init__(self, engines: Engines, paths: Iterable[Path], kept: LookUp) -> None:
        self._engines = engines
        self._paths = paths
        self._kept = kept
        self._ready: deque[Read] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="radsal-ahead", daemon=True)

    def take(self, most: int, most_bytes: int, patience: float) -> list[Read] | None:
        """Files that are ready, one at least; none after ``patience`` seconds; None at the end.

        Raises what stopped the thread, where that was no fault of a file.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended, patience)
            taken: list[Read] = []
            size = 0
            while self._ready and len(taken) < most and (not taken or size < most_bytes):
                taken.append(self._ready.popleft())
                size += taken[-1].size
            self._changed.notify_all()
            if taken or not self._ended:
                return taken
            if self._error is not None:
                raise self._error
            return None

    def stop(self) -> None:
        """Decode no more; what is being decoded is broken off, and nobody waits for it here."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            for path in self._paths:
                if self._closed or not self._put(Read(path, self._film(path))):
                    break
        except BaseException as error:  # noqa: BLE001 - raised by take
            self._error = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _film(self, path: Path) -> Film:
        steps = load(self._engines, path)
        try:
            while not self._closed:
                next(steps)
        except StopIteration as end:
            film: Radiograph = end.value
            document = self._kept(film)
            return film if document is None else Kept(document)
        except KnownError as error:
            return error
        finally:
            steps.close()
        return KnownError("The work was stopped.")

    def _put(self, read: Read) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room(read.size))
            self._ready.append(read)
            self._changed.notify_all()
            return not self._closed

    def _has_room(self, size: int) -> bool:
        waiting = sum(read.size for read in self._ready)
        return not self._ready or (len(self._ready) < MOST_FILMS and waiting + size <= MOST_BYTES)

    def __enter__(self) -> "Ahead":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._thread.join()
