"""Functions that the tests run inside workers; a plain module, found by its import path."""

import os
import sys
import time

import numpy as np

from radsal.core.errors import Refusal, RefusalCode
from radsal.core.progress import Progress


def double(value):
    return value * 2


def echo(array):
    return array


def stand_still(marker=None):
    if marker is not None:
        marker.write_text(str(os.getpid()))
    while True:
        time.sleep(0.01)


def count(until, marker=None):
    try:
        for done in range(until):
            yield Progress(done, until)
            time.sleep(0.001)
    finally:
        if marker is not None:
            marker.write_text("tidied up")
    return "counted"


def batches(sizes):
    for size in sizes:
        yield tuple(range(size))
        time.sleep(0.12)


def refuse():
    raise Refusal("no image", code=RefusalCode.NO_IMAGE, remedy="open another")


def fail():
    raise ZeroDivisionError("the hidden detail")


def allocate(bytes_wanted):
    return int(np.ones(bytes_wanted, np.uint8).sum())


def chatter():
    print("python was here")
    os.system("echo the shell was here")
    sys.stdout.flush()


def not_picklable():
    return lambda: None


def pid():
    return os.getpid()


def exit_now():
    os._exit(7)


def leave():
    sys.exit(3)


def environment(name):
    return os.environ.get(name)


def main_module():
    return getattr(sys.modules["__main__"], "__file__", None)


def preload():
    os.environ["RADSAL_TEST_PRELOADED"] = "yes"


def broken_preload():
    raise RuntimeError("cannot warm up")


def hold(size, seconds):
    """Hold so many bytes for a time."""
    held = np.ones(size, np.uint8)
    time.sleep(seconds)
    return len(held)


def niceness():
    return os.getpriority(os.PRIO_PROCESS, 0)
