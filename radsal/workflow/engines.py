"""The worker processes: one decodes pixels, some read headers beside it, one computes."""

import os
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType

from radsal.workers import Worker
from radsal.workers.memory import physical_memory

GIB = 1 << 30
DECODER_MEMORY = 6 * GIB
LEAST_COMPUTE_MEMORY, MOST_COMPUTE_MEMORY = 4 * GIB, 16 * GIB
MOST_SCANNERS = 4


class Engines:
    """Owns the worker processes; they start when first needed, or earlier by ``warm_up``.

    The ``scanners`` read the headers of a folder while ``decoder`` already has its first image:
    one for each core of the machine, two at least and four at most. The first walks through the
    folders and then reads too; it and the second are started early, the others by a scan.

    With ``background`` the computing gives way to the window where the cores are busy.
    """

    def __init__(self, scanners: int | None = None, *, background: bool = False) -> None:
        count = scanners or min(max(os.cpu_count() or 1, 2), MOST_SCANNERS)
        names = ["scanner", *(f"scanner {number}" for number in range(2, count + 1))]
        self.decoder = _pixel_worker("decoder", large_pages=True)
        self.scanners = tuple(map(_pixel_worker, names))
        self.compute = Worker(
            "compute",
            resident_limit=_compute_memory(),
            preload="radsal.workflow.compute:warm_up",
            background=background,
        )

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker, started or not."""
        return self.decoder, *self.scanners, self.compute

    def warm_up(self) -> None:
        """Start what the first images need, without waiting for it."""
        for worker in (self.decoder, *self.scanners[:2], self.compute):
            worker.start()

    def close(self) -> None:
        """End every process; those that are slow to end are waited for beside each other."""
        with ThreadPoolExecutor(len(self.workers)) as pool:
            list(pool.map(lambda worker: worker.close(), self.workers))

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _compute_memory() -> int:
    """Bytes that the compute process may hold: three quarters of the machine's, within limits."""
    share = physical_memory() * 3 // 4
    return min(max(share, LEAST_COMPUTE_MEMORY), MOST_COMPUTE_MEMORY)


def _pixel_worker(name: str, *, large_pages: bool = False) -> Worker:
    return Worker(
        name,
        memory_limit=DECODER_MEMORY,
        preload="radsal.dicom.jobs:warm_up",
        large_pages=large_pages,
    )
