"""A lane: one thread that runs its tasks one after the other, the urgent ones first."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from radsal.core.errors import BugError, Cancelled, RadSalError

_log = logging.getLogger("radsal.tasks")


class Priority(IntEnum):
    """Lower goes first."""

    SCREEN = 0  # the reader is waiting for it
    PATIENT = 1  # the reader waits for it too, but knows that it takes long
    AHEAD = 2  # the reader will want it next
    IDLE = 3


def _nothing(_: Any = None) -> None:
    """The handler of an end that needs no answer."""


@dataclass(frozen=True, slots=True)
class Handlers:
    """Called in the GUI thread: ``event`` for each yield, then exactly one of the others."""

    success: Callable[[Any], None]
    failure: Callable[[RadSalError], None]
    cancel: Callable[[], None] = _nothing
    event: Callable[[Any], None] = _nothing


class Task:
    """Handle of submitted work."""

    def __init__(self, work: Callable[[], Any], handlers: Handlers) -> None:
        self._work = work
        self._cancelled = threading.Event()
        self.handlers = handlers
        self.done = False

    def cancel(self) -> None:
        """Stop at the next yield, or never begin. Afterwards only ``cancel`` is called."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Cancel was asked for."""
        return self._cancelled.is_set()

    def run(self, emit: Callable[[Any], None]) -> Any:
        """Do the work in the lane's thread. Raises Cancelled where it was asked for."""
        if self.cancelled:
            raise Cancelled
        result = self._work()
        return self._drain(result, emit) if isinstance(result, Generator) else result

    def _drain(self, steps: Generator[Any, None, Any], emit: Callable[[Any], None]) -> Any:
        try:
            while True:
                emit(next(steps))
                if self.cancelled:
                    raise Cancelled
        except StopIteration as end:
            return end.value
        finally:
            steps.close()


class Lane(QObject):
    """One thread and its queue. Make it in the GUI thread: the handlers are called there."""

    _posted = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._order = itertools.count()
        self._queue: queue.PriorityQueue[tuple[int, int, Task | None]] = queue.PriorityQueue()
        self._pending: set[Task] = set()
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._loop, name=f"radsal-{name}", daemon=True)
        self._thread.start()

    def submit(
        self,
        work: Callable[[], Any],
        handlers: Handlers,
        priority: Priority = Priority.SCREEN,
    ) -> Task:
        """Queue a function; where it returns a generator, that is run to its end."""
        task = Task(work, handlers)
        self._pending.add(task)
        self._queue.put((priority, next(self._order), task))
        return task

    @property
    def idle(self) -> bool:
        """Nothing is queued, running or waiting for its handler."""
        return not self._pending

    def cancel_all(self) -> None:
        """Ask every queued and running task to stop."""
        for task in tuple(self._pending):
            task.cancel()

    def close(self, *, finish: bool = False, timeout: float = 10.0) -> bool:
        """End the thread: after what is queued (``finish``), or after the current step.

        Returns whether the thread ended within ``timeout`` seconds.
        """
        if not finish:
            self.cancel_all()
        self._queue.put((Priority.IDLE + 1, next(self._order), None))
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while (task := self._queue.get()[2]) is not None:
            self._post(self._outcome(task))

    def _outcome(self, task: Task) -> Callable[[], None]:
        """Run a task and say what to call in the GUI thread."""
        try:
            result = task.run(lambda event: self._post(lambda: self._event(task, event)))
        except Cancelled:
            return lambda: self._finish(task, task.handlers.cancel)
        except RadSalError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - whatever it is, the user and the log learn of it
            _log.exception("A task failed with an error nobody foresaw")
            failure = BugError(f"{type(error).__name__}: {error}")
            failure.__cause__ = error
        else:
            return lambda: self._finish(task, lambda: task.handlers.success(result))
        return lambda: self._finish(task, lambda: task.handlers.failure(failure))

    def _post(self, call: Callable[[], None]) -> None:
        try:
            self._posted.emit(call)
        except RuntimeError:  # the application is gone: there is nobody left to tell
            _log.debug("An answer came after the window was closed")

    def _deliver(self, call: Callable[[], None]) -> None:
        call()

    def _event(self, task: Task, event: Any) -> None:
        if not task.cancelled:
            task.handlers.event(event)

    def _finish(self, task: Task, handler: Callable[[], None]) -> None:
        """Call the last handler; success that comes after a cancel is a cancel."""
        self._pending.discard(task)
        task.done = True
        (task.handlers.cancel if task.cancelled else handler)()
