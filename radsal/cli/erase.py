"""``radsal erase``: fill a region in, ask the model again, and compare with equal erasures."""

from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.markup import escape

from radsal.cli.documents import print_json
from radsal.cli.status import Status
from radsal.cli.steps import bar, show
from radsal.core.erasure import Answer, Erasure, fill_in_named
from radsal.core.errors import KnownError
from radsal.core.figures import percent
from radsal.core.geometry import Box
from radsal.exports.erasure_document import erasure_document
from radsal.workflow.engines import Engines
from radsal.workflow.erasing import ErasureRequest
from radsal.workflow.erasing import erase as erase_region
from radsal.workflow.opening import load

MOST_MASK_PIXELS = 1 << 27


def erase(path: Path, request: ErasureRequest, *, frame: int, as_json: bool) -> Status:
    """Erase a region of one frame (from 1) of a file and print what it did."""
    fill_in_named(request.fill_in)
    with Engines() as engines, bar() as shown:
        engines.warm_up()
        radiograph = show(load(engines, path, frame), shown, path.name)
        erasure = show(erase_region(engines, radiograph, request), shown, request.asked.model.id)
    if as_json:
        print_json(erasure_document(radiograph.header, erasure))
    else:
        _print(path, erasure)
    return Status.DONE


def parse_region(box: str | None, mask: Path | None) -> Box | NDArray[np.bool_]:
    """The region of ``--box`` or ``--mask``. Raises BadParameter, or KnownError for a bad file."""
    if (box is None) == (mask is None):
        raise typer.BadParameter("give --box or --mask, one of the two")
    if mask is not None:
        return read_mask(mask)
    try:
        r0, c0, r1, c1 = (int(value) for value in str(box).split(","))
        return Box(r0, c0, r1, c1)
    except ValueError as error:
        raise typer.BadParameter(
            f"--box is R0,C0,R1,C1 in image pixels, not {box!r} ({error})"
        ) from error


def read_mask(path: Path) -> NDArray[np.bool_]:
    """The pixels of a picture that are not black: bool, (rows, columns)."""
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_MASK_PIXELS:
                raise ValueError("it is too large")
            return np.asarray(picture.convert("L")) > 0
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise KnownError(
            f"{path.name} cannot be read as a mask ({error})",
            code="mask-unreadable",
            remedy="Give a PNG of the image's size, black where nothing is erased.",
        ) from error


def _print(path: Path, erasure: Erasure) -> None:
    console = Console(highlight=False)
    box = ", ".join(map(str, erasure.box.as_list()))
    console.print(
        f"{escape(path.name)} · {erasure.model.id} · {erasure.device}\n"
        f"{escape(erasure.finding)}: {_words(erasure.before)} as it is, "
        f"{_words(erasure.after)} with [{box}] erased ({erasure.fill_in}), "
        f"{_words(erasure.kept)} with nothing else left",
        markup=False,
    )
    console.print(erasure.sentence, markup=False)
    for said in (*erasure.warnings, *erasure.notes):
        console.print(said, markup=False)
    console.print("Research use only. Not for diagnostic use.")


def _words(answer: Answer) -> str:
    return f"{percent(answer.probability)} (logit {answer.logit:.2f})"
