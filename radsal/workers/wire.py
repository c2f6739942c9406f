"""Messages over a pipe: pickle protocol 5, large buffers beside the pickle.

A message is one frame with the number of buffers and their sizes (little-endian uint64), one
frame with the pickle, then the bytes of every buffer. NumPy arrays arrive as read-only views of
the received bytes: nothing is copied after the pipe.

A sender may offer its buffers instead: their addresses follow their sizes in the first frame, no
bytes follow the pickle, and the sender keeps the buffers until a signal says ``TAKEN``, or
``WANTED``: then the bytes follow after all.

A signal is a bare number in one short frame: it is understood without unpickling anything.
"""

import os
import pickle
import struct
import sys
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from radsal.workers.reach import address_of

_POSIX = sys.platform != "win32"
_PIECE = 1 << 20  # bytes per write: a reader starts while the rest is still being written


class Parcel:
    """A pickled message: it fails to pickle before the first byte is sent, not in between."""

    def __init__(self, message: object) -> None:
        self._buffers: list[memoryview] = []
        self._pickle = pickle.dumps(message, protocol=5, buffer_callback=self._keep)

    def _keep(self, buffer: pickle.PickleBuffer) -> bool:
        """Take a contiguous buffer out of the pickle; true (in band) where it is not."""
        try:
            self._buffers.append(buffer.raw())
        except BufferError:
            return True
        return False

    @property
    def sizes(self) -> list[int]:
        """Bytes of each buffer beside the pickle."""
        return [view.nbytes for view in self._buffers]

    def send(self, connection: "Connection[Any, Any]") -> None:
        """Write the message. Raises OSError where the other end is gone."""
        self._send_head(connection, [])
        self.send_buffers(connection)

    def offer(self, connection: "Connection[Any, Any]") -> None:
        """Write the message but for the buffers, and say where they lie. Raises OSError."""
        self._send_head(connection, [address_of(view) for view in self._buffers])

    def send_buffers(self, connection: "Connection[Any, Any]") -> None:
        """Write the buffers. Raises OSError where the other end is gone."""
        for view in self._buffers:
            _write_buffer(connection, view)

    def _send_head(self, connection: "Connection[Any, Any]", addresses: list[int]) -> None:
        numbers = [len(self._buffers), *self.sizes, *addresses]
        connection.send_bytes(struct.pack(f"<{len(numbers)}Q", *numbers))
        connection.send_bytes(self._pickle)


def send_signal(connection: "Connection[Any, Any]", number: int) -> None:
    """Write a signal. Raises OSError where the other end is gone."""
    connection.send_bytes(struct.pack("<L", number))


Take = Callable[[Sequence[int], Sequence[memoryview]], bool]


def receive(
    connection: "Connection[Any, Any]", take: Take | None = None
) -> Callable[[], Any] | int:
    """Read one signal (its number), or one message: calling what is returned unpickles it.

    Reading and unpickling are apart so that one thread can read while another resolves (and
    imports) what the pickle names. Raises EOFError or OSError where the other end is gone.

    Parameters
    ----------
    take:
        Copies what the other end offers, from addresses into buffers; tells it, and returns,
        whether that was possible. None where the other end offers nothing.
    """
    head = connection.recv_bytes()
    if len(head) == 4:
        return int.from_bytes(head, "little")
    count, *numbers = struct.unpack(f"<{len(head) // 8}Q", head)
    sizes, addresses = numbers[:count], numbers[count:]
    body = connection.recv_bytes()
    # Not zeroed first, and Linux gives NumPy large pages: half the time of a bytearray
    buffers = [np.empty(size, np.uint8).data for size in sizes]
    if not addresses or take is None or not take(addresses, buffers):
        for view in buffers:
            _read_buffer(connection, view)
    return lambda: _unpickle(body, [view.toreadonly() for view in buffers])


def _write_buffer(connection: "Connection[Any, Any]", view: memoryview) -> None:
    start = 0
    while start < view.nbytes:
        piece = view[start : start + _PIECE]
        if _POSIX:
            start += os.write(connection.fileno(), piece)
        else:
            connection.send_bytes(piece)
            start += piece.nbytes


def _read_buffer(connection: "Connection[Any, Any]", view: memoryview) -> None:
    """Fill a buffer; on POSIX straight from the pipe, which saves two copies."""
    start = 0
    while start < view.nbytes:
        if _POSIX:
            got = os.readv(connection.fileno(), [view[start:]])
            if not got:
                raise EOFError
        else:
            got = connection.recv_bytes_into(view, start)
        start += got


def _unpickle(body: bytes, buffers: Sequence[memoryview]) -> Any:
    return pickle.loads(body, buffers=buffers)  # noqa: S301 - our own process at the other end
