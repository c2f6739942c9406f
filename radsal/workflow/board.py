"""Where the threads of a scan meet: what must be read, and what is ready to be handed on in order."""

import threading
import time
from collections import deque
from collections.abc import Sequence

from radsal.core.records import Found
from radsal.workflow.portions import File, Findings

MOST = 512  # files that are handed on at once
PATIENCE = 0.05  # seconds between two batches, unless there is more than that


class Board:
    """Portions in the order of the walk. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._portions: deque[Findings] = deque()
        self._unread: deque[Findings] = deque()
        self._ready: list[Found] = []
        self._error: BaseException | None = None
        self._walked = False
        self._handed_on = 0.0
        self.stopped = False
        self.met = 0  # files that the walk has met so far

    # the walk ----------------------------------------------------------------------------------

    def add(self, findings: Findings) -> None:
        """The walk has met files."""
        with self._changed:
            self._portions.append(findings)
            self.met += len(findings.found)
            if findings.unread:
                self._unread.append(findings)
            self._advance()

    def end_walk(self) -> None:
        """The walk has met them all."""
        with self._changed:
            self._walked = True
            self._changed.notify_all()

    @property
    def walked(self) -> bool:
        """The walk has met them all."""
        return self._walked

    # the readers -------------------------------------------------------------------------------

    def next_unread(self) -> Findings | None:
        """Wait for files that must be read; None where no more will come."""
        with self._changed:
            self._changed.wait_for(lambda: self._unread or self._walked or self.stopped)
            return None if self.stopped or not self._unread else self._unread.popleft()

    def read(self, findings: Findings, files: Sequence[File], found: Sequence[Found]) -> None:
        """Some files were read."""
        with self._changed:
            for file, item in zip(files, found, strict=True):
                findings.found[file.place] = item
            self._advance()

    def fail(self, error: BaseException) -> None:
        """A thread cannot go on: whoever waits is told."""
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    # whoever waits for it all ------------------------------------------------------------------

    def take(self, tick: float) -> tuple[Found, ...]:
        """What is ready to be handed on; nothing after ``tick`` seconds. Raises what failed."""
        until = time.monotonic() + tick
        with self._changed:
            while not self._enough() and (left := until - time.monotonic()) > 0:
                self._changed.wait(min(left, PATIENCE))
            if self._error is not None:
                raise self._error
            ready, self._ready = tuple(self._ready), []
            self._handed_on = time.monotonic()
            return ready

    @property
    def done(self) -> bool:
        """Everything was handed on."""
        with self._changed:
            return self._walked and not self._portions and not self._ready

    def stop(self) -> None:
        """End the threads."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def _enough(self) -> bool:
        if self._error is not None or (self._walked and not self._portions):
            return True
        waited = time.monotonic() - self._handed_on
        return len(self._ready) >= MOST or bool(self._ready and waited > PATIENCE)

    def _advance(self) -> None:
        while self._portions:
            self._ready += self._portions[0].take()
            if not self._portions[0].complete:
                break
            self._portions.popleft()
        self._changed.notify_all()
