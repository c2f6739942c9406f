"""A bound on the memory that a process holds, for those whose address space cannot be bounded.

torch maps far more than it uses, and CUDA reserves as much address space as there is memory: a
limit on it (``RLIMIT_AS``) would stop work that needs none. So a thread looks at what is resident
and ends the process when it is too much, before the system begins to swap or to kill others.
"""

import os
import threading
import time

import psutil

STATUS = 77  # exit status of a process that held too much
INTERVAL = 0.1  # seconds between two looks: a fast allocator takes 200 MB in them


def bound_memory(limit: int | None) -> None:
    """From now on, end this process once it holds more than ``limit`` bytes."""
    if limit is not None:
        threading.Thread(target=_watch, args=(limit,), name="memory", daemon=True).start()


def physical_memory() -> int:
    """Bytes of this machine's memory."""
    return int(psutil.virtual_memory().total)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(psutil.Process().memory_info().rss)


def _watch(limit: int) -> None:
    while resident() <= limit:
        time.sleep(INTERVAL)
    os._exit(STATUS)
