"""One long-lived process that runs one job at a time."""

import logging
import threading
import time
from collections.abc import Generator
from typing import Any, ClassVar

from psygnal import Signal

from radsal.core.errors import BugError, Cancelled, WorkerDied, WorkerTimeout
from radsal.core.progress import Progress
from radsal.workers.limits import Limits
from radsal.workers.messages import GRACE, Event, Failure, Job, Result, Started
from radsal.workers.process import WorkerProcess
from radsal.workers.wire import Parcel

_log = logging.getLogger("radsal.workers")

TICK = 0.05  # seconds between two yields while nothing arrives
START_LIMIT = 300.0  # seconds until a process must have imported its first job
END_LIMIT = 0.5  # seconds a process gets to end by itself


class Worker:
    """A spawned process that runs one job at a time; callers queue.

    Parameters
    ----------
    name:
        What messages to the user call it.
    memory_limit:
        Address space in bytes, where the platform can limit it. A job that needs more fails with
        :class:`~radsal.core.errors.WorkerError`, code ``out-of-memory``.
    resident_limit:
        Memory in bytes that the process may hold, on every platform; for work whose address space
        cannot be limited. A job that takes more ends the process, which is a WorkerDied.
    preload:
        ``"package.module:function"`` run once when the process starts, such as a slow import.
    threads:
        Bound for the thread pools of numerical libraries; None leaves them alone.
    background:
        Let other processes go first where the cores are busy.
    large_pages:
        Take memory in pages of 2 MiB where the system (glibc 2.35) can: new memory costs a
        process that works on blocks of many megabytes half of its time in small ones.

    Signals
    -------
    restarted(name, reason):
        The process was lost and a new one started. Emitted in the thread that runs the job.
    """

    restarted: ClassVar[Signal] = Signal(str, str)

    def __init__(
        self,
        name: str,
        *,
        memory_limit: int | None = None,
        resident_limit: int | None = None,
        preload: str | None = None,
        threads: int | None = None,
        background: bool = False,
        large_pages: bool = False,
    ) -> None:
        self.name = name
        limits = Limits(memory_limit, resident_limit, threads, background)
        self._options = (limits, preload, large_pages)
        self._process: WorkerProcess | None = None
        self._turn = threading.Lock()  # held by the job that runs
        self._guard = threading.Lock()  # held while the process is exchanged
        self._number = 0
        self._cancel_at: float | None = None
        self._closed = False
        self._pending = False  # the job that was sent has not been answered yet
        self._started = False  # the process said that it runs that job
        self._restarts = 0

    # state -------------------------------------------------------------------------------------

    @property
    def pid(self) -> int | None:
        """Process id, or None before the start and after the end."""
        process = self._process
        return process.pid if process is not None else None

    @property
    def alive(self) -> bool:
        """Whether the process runs now."""
        process = self._process
        return process is not None and process.alive

    @property
    def restarts(self) -> int:
        """How often a lost process was replaced."""
        return self._restarts

    # life --------------------------------------------------------------------------------------

    def start(self) -> None:
        """Spawn the process without waiting for it; nothing happens where it runs already."""
        with self._guard:
            if self._closed:
                raise Cancelled(f"The {self.name} process was closed.")
            if self._process is None:
                self._process = WorkerProcess(self.name, *self._options)

    def close(self) -> None:
        """End the process for good; a job that runs raises Cancelled. Never hangs."""
        with self._guard:
            self._closed = True
            process, self._process = self._process, None
        if process is not None:
            process.end(END_LIMIT)

    def cancel(self) -> None:
        """Ask the job that runs now to stop; may be called from any thread.

        It stops at its next yield. Where none comes within 1.5 seconds the process is ended.
        Either way ``run`` raises Cancelled.
        """
        process, number = self._process, self._number
        if process is not None and self._turn.locked() and self._cancel_at is None:
            self._cancel_at = time.monotonic() + GRACE
            process.signal(number)

    # jobs --------------------------------------------------------------------------------------

    def call(self, target: str, /, *args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Run a job and wait for its result; what it yields is dropped. See :meth:`run`."""
        job = self.run(target, *args, timeout=timeout, **kwargs)
        while True:
            try:
                next(job)
            except StopIteration as end:
                return end.value

    def run(
        self, target: str, /, *args: Any, timeout: float | None = None, **kwargs: Any
    ) -> Generator[Any, None, Any]:
        """Run ``target`` (``"package.module:function"``) in the process.

        Parameters
        ----------
        args, kwargs:
            Passed on; they must be picklable. Arrays arrive read only.
        timeout:
            Seconds from the moment the job starts in the process, or None.

        Yields
        ------
        What a generator function yields, once each; and every 50 ms while nothing arrives, the
        last :class:`Progress` again (``Progress(0, 0)`` before the first), so that the caller can
        cancel. Closing the generator cancels the job as :meth:`cancel` does.

        Returns
        -------
        What the function returns.

        Raises
        ------
        WorkerDied
            The process ended in the middle of the job; a new one is being started.
        WorkerTimeout
            The job took longer than ``timeout``; as above.
        Cancelled
            :meth:`cancel` or :meth:`close` was called.
        KnownError
            As raised by the job, or code ``out-of-memory``.
        BugError
            Any other error of the job, with the remote traceback as a note.
        """
        while not self._turn.acquire(timeout=TICK):
            yield Progress(0, 0)
        try:
            return (yield from self._run(target, args, kwargs, timeout))
        finally:
            self._turn.release()

    def _run(
        self, target: str, args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float | None
    ) -> Generator[Any, None, Any]:
        self._number += 1
        self._cancel_at = None
        parcel = _packed(Job(self._number, target, args, kwargs))
        for _ in range(2):  # a process that died while idle costs no job
            try:
                return (yield from self._attempt(parcel, timeout))
            except _NotStartedError as error:
                lost = error
        raise WorkerDied(f"The {self.name} process cannot be started.") from lost

    def _attempt(self, parcel: Parcel, timeout: float | None) -> Generator[Any, None, Any]:
        self.start()
        process = self._process
        if process is None:
            raise Cancelled
        self._pending, self._started = True, False
        try:
            process.send(parcel)
            return (yield from self._answers(process, timeout))
        except GeneratorExit:
            self._abandon(process)
            raise
        except (EOFError, OSError):
            if not self._pending:  # raised by the job itself
                raise
            raise self._lost(process) from None
        finally:
            if self._pending:  # something was thrown in from outside, such as Ctrl-C
                self._replace(process, "a job was broken off", kill=True)

    def _answers(self, process: WorkerProcess, timeout: float | None) -> Generator[Any, None, Any]:
        last: Any = Progress(0, 0)
        deadline: float | None = time.monotonic() + START_LIMIT
        while True:
            received = process.receive(TICK)
            message = _unpacked(received) if received is not None else None
            if isinstance(message, Result | Failure):
                self._pending = False
                return _outcome(message)
            if isinstance(message, Started):
                self._started = True
                deadline = None if timeout is None else time.monotonic() + timeout
                continue
            self._check_time(process, deadline)
            value = message.value if isinstance(message, Event) else last
            last = value if isinstance(value, Progress) else last
            yield value

    def _check_time(self, process: WorkerProcess, deadline: float | None) -> None:
        now = time.monotonic()
        if self._cancel_at is not None and now > self._cancel_at:
            self._replace(process, "a cancelled job did not stop", kill=True)
            raise Cancelled
        if deadline is not None and now > deadline:
            self._replace(process, "a job took too long", kill=True)
            raise WorkerTimeout(
                f"The {self.name} process took too long and was stopped.",
                remedy="It has been started again.",
            )

    def _abandon(self, process: WorkerProcess) -> None:
        """Cancel, and wait until the process is free or replaced: at most the grace period."""
        self.cancel()
        try:
            for _ in self._answers(process, None):
                pass
        except (EOFError, OSError):
            if self._pending:
                self._lost(process)
        except Exception:  # noqa: BLE001 - nobody waits for the outcome any more
            _log.debug("%s: an abandoned job failed", self.name)

    # loss --------------------------------------------------------------------------------------

    def _lost(self, process: WorkerProcess) -> Exception:
        """Replace a process that ended on its own, and make the error that says so."""
        if self._closed:
            return Cancelled(f"The {self.name} process was closed.")
        how = process.end(END_LIMIT)
        self._replace(process, how)
        if self._cancel_at is not None:
            return Cancelled()
        if not self._started:
            return _NotStartedError(how)
        return WorkerDied(
            f"The {self.name} process was lost: {how}.", remedy="It has been started again."
        )

    def _replace(self, process: WorkerProcess, reason: str, *, kill: bool = False) -> None:
        self._pending = False
        if kill:
            process.end()
        with self._guard:
            if self._closed or self._process is not process:
                return
            self._process = WorkerProcess(self.name, *self._options)
            self._restarts += 1
        self.restarted.emit(self.name, reason)


class _NotStartedError(Exception):
    """The process was lost before it began the job: the job can be given to another one."""


def _outcome(message: Result | Failure) -> Any:
    if isinstance(message, Failure):
        raise message.error
    return message.value


def _packed(job: Job) -> Parcel:
    try:
        return Parcel(job)
    except Exception as error:
        raise BugError(f"arguments of {job.target} cannot be sent: {error}") from error


def _unpacked(received: Any) -> Any:
    try:
        return received()
    except Exception as error:
        raise BugError(f"a worker's answer cannot be read: {error}") from error
