"""Read the headers of folders in several processes, in the order of the walk.

One thread follows the walk, which runs in the first scanner process; every other thread hands the
files that the folder index does not know to a process of its own. When the walk is over the first
process reads too. The processes are spoken to in threads because each is waited for.
"""

import logging
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from radsal.core.errors import RefusalCode, WorkerDied, WorkerError, WorkerTimeout
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader
from radsal.core.records import Found, found_in, record_of
from radsal.core.refused import Refused
from radsal.storage.index import FolderIndex
from radsal.workflow.board import Board
from radsal.workflow.keeping import Keeper
from radsal.workflow.portions import File, Findings, Gone, Portion

log = logging.getLogger("radsal.workflow")

WALK = "radsal.workflow.walking:walk"
READ = "radsal.dicom.jobs:read_records"
HEADER_SECONDS = 10.0  # the published limit: a header that takes longer is refused
PATIENCE = 0.25  # seconds that a process reads in one go
TICK = 0.05  # seconds between two chances to cancel


class Scanner(Protocol):
    """A process that walks or reads: :class:`radsal.workers.Worker`."""

    def start(self) -> None: ...  # noqa: D102
    def run(  # noqa: D102
        self, target: str, /, *args: Any, timeout: float | None = None
    ) -> Generator[Any, None, Any]: ...


def scan(
    scanners: Sequence[Scanner], paths: Sequence[Path], index: FolderIndex | None = None
) -> Generator[Progress | tuple[Found, ...], None, tuple[int, int]]:
    """Read the headers of files and, recursively, folders.

    Parameters
    ----------
    scanners:
        One process at least. The others are started where they do not run yet.
    index:
        What it knows is not read again, and what is read it learns.

    Yields
    ------
    Batches: one header or refusal for each file met, in the order of the walk; after each, and
    every 50 ms where there is none, the number of files so far, of all once the walk is over.

    Returns
    -------
    (opened, refused): their sum is the number of files met.
    """
    opened = done = 0
    yield Progress(0, 0, "Looking for images")
    with closing(_Scan(scanners, paths, index)) as running:
        board = running.board
        while not board.done:
            batch = board.take(TICK)
            if batch:
                opened += sum(isinstance(item, ImageHeader) for item in batch)
                done += len(batch)
                yield batch
            yield Progress(done, board.met if board.walked else 0, "Reading headers")
    return opened, done - opened


class _Scan:
    """The threads of a scan."""

    def __init__(
        self, scanners: Sequence[Scanner], paths: Sequence[Path], index: FolderIndex | None
    ) -> None:
        self.board = Board()
        self._keeper = Keeper(index)
        self._folders: set[str] = set()
        self._paths = list(paths)
        for scanner in scanners:
            scanner.start()
        first, *others = scanners
        self._threads = [
            self._started(partial(self._walk_and_read, first)),
            *(self._started(partial(self._read, other)) for other in others),
        ]

    def close(self) -> None:
        """End the threads, and keep what was read."""
        self.board.stop()
        for thread in self._threads:
            thread.join()
        self._keeper.close(self._folders)

    def _started(self, work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except _StoppedError:
                pass
            except BaseException as error:  # noqa: BLE001 - raised again where the scan is waited for
                self.board.fail(error)

        thread = threading.Thread(target=run, name="radsal-scan", daemon=True)
        thread.start()
        return thread

    # the walk ----------------------------------------------------------------------------------

    def _walk_and_read(self, scanner: Scanner) -> None:
        self._keeper.forget(self._walk(scanner))
        self.board.end_walk()
        self._read(scanner)

    def _walk(self, scanner: Scanner, attempts: int = 2) -> Gone:
        """Follow the walk; where its process is lost, another one goes on after the files met."""
        index = self._keeper.index.path if self._keeper.index else None
        job = scanner.run(WALK, self._paths, index, self.board.met)
        try:
            gone: Gone = self._run(job, self._meet)
        except WorkerDied:
            if attempts == 1:
                raise
            return self._walk(scanner, attempts - 1)
        return gone

    def _meet(self, step: Any) -> None:
        if isinstance(step, Portion):
            self._folders.update(run.key for run in step.runs)
            self.board.add(Findings.of(step))

    # the headers -------------------------------------------------------------------------------

    def _read(self, scanner: Scanner) -> None:
        while (findings := self.board.next_unread()) is not None:
            self._read_files(scanner, findings)

    def _read_files(self, scanner: Scanner, findings: Findings) -> None:
        """Read a portion; the files of a job that ends its process are read one by one."""
        left, alone = list(findings.unread), 0
        while left:
            some = left[:1] if alone else left
            read_at = time.time_ns()
            try:
                records = self._records(scanner, some)
            except WorkerError as error:
                if len(some) > 1:
                    alone = len(some)
                    continue
                records = [record_of(_refused(some[0], error))]
            self._take_in(findings, left[: len(records)], records, read_at)
            left, alone = left[len(records) :], max(alone - 1, 0)

    def _records(self, scanner: Scanner, files: Sequence[File]) -> list[str]:
        paths = [file.path for file in files]
        job = scanner.run(READ, paths, PATIENCE, timeout=PATIENCE + HEADER_SECONDS)
        records: list[str] = self._run(job)
        return records

    def _take_in(
        self, findings: Findings, files: Sequence[File], records: list[str], read_at: int
    ) -> None:
        found = found_in(records, [Path(file.run.folder, file.name) for file in files])
        self.board.read(findings, files, found)
        self._keeper.keep(files, records, found, read_at)

    def _run(
        self, job: Generator[Any, None, Any], take: Callable[[Any], None] = lambda _: None
    ) -> Any:
        """Run a job to its end. Raises _StoppedError where the scan was closed."""
        with closing(job):
            while True:
                try:
                    step = next(job)
                except StopIteration as end:
                    return end.value
                if self.board.stopped:
                    raise _StoppedError
                take(step)


class _StoppedError(Exception):
    """The scan was closed: its jobs are of no use any more."""


def _refused(file: File, error: WorkerError) -> Refused:
    path = Path(file.run.folder, file.name)
    if isinstance(error, WorkerDied):
        reason = f"The process that read this file's header ended ({error.reason})."
        return Refused(path, RefusalCode.DECODER_DIED, reason)
    if isinstance(error, WorkerTimeout):
        reason = f"Reading the header took more than {HEADER_SECONDS:g} s and was stopped."
        return Refused(path, RefusalCode.DECODER_TIMEOUT, reason)
    reason = "Reading the header needs more memory than the process may use."
    return Refused(path, RefusalCode.TOO_LARGE, reason)
