"""The caller's handle of one spawned process: start, send, wait, end."""

import multiprocessing
import os
import signal
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from multiprocessing.connection import wait
from typing import Any

from radsal.workers.child import main
from radsal.workers.limits import Limits
from radsal.workers.memory import STATUS
from radsal.workers.messages import END
from radsal.workers.wire import Parcel, receive, send_signal

KILL_LIMIT = 5.0  # seconds until a killed process must be gone

_TUNABLES, _HUGETLB = "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"

_spawn = multiprocessing.get_context("spawn")
_starting = threading.Lock()


class WorkerProcess:
    """A process that runs :func:`radsal.workers.child.main`, from its start to its end."""

    def __init__(
        self,
        name: str,
        limits: Limits,
        preload: str | None,
        large_pages: bool,
    ) -> None:
        self._connection, theirs = _spawn.Pipe(duplex=True)
        self._sending = threading.Lock()
        # daemon: multiprocessing ends it when the interpreter exits, should nobody close it
        self._process = _spawn.Process(
            target=main, args=(theirs, limits, preload), name=name, daemon=True
        )
        with (
            theirs,
            _without_main(),
            _deaf_to_ctrl_c(),
            _large_pages() if large_pages else nullcontext(),
        ):
            self._process.start()

    @property
    def pid(self) -> int | None:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.is_alive()

    def send(self, parcel: Parcel) -> None:
        """Write a message. Raises OSError where the process is gone."""
        with self._sending:
            parcel.send(self._connection)

    def signal(self, number: int) -> None:
        """Write a signal; a process that is gone needs none, one that does not read gets none."""
        if self._sending.acquire(timeout=0.5):
            try:
                send_signal(self._connection, number)
            except OSError:
                pass
            finally:
                self._sending.release()

    def receive(self, patience: float) -> Callable[[], Any] | None:
        """The next message (call it to unpickle), or None after ``patience`` seconds without one.

        Raises EOFError or OSError where the process is gone and everything it sent was read.
        """
        ready = wait([self._connection, self._process.sentinel], patience)
        if self._connection in ready or (ready and self._connection.poll()):
            received = receive(self._connection)
            if isinstance(received, int):
                raise EOFError("a worker sends no signals")
            return received
        if ready:
            raise EOFError("the process ended")
        return None

    def end(self, patience: float = 0.0) -> str:
        """End the process, at the latest after ``patience`` seconds, and say how it ended.

        The pipe is not closed here: another thread may be waiting on it, and sees its end.
        """
        if patience:
            self.signal(END)
            self._process.join(patience)
        if self._process.exitcode is not None:
            return _how_it_ended(self._process.exitcode)
        self._process.kill()
        self._process.join(KILL_LIMIT)
        return "it was stopped"


def _how_it_ended(code: int | None) -> str:
    if code == STATUS:
        return "it took more memory than it may"
    if code is None or code >= 0:
        return f"it ended with status {code}"
    with suppress(ValueError):
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it was ended by signal {-code}"


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide ``__main__`` while a process is spawned.

    WORKAROUND: ``multiprocessing`` makes every spawned process import the program's main module
    again: slow (the whole window), and impossible where it came from stdin. The worker is found
    by its import path and needs no main module. Recheck when ``Process`` gets an option for it.
    """
    with _starting:
        hidden = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = hidden


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Spawn a process that a Ctrl-C in the terminal does not reach, from its first moment.

    Ctrl-C is the parent's business. Until the process has seen to that itself (``quieten``), a
    mask that it inherits keeps it from dying with a traceback. Windows has no such mask.
    """
    if sys.platform == "win32":
        with _ctrl_c_later():
            yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - POSIX only

    resource_tracker.ensure_running()  # starting it would lift the mask
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _ctrl_c_later():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Put a Ctrl-C off: within the block it would leave a process without what it is to run.

    The mask alone does not do, for the system may give the signal to a thread without one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # no other thread is interrupted
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
        if pressed:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _large_pages() -> Iterator[None]:
    """Let a process that is spawned now take large pages for large blocks of memory.

    glibc reads the variable when a process starts; other C libraries do not know it. Hold the
    lock of :func:`_without_main`.
    """
    before = os.environ.get(_TUNABLES)
    os.environ[_TUNABLES] = f"{before}:{_HUGETLB}" if before else _HUGETLB
    try:
        yield
    finally:
        if before is None:
            del os.environ[_TUNABLES]
        else:
            os.environ[_TUNABLES] = before
