"""Runs in the compute process only: torch and MONAI are imported here, never in the window."""

import time
from collections.abc import Generator

from radsal.core.errors import KnownError
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, HotSpot
from radsal.dicom.gray.model_input import model_input
from radsal.hotspots.find import find_hot_spots
from radsal.hotspots.parameters import HotSpotParameters
from radsal.inference.classifier import Classifier, classifier_for
from radsal.inference.preprocessing import Prepared
from radsal.saliency.method import Explanation
from radsal.saliency.methods import method_named
from radsal.workflow.analysis import ALL, TOP, AnalysisRequest


def warm_up() -> None:
    """Importing this module, torch and MONAI with it, is the slow part of a first analysis."""


def analyse(
    radiograph: Radiograph, request: AnalysisRequest
) -> Generator[Progress, None, Analysis]:
    """See :func:`radsal.workflow.analysis.analyse`."""
    yield Progress(0, 3, "Loading the model")
    classifier = classifier_for(request.folder, request.model.sha256)
    yield Progress(1, 3, f"Asking {request.model.id} on {classifier.device.label}")
    begun = time.perf_counter()
    given = model_input(radiograph)
    prepared = classifier.prepare(given.pixels)
    findings = _findings(request, classifier, prepared)
    explanation = method_named(request.method).explain(classifier, prepared, findings)
    yield Progress(2, 3, "Cutting hot spots")
    cut = HotSpotParameters(mass=request.mass)
    return Analysis(
        image=radiograph.identity,
        model=request.model,
        method=request.method,
        parameters={**request.parameters, **explanation.parameters, **cut.plain()},
        device=classifier.device.label,
        predictions=explanation.predictions,
        maps=explanation.maps,
        hot_spots=_hot_spots(radiograph, request, explanation, cut),
        milliseconds=(time.perf_counter() - begun) * 1000,
        notes=(*given.notes, *_objections(classifier, radiograph)),
    )


def _findings(
    request: AnalysisRequest, classifier: Classifier, prepared: Prepared
) -> tuple[str, ...]:
    """The labels that are explained. Raises KnownError for one that the model lacks."""
    if request.findings == ALL:
        return classifier.labels
    if request.findings == TOP:
        predictions = classifier.predict(prepared.tensor)
        return (max(predictions, key=lambda p: p.probability).finding,)
    if request.findings not in classifier.labels:
        raise KnownError(
            f"{request.model.id} has no finding {request.findings!r}",
            code="finding-unknown",
            remedy=f"Findings: {', '.join(classifier.labels)}.",
        )
    return (request.findings,)


def _hot_spots(
    radiograph: Radiograph,
    request: AnalysisRequest,
    explanation: Explanation,
    parameters: HotSpotParameters,
) -> tuple[HotSpot, ...]:
    """Hot spots of every map, in the order of the maps."""
    return tuple(
        spot
        for saliency in explanation.maps
        for spot in find_hot_spots(
            saliency,
            radiograph.shape,
            image=radiograph.identity,
            model=request.model,
            parameters=parameters,
            method_parameters=explanation.parameters,
        )
    )


def _objections(classifier: Classifier, radiograph: Radiograph) -> tuple[str, ...]:
    """Why this image is none that the model was made for."""
    header = radiograph.header
    return classifier.package.intended.objections(
        modality=header.modality, body_part=header.body_part, view=header.view_position
    )
