"""From paths to cases, and from a case's image to decoded pixels."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from radsal.core.decoded import Decoded
from radsal.core.errors import Refusal, RefusalCode, WorkerDied, WorkerError, WorkerTimeout
from radsal.core.identity import ImageIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.records import Found
from radsal.storage.index import FolderIndex
from radsal.workflow import scanning
from radsal.workflow.engines import Engines

DECODE_TIMEOUT = 60.0


def scan(
    engines: Engines, paths: Sequence[Path], index: FolderIndex | None = None
) -> Generator[Progress | tuple[Found, ...], None, tuple[int, int]]:
    """Read the headers of files and, recursively, folders: :func:`radsal.workflow.scanning.scan`."""
    return (yield from scanning.scan(engines.scanners, paths, index))


def load(
    engines: Engines,
    path: Path,
    frame: int = 1,
    prepare: Callable[[Decoded], None] | None = None,
) -> Generator[Progress, None, Radiograph]:
    """Decode one frame in the decoder process.

    Parameters
    ----------
    prepare:
        Called with the pixels while their hash is still being computed.

    Raises
    ------
    Refusal
        The file cannot be shown, also where it took the decoder down or too long.
    """
    job = engines.decoder.run("radsal.dicom.jobs:load", path, frame, timeout=DECODE_TIMEOUT)
    try:
        with closing(job):
            return (yield from _received(job, prepare))
    except WorkerDied as error:
        raise Refusal(
            f"The decoder process ended while it read this file ({error.reason}).",
            code=RefusalCode.DECODER_DIED,
        ) from error
    except WorkerTimeout as error:
        raise Refusal(
            f"Decoding took more than {DECODE_TIMEOUT:g} s and was stopped.",
            code=RefusalCode.DECODER_TIMEOUT,
        ) from error
    except WorkerError as error:
        raise Refusal(
            "Decoding needs more memory than the decoder process may use.",
            code=RefusalCode.TOO_LARGE,
        ) from error


def _received(
    job: Generator[Any, None, ImageIdentity], prepare: Callable[[Decoded], None] | None
) -> Generator[Progress, None, Radiograph]:
    """Join the pixels with the identity that comes after them."""
    decoded: Decoded | None = None
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            assert decoded is not None
            return decoded.named(end.value)
        if isinstance(event, Decoded):
            decoded = event
            if prepare is not None:
                prepare(event)
        else:
            yield event
