"""What a worker process does to itself before its first job."""

import contextlib
import faulthandler
import os
import signal
import sys
from dataclasses import dataclass

import psutil

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_NICER = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may take; as the parameters of :class:`radsal.workers.Worker`."""

    memory: int | None = None
    resident: int | None = None
    threads: int | None = None
    background: bool = False


def quieten() -> None:
    """Stdout becomes stderr, also for C code: ``--json`` prints one document in the parent.

    Ctrl-C is the parent's business: it ends this process when it has tidied up.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is None:  # started from a window without a console
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    sys.stdout = sys.stderr
    with contextlib.suppress(OSError, ValueError):
        os.dup2(2, 1)
    with contextlib.suppress(OSError, ValueError, AttributeError):
        faulthandler.enable()


def limit_threads(threads: int | None) -> None:
    """Bound the thread pools of libraries that are imported later."""
    if threads is not None:
        os.environ.update(dict.fromkeys(_THREADS, str(threads)))


def limit_memory(memory_limit: int | None) -> None:
    """Bound the address space, in bytes, where the platform can; never write a core file.

    A core file would hold patients' pixels. Windows has no ``resource``; macOS accepts the call
    and does not enforce it.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - POSIX only

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory_limit is not None:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))


def give_way() -> None:
    """Let other processes, above all the window, go first where the cores are busy."""
    if sys.platform == "win32":
        lower = psutil.BELOW_NORMAL_PRIORITY_CLASS
    else:
        lower = _NICER
    with contextlib.suppress(OSError, psutil.Error):
        psutil.Process().nice(lower)
