"""Drive the generators of ``workflow`` from a terminal."""

import sys
from collections.abc import Generator
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from radsal.core import progress

Result = TypeVar("Result")


def finish(steps: Generator[Any, None, Result]) -> Result:
    """Run a generator to its end without showing how far it is."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()


def bar() -> Progress:
    """A progress bar on stderr, quiet where stderr is no terminal."""
    return Progress(
        TextColumn("{task.description}", markup=False),  # names of files, brackets and all
        BarColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


def show(steps: Generator[Any, None, Result], shown: Progress, what: str) -> Result:
    """Run a generator to its end, with its progress on a bar."""
    task = shown.add_task(what, total=None)
    try:
        while True:
            step = next(steps)
            if isinstance(step, progress.Progress):
                said = f"{what} · {step.what}" if step.what else what
                shown.update(task, completed=step.done, total=step.total or None, description=said)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        steps.close()
        shown.remove_task(task)
