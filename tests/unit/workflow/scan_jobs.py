"""Jobs that some files or folders do harm to; a plain module, found by its import path."""

import os
import time
from pathlib import Path

from radsal.dicom import jobs
from radsal.workflow import walking


def read_records(paths, patience):
    """As the real one; some names of files end the process, stop it or fill its memory."""
    for path in paths:
        if "dies" in path:
            os._exit(3)
        if "hangs" in path:
            time.sleep(1000)
        if "heavy" in path:
            raise MemoryError
    return jobs.read_records(paths, patience)


def walk_that_dies_once(paths, index, skip=0):
    """As the real one; a marker in the first folder lets the process die after ten files."""
    marker = Path(paths[0]) / ".die"
    for portion in walking.walk(paths, index, skip):
        yield portion
        if marker.exists():
            marker.unlink()
            os._exit(3)
    return ()


def walk_that_waits(paths, index, skip=0):
    """As the real one; it ends only when a marker in the first folder is gone."""
    yield from walking.walk(paths, index, skip)
    while (Path(paths[0]) / ".wait").exists():
        time.sleep(0.01)
    return ()


def walk_that_hangs(paths, index, skip=0):
    """As on a network drive that does not answer."""
    yield from walking.walk(paths, index, skip)
    time.sleep(1000)


def walk_that_dies(paths, index, skip=0):
    """As often as it is tried."""
    os._exit(3)
