"""``radsal export``: a stored read as a report."""

from pathlib import Path

import typer

from radsal.cli.status import Status
from radsal.cli.steps import finish
from radsal.settings import Settings
from radsal.storage import Store
from radsal.workflow.engines import Engines
from radsal.workflow.exporting import FORMATS, export_read


def export(settings: Settings, read: str, kind: str, out: Path) -> Status:
    """Write one report and print its path."""
    if kind not in FORMATS:
        raise typer.BadParameter(f"--format is one of {', '.join(FORMATS)}, not {kind!r}")
    store = Store.open(settings.store)
    try:
        with Engines() as engines:
            found = store.find_read(read)
            path = finish(export_read(engines, store, found.id, kind, out))
    finally:
        store.close()
    typer.echo(path)
    return Status.DONE
