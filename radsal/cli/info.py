"""``radsal info``: what RadSal reads of each file, or why it refuses it."""

from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from radsal.cli.describe import Fact, facts
from radsal.cli.documents import print_json
from radsal.cli.status import Status
from radsal.cli.steps import bar, show
from radsal.core.errors import Refusal
from radsal.core.radiograph import Radiograph
from radsal.dicom.files.finding import find_files
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

FIELDS = (
    "sop_instance_uid",
    "frames",
    "rows",
    "columns",
    "modality",
    "photometric",
    "transfer_syntax",
    "bits_stored",
)


def info(paths: list[Path], *, as_json: bool) -> Status:
    """Describe files and the files of folders."""
    details: list[tuple[Fact, ...]] = []
    with Engines() as engines, bar() as shown:
        files = [_describe(engines, path, shown, details) for path in find_files(paths)]
    refused = sum(file["status"] == "refused" for file in files)
    document = {
        "schema": "radsal.info/1",
        "files": files,
        "opened": len(files) - refused,
        "refused": refused,
    }
    if as_json:
        print_json(document)
    elif len(files) == len(details) == 1:
        _print_facts(details[0])
    else:
        _print_table(document)
    return Status.REFUSED if refused else Status.DONE


def _describe(
    engines: Engines, path: Path, shown: Any, details: list[tuple[Fact, ...]]
) -> dict[str, Any]:
    """One file of the document; the first one's details are kept for a file asked for alone."""
    try:
        radiograph = show(load(engines, path), shown, path.name)
        if not details:
            details.append(facts(radiograph))
        return _opened(radiograph)
    except Refusal as refusal:
        empty = dict.fromkeys((*FIELDS, "spacing", "orientation", "lossy", "pixel_sha256"))
        return {
            "path": str(path),
            "status": "refused",
            "code": refusal.code,
            "reason": refusal.reason,
            **empty,
        }


def _opened(radiograph: Radiograph) -> dict[str, Any]:
    header, spacing = radiograph.header, radiograph.spacing
    return {
        "path": str(header.path),
        "status": "ok",
        "code": None,
        "reason": None,
        **{field: getattr(header, field) for field in FIELDS},
        "transfer_syntax": header.transfer_syntax or None,  # a picture has none
        "spacing": {
            "row_mm": spacing.row_mm,
            "column_mm": spacing.column_mm,
            "basis": spacing.basis.value,
        },
        "orientation": list(header.orientation) if header.orientation else None,
        "lossy": header.lossy,
        "pixel_sha256": radiograph.identity.pixel_sha256,
    }


def _print_facts(said: tuple[Fact, ...]) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, value in said:
        table.add_row(what, escape(value))
    Console(highlight=False).print(table)


def _print_table(document: dict[str, Any]) -> None:
    console = Console(highlight=False)
    opened = Table(
        "file", "rows × columns", "bits", "modality", "photometric", "spacing", box=SIMPLE
    )
    for file in document["files"]:
        if file["status"] == "ok":
            opened.add_row(*_row(file))
    console.print(opened)
    for file in document["files"]:
        if file["status"] == "refused":
            console.print(
                f"{Path(file['path']).name}: {file['code']}. {file['reason']}", markup=False
            )
    console.print(f"{document['opened']} opened, {document['refused']} refused")


def _row(file: dict[str, Any]) -> tuple[str, ...]:
    spacing = file["spacing"]
    millimetres = f"{spacing['row_mm']:.3g} mm, " if spacing["row_mm"] else ""
    return (
        escape(Path(file["path"]).name) + (" (lossy)" if file["lossy"] else ""),
        f"{file['rows']} × {file['columns']}",
        str(file["bits_stored"]),
        escape(file["modality"]),
        escape(file["photometric"]),
        millimetres + spacing["basis"],
    )
