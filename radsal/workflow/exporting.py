"""A read becomes a report, with the very pixels and maps that were judged."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import ExportError, IdentityMismatch, Refusal
from radsal.core.identity import ImageIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.results import Analysis
from radsal.dicom.gray.grayscale import display
from radsal.exports.json_export import read_document, write_json
from radsal.exports.pdf import write_pdf
from radsal.exports.pictures import in_proportion
from radsal.exports.writing import report_name
from radsal.review.read import Read
from radsal.storage import Store
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load

FORMATS = ("pdf", "json")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a report is made of: a read, and the images and analyses that its verdicts name."""

    read: Read
    images: Mapping[ImageIdentity, ImageHeader]
    analyses: tuple[Analysis, ...]


def export_read(
    engines: Engines, store: Store, read_id: str, kind: str, folder: Path
) -> Generator[Progress, None, Path]:
    """Write a stored read as ``pdf`` or ``json``; returns the path of the report.

    Raises
    ------
    ExportError
        The read, or the image of one of its verdicts, is not there any more.
    IdentityMismatch
        The file of an image now holds other pixels than those that were judged.
    """
    read = store.read(read_id)
    if read is None:
        raise ExportError(f"There is no read {read_id} in the store.")
    return (yield from write_report(engines, _gather(store, read), kind, folder))


def write_report(
    engines: Engines, reported: Reported, kind: str, folder: Path
) -> Generator[Progress, None, Path]:
    """Write one report. Its name carries the read's id, and no patient data."""
    if kind not in FORMATS:
        raise ExportError(f"RadSal does not write {kind!r} reports.")
    path = folder / report_name(reported.read, f".{kind}")
    if kind == "json":
        write_json(path, read_document(reported.read, reported.images, reported.analyses))
        return path
    pictures = {}
    for done, (identity, header) in enumerate(reported.images.items()):
        yield Progress(done, len(reported.images), "Reading the images again")
        try:
            pictures[identity] = yield from _picture(engines, identity, header)
        except ExportError:
            if any(verdict.image == identity for verdict in reported.read.verdicts):
                raise
            # nothing on it was judged: the report says that the image was not at hand
    write_pdf(path, reported.read, reported.images, reported.analyses, pictures)
    return path


def _gather(store: Store, read: Read) -> Reported:
    """The analyses that the read was given on, and their images."""
    analyses = store.analyses(read.id)
    if not analyses:
        raise ExportError("Nothing of this read was analysed.", remedy="Analyse its image first.")
    headers = {analysis.image: store.image(analysis.image) for analysis in analyses}
    images = {identity: header for identity, header in headers.items() if header is not None}
    if len(images) != len(headers):
        raise ExportError("The store lacks an image of this read.")
    return Reported(read, images, analyses)


def _picture(
    engines: Engines, identity: ImageIdentity, header: ImageHeader
) -> Generator[Progress, None, NDArray[np.uint8]]:
    """The film as it is shown by default, in true proportions, gray or in colour: uint8."""
    try:
        radiograph: Radiograph = yield from load(engines, header.path, identity.frame)
    except Refusal as refusal:
        raise ExportError(
            f"The image of this read cannot be opened any more: {refusal.reason}",
            remedy="Put the file back where it was, then export again.",
        ) from refusal
    if radiograph.identity != identity:
        raise IdentityMismatch(
            "The file of this read now holds another image than the one that was judged."
        )
    return in_proportion(display(radiograph), radiograph.spacing.aspect)
