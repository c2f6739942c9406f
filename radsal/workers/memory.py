"""A bound on the memory that a process holds, for those whose address space cannot be bounded.

torch maps far more than it uses, and CUDA reserves as much address space as there is memory: a
limit on it (``RLIMIT_AS``) would stop work that needs none. So a thread looks at what is resident
and ends the process when it is too much, before the system begins to swap or to kill others.
"""

import ctypes
import os
import sys
import threading
import time
from ctypes import wintypes
from pathlib import Path

STATUS = 77  # exit status of a process that held too much
INTERVAL = 0.1  # seconds between two looks: a fast allocator takes 200 MB in them


def bound_memory(limit: int | None) -> None:
    """From now on, end this process once it holds more than ``limit`` bytes."""
    if limit is not None:
        threading.Thread(target=_watch, args=(limit,), name="memory", daemon=True).start()


def physical_memory() -> int | None:
    """Bytes of this machine's memory, or None where the system does not say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def resident() -> int:
    """Bytes of memory that this process holds; on macOS the most that it ever held."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        import resource  # noqa: PLC0415 - POSIX only

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pages = Path("/proc/self/statm").read_bytes().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _watch(limit: int) -> None:
    while True:
        try:
            held = resident()
        except OSError:  # no /proc here: there is nothing to look at
            return
        if held > limit:
            os._exit(STATUS)
        time.sleep(INTERVAL)


class _Counters(ctypes.Structure):
    """``PROCESS_MEMORY_COUNTERS`` of Windows."""

    _fields_ = (
        ("cb", wintypes.DWORD),
        ("PageFaultCount", wintypes.DWORD),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


def _windows() -> int:
    """What the process has committed: Windows moves what is resident out to its page file."""
    counters = _Counters()
    counters.cb = ctypes.sizeof(counters)
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    process = wintypes.HANDLE(-1)  # the pseudo handle of the process itself
    if not kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb):
        raise OSError("GetProcessMemoryInfo failed")
    return int(counters.PagefileUsage)
