"""The worker processes: one decodes pixels, one reads headers beside it, one computes."""

from types import TracebackType

from radsal.workers import Worker

GIB = 1 << 30
DECODER_MEMORY = 6 * GIB


class Engines:
    """Owns the worker processes; they start when first needed, or earlier by ``warm_up``.

    ``scanner`` reads the headers of a folder while ``decoder`` already has its first image.
    """

    def __init__(self) -> None:
        self.decoder = _pixel_worker("decoder")
        self.scanner = _pixel_worker("scanner")
        self.compute = Worker("compute", preload="radsal.workflow.compute:warm_up")

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Every worker, started or not."""
        return self.decoder, self.scanner, self.compute

    def warm_up(self) -> None:
        """Start every process without waiting for it."""
        for worker in self.workers:
            worker.start()

    def close(self) -> None:
        """End every process."""
        for worker in self.workers:
            worker.close()

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _pixel_worker(name: str) -> Worker:
    return Worker(name, memory_limit=DECODER_MEMORY, preload="radsal.dicom.jobs:warm_up")
