"""The commands, as Typer sees them; each calls one function of its own module."""

import logging
import sys
from collections.abc import Callable
from io import TextIOWrapper
from itertools import takewhile
from pathlib import Path
from typing import Annotated

import typer
from rich.logging import RichHandler

from radsal import __version__, settings
from radsal.cli import analyze as analyzing
from radsal.cli import demo as demonstrating
from radsal.cli import erase as erasing
from radsal.cli import export as exporting
from radsal.cli import info as informing
from radsal.cli import model_commands
from radsal.cli import render as rendering
from radsal.cli.methods import list_methods, method_help
from radsal.cli.options import options_of
from radsal.cli.status import Status, errors_console, known_errors
from radsal.core.erasure import FILL_INS, USUAL
from radsal.inference.registry import default_roots, find_package
from radsal.workflow.analysis import ALL, AnalysisRequest, check_request
from radsal.workflow.erasing import ErasureRequest

OpenWindow = Callable[[list[Path]], int]

app = typer.Typer(
    name="radsal",
    help="Judge where X-ray classifiers look. Research use only, not for diagnostic use.\n\n"
    "radsal PATH… opens the workstation with these files or folders.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(model_commands.app, name="models")

Paths = Annotated[list[Path], typer.Argument(help="Files, and folders with all that is in them.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"radsal {__version__}")
        raise typer.Exit


@app.callback()
def common(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more, to stderr.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Options of all commands."""
    del version
    level = logging.INFO if verbose else logging.WARNING
    handler = RichHandler(console=errors_console(), show_path=False, show_time=False)
    logging.basicConfig(level=level, format="%(message)s", handlers=[handler], force=True)


@app.command(name="open", hidden=True)
def open_window(
    context: typer.Context, paths: Annotated[list[Path] | None, typer.Argument()] = None
) -> None:
    """Open the workstation."""
    with known_errors():
        window: OpenWindow = context.obj
        # the store keeps where an image was found: another day it is another working folder
        raise typer.Exit(window([path.absolute() for path in paths or []]))


@app.command()
def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Without a window: where the results go.")] = Path(
        "radsal-demo"
    ),
    window: Annotated[bool, typer.Option(help="Open the window where there is a display.")] = True,
) -> None:
    """Open the synthetic demo cases; without a display, analyse them into a folder."""
    with known_errors():
        raise typer.Exit(
            demonstrating.demo(out, settings.load().models_folder, context.obj if window else None)
        )


@app.command()
def info(paths: Paths, json: Json = False) -> None:
    """Say what RadSal reads of each file, or why it refuses it."""
    with known_errors():
        raise typer.Exit(informing.info(paths, as_json=json))


@app.command()
def render(
    path: Annotated[Path, typer.Argument(help="A DICOM radiograph.")],
    *,
    out: Annotated[Path, typer.Option(help="The PNG file to write.")],
    window: Annotated[
        str | None, typer.Option(metavar="C,W", help="Window center and width.")
    ] = None,
    voi: Annotated[
        int | None, typer.Option(metavar="N", help="The file's VOI LUTs, then windows, from 1.")
    ] = None,
    bits: Annotated[int, typer.Option(help="8 or 16.")] = 8,
    lut: Annotated[bool, typer.Option("--lut/--no-lut", help="Use the file's VOI LUT.")] = True,
    frame: Annotated[int, typer.Option(min=1, metavar="N", help="Frame, from 1.")] = 1,
    shutter: Annotated[
        bool, typer.Option("--shutter/--no-shutter", help="Hide what the file's shutter hides.")
    ] = True,
) -> None:
    """Write the displayed pixels at 1:1 as PNG; of a colour image 8 bits of each colour."""
    with known_errors():
        raise typer.Exit(
            rendering.render(
                path,
                out,
                window=window,
                voi=voi,
                bits=bits,
                use_lut=lut,
                frame=frame,
                shutter=shutter,
            )
        )


@app.command()
def analyze(
    paths: Paths,
    *,
    model: Annotated[str, typer.Option(help="Id of a model package, see: radsal models list.")],
    method: Annotated[str, typer.Option(help=method_help())] = "gradcam",
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="An option of the method; as often as wanted."
        ),
    ] = None,
    layer: Annotated[
        str | None, typer.Option(metavar="LABEL", help="Short for --set layer=LABEL.")
    ] = None,
    finding: Annotated[str, typer.Option(help="all, top, or one label of the model.")] = ALL,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for a JSON file and maps (.npz) of each film; films whose are there are skipped."
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Analyse films anew whose results are in --out.")
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="auto, cuda, mps or cpu; else that of the settings.")
    ] = None,
    json: Json = False,
) -> None:
    """Predict, explain and cut the maps into hot spots; of whole folders too."""
    with known_errors():
        wanted = settings.load()
        package = find_package(model, default_roots(wanted.models_folder))
        where = device or wanted.device
        chosen = options_of(method, options or [], layer)
        request = AnalysisRequest.of(package, method, finding, device=where, options=chosen)
        check_request(request, package)
        raise typer.Exit(analyzing.analyze(paths, request, out=out, fresh=fresh, as_json=json))


@app.command()
def erase(
    path: Annotated[Path, typer.Argument(help="A radiograph.")],
    *,
    model: Annotated[str, typer.Option(help="Id of a model package, see: radsal models list.")],
    finding: Annotated[str, typer.Option(help="One label of the model.")],
    box: Annotated[
        str | None, typer.Option(metavar="R0,C0,R1,C1", help="The region, in image pixels.")
    ] = None,
    mask: Annotated[
        Path | None, typer.Option(help="The region as a PNG of the image's size, white on black.")
    ] = None,
    fill_in: Annotated[
        str, typer.Option(help=f"What stands there instead: {', '.join(FILL_INS)}.")
    ] = USUAL,
    controls: Annotated[int, typer.Option(min=0, help="Equal erasures elsewhere.")] = 99,
    seed: Annotated[int, typer.Option(min=0, help="Where the choice of controls starts.")] = 0,
    frame: Annotated[int, typer.Option(min=1, metavar="N", help="Frame, from 1.")] = 1,
    json: Json = False,
) -> None:
    """Erase a region, ask the model again, and compare with equal erasures elsewhere."""
    with known_errors():
        region = erasing.parse_region(box, mask)
        wanted = settings.load()
        package = find_package(model, default_roots(wanted.models_folder))
        asked = AnalysisRequest.of(package, findings=finding, device=wanted.device)
        check_request(asked, package, one_finding=True)
        request = ErasureRequest(asked, region, fill_in, controls, seed)
        raise typer.Exit(erasing.erase(path, request, frame=frame, as_json=json))


@app.command()
def methods(json: Json = False) -> None:
    """Name every saliency method: what its maps mean, cost, and are worth, and its options."""
    with known_errors():
        raise typer.Exit(list_methods(as_json=json))


@app.command()
def export(
    read: Annotated[str, typer.Argument(help="Id of a read, or its first digits.")],
    kind: Annotated[str, typer.Option("--format", help="pdf or json.")],
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
) -> None:
    """Write a stored read as a report."""
    with known_errors():
        raise typer.Exit(exporting.export(settings.load(), read, kind, out))


COMMANDS = frozenset(
    {"open", "demo", "info", "render", "analyze", "erase", "methods", "models", "export"}
)


def run(arguments: list[str], window: OpenWindow) -> int:
    """Run one command. ``window`` opens the workstation and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal lacks letters for
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(_with_command(arguments), obj=window, prog_name="radsal")
    except SystemExit as end:
        return int(end.code or 0)
    return Status.DONE


def _with_command(arguments: list[str]) -> list[str]:
    """The arguments with ``open`` where they name paths, or nothing, in place of a command."""
    flags = list(takewhile(lambda argument: argument.startswith("-"), arguments))
    rest = arguments[len(flags) :]
    if "--help" in flags or (rest and rest[0] in COMMANDS):
        return arguments
    return [*flags, "open", *rest]
