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
from radsal.workers.messages import END, TAKEN, WANTED, Event, Failure, Job, Result, Started
from radsal.workers.reach import LEAST
from radsal.workers.wire import Parcel, receive

_log = logging.getLogger("radsal.workers")


def main(
    connection: "Connection[Any, Any]",
    limits: Limits,
    preload: str | None,
    offers: bool,
) -> None:
    """Entry point of the process. Returns never: the listener ends the process.

    ``offers``: the caller may read this process's memory.
    """
    quieten()
    limit_threads(limits.threads)
    limit_memory(limits.memory)
    bound_memory(limits.resident)
    if limits.background:
        give_way()
    inbox = Inbox(connection)
    if preload is not None:
        _preload(preload)
    outbox = Outbox(connection, inbox, offers=offers)
    while True:
        work(inbox.next_job(), inbox, outbox)


class Inbox:
    """Reads the pipe in a thread of its own, so that cancel and the parent's end are seen at once.

    When the parent closes the pipe or dies, the process ends itself, also in the middle of a job.
    """

    def __init__(self, connection: "Connection[Any, Any]") -> None:
        self._connection = connection
        self._jobs: queue.SimpleQueue[Callable[[], Any]] = queue.SimpleQueue()
        self._taken: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._cancelled = 0  # jobs up to this number are not wanted any more
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next_job(self) -> Callable[[], Any]:
        """Wait for a job; calling it unpickles the arguments."""
        return self._jobs.get()

    def cancelled(self, number: int) -> bool:
        """Whether job ``number`` was cancelled."""
        return number <= self._cancelled

    def taken(self) -> bool:
        """Wait until the caller has read what was offered, or says that it could not."""
        return self._taken.get()

    def _listen(self) -> None:
        try:
            while True:
                received = receive(self._connection)
                if not isinstance(received, int):
                    self._jobs.put(received)
                elif received == END:
                    break
                elif received in (TAKEN, WANTED):
                    self._taken.put(received == TAKEN)
                else:
                    self._cancelled = received
        except (EOFError, OSError):
            pass
        finally:
            os._exit(0)


class Outbox:
    """Writes the pipe; large buffers are offered to be read in place as long as that is done."""

    def __init__(self, connection: "Connection[Any, Any]", inbox: Inbox, *, offers: bool) -> None:
        self._connection = connection
        self._inbox = inbox
        self._offers = offers

    def send(self, parcel: Parcel) -> None:
        """Write a message; when this returns its buffers may change."""
        if not self._offers or sum(parcel.sizes) < LEAST:
            parcel.send(self._connection)
            return
        parcel.offer(self._connection)
        if not self._inbox.taken():
            self._offers = False  # a sandbox forbids it: do not ask again
            parcel.send_buffers(self._connection)


def work(parcel: Callable[[], Any], inbox: Inbox, outbox: Outbox) -> None:
    """Run one job and answer with exactly one :class:`Result` or :class:`Failure`."""
    try:
        job: Job = parcel()
        outbox.send(Parcel(Started(job.number)))
        answer = Parcel(Result(_run(job, inbox, outbox)))
    except BaseException as error:  # noqa: BLE001 - the process outlives every job
        answer = _failure(error)
    outbox.send(answer)


def _run(job: Job, inbox: Inbox, outbox: Outbox) -> Any:
    if inbox.cancelled(job.number):
        raise Cancelled
    made: Any = resolve(job.target)(*job.args, **job.kwargs)
    if not isinstance(made, Generator):
        return made
    try:
        return _drain(made, job.number, inbox, outbox)
    finally:
        made.close()


def _drain(made: Generator[Any, None, Any], number: int, inbox: Inbox, outbox: Outbox) -> Any:
    while True:
        try:
            value = next(made)
        except StopIteration as end:
            return end.value
        if inbox.cancelled(number):
            raise Cancelled
        outbox.send(Parcel(Event(value)))


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
