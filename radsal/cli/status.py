"""Exit statuses, and how errors become them."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

import typer
from rich.console import Console

from radsal.core.errors import Cancelled, KnownError

log = logging.getLogger("radsal.cli")


class Status(IntEnum):
    """Exit status of every command."""

    DONE = 0
    REFUSED = 1  # some inputs were refused, or a known error ended the command
    USAGE = 2
    BUG = 3
    INTERRUPTED = 130


def errors_console() -> Console:
    """Where people read what went wrong and how far it is: stderr."""
    return Console(stderr=True, highlight=False)


@contextmanager
def known_errors() -> Iterator[None]:
    """Turn errors into exit statuses, each with a sentence on stderr."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except (Cancelled, KeyboardInterrupt):
        errors_console().print("Stopped.")
        raise typer.Exit(Status.INTERRUPTED) from None
    except KnownError as error:
        tell(error)
        raise typer.Exit(Status.REFUSED) from error
    except Exception as error:
        errors_console().print(traceback.format_exc(), markup=False)
        errors_console().print("This is a fault of RadSal; please report it with the lines above.")
        raise typer.Exit(Status.BUG) from error


def tell(error: KnownError) -> None:
    """Say an error and what to do about it."""
    errors_console().print(f"{error.code}: {error.reason}", markup=False)
    if error.remedy:
        errors_console().print(error.remedy, markup=False)
