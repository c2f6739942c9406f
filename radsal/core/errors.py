"""The error tree.

::

    RadSalError
    ├── Cancelled                 the user stopped the work; not a fault
    ├── KnownError                shown to the user, with what to do next
    │   ├── Refusal               an input file that is not opened, by code and reason
    │   ├── ModelRefusal          a model package that is not loaded
    │   ├── WorkerError
    │   │   ├── WorkerDied        the process ended; it is restarted
    │   │   └── WorkerTimeout     the job took longer than its limit; the process was ended
    │   ├── IdentityMismatch      a result that belongs to another image or model
    │   ├── ReviewError           a judgement or a change of state that is not allowed
    │   ├── StoreError            the database cannot be opened, read or written
    │   │   └── StoreConflict     somebody else saved a newer revision first
    │   ├── ExportError           a report cannot be written
    │   └── NoWindow              there is no display, or a library of Qt is missing
    └── BugError                  our fault: crash report, exit status 3
"""

from enum import StrEnum
from typing import Any


class RadSalError(Exception):
    """Root of everything that RadSal raises on purpose."""


class Cancelled(RadSalError):
    """The work was stopped on request; nothing went wrong."""


class BugError(RadSalError):
    """Something that RadSal's own code should have made impossible."""


class KnownError(RadSalError):
    """A fault of the world (disk full, bad file, lost worker) that the user is told about.

    Parameters
    ----------
    reason:
        One sentence for the user, without a full path of this machine where possible.
    code:
        Short, stable, kebab-case name of the fault, for scripts.
    remedy:
        What the user can do next; may be empty.
    """

    default_code = "error"

    def __init__(self, reason: str, *, code: str | None = None, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = str(code) if code is not None else self.default_code
        self.remedy = remedy

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep all that the error says when it crosses a process boundary."""
        return _rebuild, (type(self), self.reason, self.code, self.remedy), dict(self.__dict__)


def _rebuild(cls: type["KnownError"], reason: str, code: str, remedy: str) -> "KnownError":
    return cls(reason, code=code, remedy=remedy)


class RefusalCode(StrEnum):
    """Why an input file was not opened. The values are part of the JSON contract."""

    UNREADABLE = "unreadable"  # the operating system does not let us read it
    EMPTY = "empty"  # zero bytes
    NOT_DICOM = "not-dicom"
    NO_TRANSFER_SYNTAX = "no-transfer-syntax"
    NO_IMAGE = "no-image"  # a DICOM object without pixel data (SR, GSPS …)
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"  # the header contradicts itself or the pixel data
    UNSUPPORTED_SYNTAX = "unsupported-syntax"
    UNSUPPORTED_PIXELS = "unsupported-pixels"  # colour, floating point, odd bit depths
    UNSUPPORTED_ARCHIVE = "unsupported-archive"  # encrypted, other compression, ZIP inside a ZIP
    OUTSIDE = "outside"  # a name that leads out of its ZIP archive, or of its DICOMDIR's folder
    TOO_LARGE = "too-large"
    DUPLICATE = "duplicate"  # the same SOP instance is open already, from another file
    DECODER_DIED = "decoder-died"
    DECODER_TIMEOUT = "decoder-timeout"


class Refusal(KnownError):
    """An input file that is not opened; ``code`` is a :class:`RefusalCode`."""

    default_code = RefusalCode.CORRUPT.value


class ModelRefusal(KnownError):
    """A model package that is not loaded: unsafe, incomplete or changed."""

    default_code = "model-refused"


class WorkerError(KnownError):
    """A worker process did not deliver."""

    default_code = "worker"


class WorkerDied(WorkerError):
    """The worker process ended while it had a job (crash, out of memory, killed)."""

    default_code = "worker-died"


class WorkerTimeout(WorkerError):
    """The job ran past its limit and the worker process was ended."""

    default_code = "worker-timeout"


class IdentityMismatch(KnownError):
    """A result whose image, model, finding or method is not the one asked for."""

    default_code = "identity-mismatch"


class ReviewError(KnownError):
    """A judgement or a change of state that the rules of a read do not allow."""

    default_code = "review"


class StoreError(KnownError):
    """The store cannot be opened, read or written."""

    default_code = "store"


class StoreConflict(StoreError):
    """A newer revision was saved by somebody else; nothing was overwritten."""

    default_code = "store-conflict"


class ExportError(KnownError):
    """A report could not be written."""

    default_code = "export"


class NoWindow(KnownError):
    """No window can be opened here; the commands still work."""

    default_code = "no-window"
