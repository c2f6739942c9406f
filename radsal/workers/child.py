"""The worker's own side: one thread listens, the main thread runs one job after the other."""

import importlib
import logging
import os
import queue
import threading
import traceback
from collections.abc import Callable, Generator
from multiprocessing.connection import Connection
from typing import Any

from radsal.core.errors import BugError, Cancelled, RadSalError, WorkerError
from radsal.workers.limits import Limits, give_way, limit_memory, limit_threads, quieten
from radsal.workers.memory import bound_memory
from radsal.workers.messages import END, Event, Failure, Job, Result, Started
from radsal.workers.wire import Parcel, receive

_log = logging.getLogger("radsal.workers")


def main(
    connection: "Connection[Any, Any]",
    limits: Limits,
    preload: str | None,
) -> None:
    """Entry point of the process. Returns never: the listener ends the process."""
    quieten()
    limit_threads(limits.threads)
    limit_memory(limits.memory)
    bound_memory(limits.resident)
    if limits.background:
        give_way()
    inbox = Inbox(connection)
    if preload is not None:
        _preload(preload)
    while True:
        work(inbox.next_job(), inbox, connection)


class Inbox:
    """Reads the pipe in a thread of its own, so that cancel and the parent's end are seen at once.

    When the parent closes the pipe or dies, the process ends itself, also in the middle of a job.
    """

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self._cancelled = 0  # jobs up to this number are not wanted any more
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_job(self) -> Callable[[], Any]:
        """Wait for a job; calling it unpickles the arguments."""
        return self._jobs.get()

    def cancelled(self, number: int) -> bool:
        """Whether job ``number`` was cancelled."""
        return number <= self._cancelled

    def _listen(self) -> None:
        try:
            while True:
                received = receive(self._connection)
                if not isinstance(received, int):
                    self._jobs.put(received)
                elif received == END:
                    break
                else:
                    self._cancelled = received
        except (EOFError, OSError):
            pass
        finally:
            os._exit(0)


def work(parcel: Callable[[], Any], inbox: Inbox, connection: "Connection[Any, Any]") -> None:
    """Run one job and answer with exactly one :class:`Result` or :class:`Failure`."""
    try:
        job: Job = parcel()
        Parcel(Started(job.number)).send(connection)
        answer = Parcel(Result(_run(job, inbox, connection)))
    except BaseException as error:  # noqa: BLE001 - the process outlives every job
        answer = _failure(error)
    answer.send(connection)


def _run(job: Job, inbox: Inbox, connection: "Connection[Any, Any]") -> Any:
    if inbox.cancelled(job.number):
        raise Cancelled
    made: Any = resolve(job.target)(*job.args, **job.kwargs)
    if not isinstance(made, Generator):
        return made
    try:
        return _drain(made, job.number, inbox, connection)
    finally:
        made.close()


def _drain(
    made: Generator[Any, None, Any],
    number: int,
    inbox: Inbox,
    connection: "Connection[Any, Any]",
) -> Any:
    while True:
        try:
            value = next(made)
        except StopIteration as end:
            return end.value
        if inbox.cancelled(number):
            raise Cancelled
        Parcel(Event(value)).send(connection)


def resolve(target: str) -> Callable[..., Any]:
    """The function that ``"package.module:function"`` names."""
    module, _, name = target.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _preload(target: str) -> None:
    """Warm up. A failure is logged: the first job that needs it will say it properly."""
    try:
        resolve(target)()
    except Exception:  # noqa: BLE001
        _log.exception("warm-up %s failed", target)


def _failure(error: BaseException) -> Parcel:
    """The error as the caller shall see it; what cannot be pickled becomes a BugError."""
    if isinstance(error, MemoryError):
        error = WorkerError(
            "The work needs more memory than it is allowed.",
            code="out-of-memory",
            remedy="Close other programs, or try a smaller image.",
        )
    if isinstance(error, RadSalError):
        try:
            return Parcel(Failure(error))
        except Exception as unpicklable:  # noqa: BLE001
            error.add_note(f"(could not be sent: {unpicklable})")
    bug = BugError(f"{type(error).__name__} in a worker: {error}")
    bug.add_note("".join(traceback.format_exception(error)))
    return Parcel(Failure(bug))
