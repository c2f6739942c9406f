"""An input file that was not opened, as it is listed in the window and in JSON."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Refused:
    """Path, code (:class:`radsal.core.errors.RefusalCode`) and reason of one refused file.

    ``remedy`` says what can be done about it; it may be empty.
    """

    path: Path
    code: str
    reason: str
    remedy: str = ""
