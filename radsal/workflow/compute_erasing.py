"""Runs in the compute process only: see :mod:`radsal.workflow.erasing`."""

from collections.abc import Generator

from radsal.core.erasure import Erasure
from radsal.core.errors import KnownError
from radsal.core.geometry import Box
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.dicom.gray.model_input import model_input
from radsal.inference.classifier import classifier_for
from radsal.trust.erasing import erase as erase_region
from radsal.trust.regions import Region
from radsal.workflow.erasing import ErasureRequest


def erase(radiograph: Radiograph, request: ErasureRequest) -> Generator[Progress, None, Erasure]:
    """See :func:`radsal.workflow.erasing.erase`."""
    yield Progress(0, 0, "Loading the model")
    asked = request.asked
    classifier = classifier_for(asked.folder, asked.model.sha256, asked.device)
    given, region = model_input(radiograph), _region(radiograph, request)
    done = yield from erase_region(
        classifier,
        given.pixels,
        region,
        asked.findings,
        how=request.fill_in,
        count=request.controls,
        seed=request.seed,
        enough=request.enough,
        method=asked.method,
    )
    return Erasure(
        image=radiograph.identity,
        model=asked.model,
        device=classifier.device.label,
        finding=asked.findings,
        box=region.box,
        area=region.area,
        fill_in=request.fill_in,
        before=done.before,
        after=done.after,
        kept=done.kept,
        controls=done.controls,
        asked=request.controls,
        seed=request.seed,
        overlap=done.overlap,
        map_change=done.map_change,
        notes=(*given.notes, *classifier.package.intended.objections_to(radiograph.header)),
    )


def _region(radiograph: Radiograph, request: ErasureRequest) -> Region:
    if isinstance(request.region, Box):
        return Region.of_box(request.region, radiograph.shape)
    if request.region.shape != radiograph.shape:
        rows, columns = request.region.shape
        raise KnownError(
            f"the mask has {rows} x {columns} pixels, the image {radiograph.shape[0]} x "
            f"{radiograph.shape[1]}",
            code="region-outside",
            remedy="Draw the mask on the image at 1:1, as `radsal render` writes it.",
        )
    return Region.of_mask(request.region)
