"""What the two ends of a worker's pipe say to each other.

A job is cancelled by a signal (:func:`radsal.workers.wire.send_signal`) with its number, counted
from 1; the signal ``END`` ends the process.
"""

from dataclasses import dataclass
from typing import Any

END = 0
GRACE = 1.5  # seconds between a polite cancel and the end of the process: within two it is over


@dataclass(frozen=True, slots=True)
class Job:
    """To the worker: run ``target`` (``"package.module:function"``)."""

    number: int
    target: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Started:
    """From the worker: the start-up is over and job ``number`` runs."""

    number: int


@dataclass(frozen=True, slots=True)
class Event:
    """From the worker: the job yielded ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Result:
    """From the worker: the job returned ``value``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """From the worker: the job raised ``error``."""

    error: BaseException
