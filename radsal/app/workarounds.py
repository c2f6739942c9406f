"""Faults of Qt's bindings that would end the program, and what keeps it alive.

Imports no Qt. Each entry names the versions that have the fault, so that it can be rechecked and taken out.
"""

import ctypes
import sys

PLENTY = 1 << 40


def keep_none_alive() -> None:
    """Give ``None`` more references than any session can lose.

    WORKAROUND: PySide6 6.12.0 gives back one reference of ``None`` too many for every method that
    returns nothing. Before Python 3.12 (PEP 683) ``None`` is counted like any object, and the
    process aborts with "deallocating None" after some ten thousand calls, which is a minute of
    work. 6.11.3 is free of it. Recheck::

        before = sys.getrefcount(None); widget.update(); sys.getrefcount(None) - before  # 0, not -1
    """
    counted = sys.version_info < (3, 12) and sys.implementation.name == "cpython"
    if counted and sys.getrefcount(None) < PLENTY:
        ctypes.c_ssize_t.from_address(id(None)).value += PLENTY
