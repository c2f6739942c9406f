"""``radsal render``: the displayed pixels at 1:1, for testing the grayscale chain from outside."""

from pathlib import Path

import typer
from PIL import Image

from radsal.cli.status import Status
from radsal.cli.steps import finish
from radsal.core.radiograph import LookupTable, Radiograph, VoiFunction, VoiWindow
from radsal.dicom.gray.grayscale import display
from radsal.exports.writing import write_whole
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load


def render(
    path: Path,
    out: Path,
    *,
    window: str | None,
    voi: int | None,
    bits: int,
    use_lut: bool,
    frame: int = 1,
    shutter: bool = True,
) -> Status:
    """Write a PNG of one frame (from 1) of a file: gray, or RGB of a colour image."""
    if bits not in (8, 16):
        raise typer.BadParameter("--bits is 8 or 16")
    if window is not None and voi is not None:
        raise typer.BadParameter("give --window or --voi, not both")
    chosen: VoiWindow | LookupTable | None = None
    if window is not None:
        chosen = parse_window(window)
    with Engines() as engines:
        radiograph = finish(load(engines, path, frame))
    if radiograph.is_colour and (bits == 16 or window is not None):
        raise typer.BadParameter("colour images have 8 bits and no window")
    if voi is not None:
        chosen = _nth(radiograph, voi)
    pixels = display(
        radiograph, chosen, bits=16 if bits == 16 else 8, use_lut=use_lut, shutter=shutter
    )
    write_whole(out, lambda file: Image.fromarray(pixels).save(file, format="PNG"))
    return Status.DONE


def parse_window(text: str) -> VoiWindow:
    """``C,W`` or ``C,W,SIGMOID`` as a window. Raises BadParameter."""
    try:
        center, width, *function = text.split(",")
        if len(function) > 1:
            raise ValueError("too many values")
        kind = VoiFunction(function[0].strip().upper()) if function else VoiFunction.LINEAR
        return VoiWindow(float(center), float(width), kind)
    except ValueError as error:
        raise typer.BadParameter(f"--window is CENTER,WIDTH, not {text!r} ({error})") from error


def _nth(radiograph: Radiograph, number: int) -> VoiWindow | LookupTable:
    """The file's VOI LUTs, then its windows, counted from 1: the order of the digit keys."""
    choices: tuple[VoiWindow | LookupTable, ...] = (
        *radiograph.chain.luts,
        *radiograph.chain.windows,
    )
    if not 1 <= number <= len(choices):
        raise typer.BadParameter(f"the file has {len(choices)} VOI LUTs and windows, not {number}")
    return choices[number - 1]
