"""Copy bytes out of a child process's memory: once, where a pipe copies them twice.

Linux lets a process read its children (``process_vm_readv(2)``). Elsewhere, and where a sandbox
forbids it, :meth:`Reach.read` says no and the bytes go through the pipe.
"""

import ctypes
import sys

import numpy as np

LEAST = 1 << 20  # bytes of a message below which asking costs more than it saves


class _Piece(ctypes.Structure):
    """``struct iovec``."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def _system_call() -> "ctypes._NamedFuncPointer | None":
    if sys.platform != "linux":
        return None
    call = getattr(ctypes.CDLL(None), "process_vm_readv", None)
    if call is not None:
        number, pieces = ctypes.c_ulong, ctypes.POINTER(_Piece)
        call.argtypes = [ctypes.c_int, pieces, number, pieces, number, number]
        call.restype = ctypes.c_ssize_t
    return call


_read = _system_call()


def address_of(view: memoryview) -> int:
    """Where the bytes of a contiguous buffer lie in this process."""
    address: int = np.asarray(view).ctypes.data
    return address


class Reach:
    """Reads the memory of one child process."""

    possible = _read is not None  # on this platform; whether it is allowed is seen when it is tried

    def __init__(self, pid: int) -> None:
        self._pid = pid

    def read(self, address: int, into: memoryview) -> bool:
        """Fill a writable buffer from there. False where not all of it could be read."""
        if _read is None:
            return False
        here, done = address_of(into), 0
        while done < into.nbytes:
            rest = into.nbytes - done
            theirs, ours = _Piece(address + done, rest), _Piece(here + done, rest)
            got = _read(self._pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0)
            if got <= 0:
                return False
            done += got
        return True
