"""Ask a model about an image: predictions, maps and hot spots, with the identity checked."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.identity import ModelIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.inference.package import ModelPackage
from radsal.saliency.catalogue import CATALOGUE
from radsal.storage import Store
from radsal.workflow.engines import Engines

ANALYSIS_TIMEOUT = 600.0
ALL = "all"
TOP = "top"
DEVICES = ("auto", "cuda", "mps", "cpu")  # as radsal.inference.devices.CHOICES, without torch


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """What is asked: which model, by which method, of which findings.

    Attributes
    ----------
    findings:
        ``"all"``, ``"top"`` (the highest probability) or one label.
    mass:
        Share of a map's positive mass that its hot spots hold together.
    device:
        ``auto`` (CUDA, then MPS, then the CPU), ``cuda``, ``mps`` or ``cpu``. No part of the
        question: what another device has answered is an answer.
    """

    folder: Path
    model: ModelIdentity
    method: str = "gradcam"
    findings: str = ALL
    mass: float = 0.6
    device: str = "auto"

    @property
    def parameters(self) -> dict[str, float | str]:
        """What the request itself says of the result, besides image, model and method."""
        return {"findings": self.findings, "mass": self.mass}

    def answered_by(self, analysis: Analysis) -> bool:
        """Whether an analysis is what this request would give for the same image."""
        return (analysis.model, analysis.method) == (self.model, self.method) and all(
            analysis.parameters.get(name) == value for name, value in self.parameters.items()
        )

    @classmethod
    def of(
        cls,
        package: ModelPackage,
        method: str = "gradcam",
        findings: str = ALL,
        mass: float = 0.6,
        device: str = "auto",
    ) -> "AnalysisRequest":
        """A request to a model package as it was read (and hashed) now."""
        return cls(package.folder, package.identity, method, findings, mass, device)


def check_request(request: AnalysisRequest, package: ModelPackage) -> None:
    """Say before any image is opened what could be answered for none. Raises KnownError."""
    known = {
        "method": tuple(CATALOGUE),
        "finding": (*package.labels, ALL, TOP),
        "device": DEVICES,
    }
    given = {"method": request.method, "finding": request.findings, "device": request.device}
    for what, asked in given.items():
        if asked not in known[what]:
            raise KnownError(
                f"{package.id} cannot be asked for the {what} {asked!r}",
                code=f"{what}-unknown",
                remedy=f"There are: {', '.join(known[what])}.",
            )


def analyse(
    engines: Engines, radiograph: Radiograph, request: AnalysisRequest
) -> Generator[Progress, None, Analysis]:
    """Run the model and the saliency method in the compute process.

    Raises
    ------
    ModelRefusal
        The package changed since it was read, or cannot be loaded safely.
    IdentityMismatch
        What came back does not belong to what was asked: it is not handed on.
    WorkerError
        The compute process died or took too long; it is restarted for the next request.
    """
    result: Analysis = yield from engines.compute.run(
        "radsal.workflow.compute:analyse", radiograph, request, timeout=ANALYSIS_TIMEOUT
    )
    check_answer(radiograph, request, result)
    return result


def make_ready(engines: Engines, request: AnalysisRequest) -> Generator[Progress, None, str]:
    """Load the model in the compute process and run it once; the label of its device.

    Raises
    ------
    KnownError
        What would happen to every image: the package is refused, or the device is missing.
    """
    label: str = yield from engines.compute.run(
        "radsal.workflow.compute:make_ready", request, timeout=ANALYSIS_TIMEOUT
    )
    return label


def check_answer(radiograph: Radiograph, request: AnalysisRequest, answer: Analysis) -> None:
    """Raise IdentityMismatch where an answer is one to something else."""
    if answer.image != radiograph.identity or not request.answered_by(answer):
        raise IdentityMismatch("The compute process answered for another image or model.")


def stored_or_new(
    store: Store,
    engines: Engines,
    radiograph: Radiograph,
    request: AnalysisRequest,
    *,
    anew: bool = False,
) -> Generator[Progress, None, Analysis]:
    """The stored analysis where everything about it matches; else a new one, then stored.

    ``anew`` asks the model in any case. Either way the store learns where the image lies now: its
    report is made from there.
    """
    stored = None if anew else store.analysis(radiograph.identity, request.model, request.method)
    if stored is not None and request.answered_by(stored):
        store.save_image(radiograph.header, radiograph.identity)
        return stored
    analysis = yield from analyse(engines, radiograph, request)
    store.save_image(radiograph.header, radiograph.identity)
    store.save_analysis(analysis)
    return analysis
