"""The two worker processes: one decodes pixels, one computes."""

from types import TracebackType

from radsal.workers import Worker

GIB = 1 << 30
DECODER_MEMORY = 6 * GIB


class Engines:
    """Owns the worker processes; they start when first needed, or earlier by ``warm_up``."""

    def __init__(self) -> None:
        self.decoder = Worker(
            "decoder", memory_limit=DECODER_MEMORY, preload="radsal.dicom.jobs:warm_up"
        )
        self.compute = Worker("compute", preload="radsal.workflow.compute:warm_up")

    def warm_up(self) -> None:
        """Start both processes without waiting for them."""
        self.decoder.start()
        self.compute.start()

    def close(self) -> None:
        """End both processes."""
        self.decoder.close()
        self.compute.close()

    def __enter__(self) -> "Engines":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
