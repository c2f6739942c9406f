"""Keep in the folder index what a scan reads, beside the scan, in batches."""

import queue
import threading
import time
from collections.abc import Iterable, Sequence

from radsal.core.errors import RefusalCode
from radsal.core.records import Found
from radsal.core.refused import Refused
from radsal.storage.index import FolderIndex, Kept, Stamp
from radsal.workflow.portions import File, Gone

BATCH = 2000  # files
PATIENCE = 1.0  # seconds until fewer are written too
RACY = 2_000_000_000  # nanoseconds: a file changed later may change again within its time of change
BELIEVED = 631_152_000_000_000_000  # 1990: an earlier time of change is that of a disc without one

Item = Kept | tuple[str, str]  # to be kept, or (folder, name) to be forgotten

# What the bytes of the file are to blame for: any other refusal may be another one the next time
_LASTING = frozenset(
    {
        RefusalCode.EMPTY,
        RefusalCode.NOT_DICOM,
        RefusalCode.NO_TRANSFER_SYNTAX,
        RefusalCode.NO_IMAGE,
        RefusalCode.TRUNCATED,
        RefusalCode.CORRUPT,
        RefusalCode.UNSUPPORTED_SYNTAX,
        RefusalCode.UNSUPPORTED_PIXELS,
    }
)


def may_be_kept(found: Found, stamp: tuple[int, int, int], read_at: int) -> bool:
    """Whether what was read at a time (nanoseconds) holds until the stamp of the file changes."""
    _, modified, _ = stamp
    if not BELIEVED < modified < read_at - RACY:
        return False
    return not isinstance(found, Refused) or found.code in _LASTING


class Keeper:
    """Writes into the index in a thread of its own, which starts with the first file."""

    def __init__(self, index: FolderIndex | None) -> None:
        self._index = index if index is not None and index.prepare() else None
        self._queue: queue.SimpleQueue[list[Item] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def index(self) -> FolderIndex | None:
        """The index, where it can be used."""
        return self._index

    def keep(
        self, files: Sequence[File], records: Sequence[str], found: Sequence[Found], read_at: int
    ) -> None:
        """Keep what was read, or forget what was kept, where this cannot be."""
        if self._index is None:
            return
        self._put(
            [
                Kept(file.run.key, file.name, Stamp(*file.stamp), record)
                if may_be_kept(item, file.stamp, read_at)
                else (file.run.key, file.name)
                for file, record, item in zip(files, records, found, strict=True)
            ]
        )

    def forget(self, gone: Gone) -> None:
        """Forget files that are not there any more."""
        if gone:
            self._put(list(gone))

    def close(self, folders: Iterable[str]) -> None:
        """Write the rest, note that these folders are in use, and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        if self._index is not None:
            self._index.saw(folders)
            if self._thread is not None:
                self._index.trim()

    def _put(self, items: list[Item]) -> None:
        if self._index is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="radsal-index", daemon=True)
            self._thread.start()
        self._queue.put(items)

    def _write(self) -> None:
        usable = True
        while True:
            batch, last = self._batch()
            if usable and self._index is not None:
                usable = self._index.keep(item for item in batch if isinstance(item, Kept))
                self._index.forget(item for item in batch if not isinstance(item, Kept))
            if last:
                return

    def _batch(self) -> tuple[list[Item], bool]:
        """What came within a while, and whether it is the last."""
        batch: list[Item] = []
        until = time.monotonic() + PATIENCE
        while len(batch) < BATCH and (left := until - time.monotonic()) > 0:
            try:
                items = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if items is None:
                return batch, True
            batch += items
        return batch, False
