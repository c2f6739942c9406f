"""Every fault of a file becomes a Refusal; pydicom's warnings become log records."""

import logging
import re
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from radsal.core.errors import RadSalError, Refusal, RefusalCode

log = logging.getLogger("radsal.dicom")
_pydicom = logging.getLogger("pydicom")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)  # as repr quotes


def refuse(code: RefusalCode, reason: str, remedy: str = "") -> Refusal:
    """The refusal to raise."""
    return Refusal(reason, code=code, remedy=remedy)


@contextmanager
def faults_named() -> Iterator[None]:
    """Whatever goes wrong inside leaves as a Refusal.

    Libraries raise nearly anything on a damaged file, and a reader of public files must not fall
    over: this is the one place that catches broadly. What was caught is logged by type and place,
    never with its text, which may quote the patient.
    """
    with _warnings_logged():
        try:
            yield
        except RadSalError:
            raise
        except MemoryError:
            raise refuse(
                RefusalCode.TOO_LARGE, "The image needs more memory than is allowed."
            ) from None
        except RecursionError:
            raise refuse(
                RefusalCode.TOO_LARGE, "The file is nested deeper than is allowed."
            ) from None
        except EOFError:
            raise refuse(RefusalCode.TRUNCATED, "The file ends before its data does.") from None
        except Exception as error:
            if isinstance(error, OSError) and error.strerror:
                reason = f"The file could not be read: {error.strerror}."
                raise refuse(RefusalCode.UNREADABLE, reason) from error
            _log_place(error)  # an OSError that is not the system's is a library's, of the bytes
            raise refuse(
                RefusalCode.CORRUPT,
                f"The file is damaged or contradicts itself ({type(error).__name__}).",
            ) from error


@contextmanager
def _warnings_logged() -> Iterator[None]:
    """Keep pydicom's warnings and log records to ourselves, without the values they quote."""
    propagate = _pydicom.propagate
    _pydicom.propagate = False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                yield
            finally:
                for warning in caught:
                    log.info("pydicom: %s", _QUOTED.sub("'…'", str(warning.message)))
    finally:
        _pydicom.propagate = propagate


def _log_place(error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    log.info("refused after %s in %s", type(error).__name__, place)
