"""Ask a model about an image: predictions, maps and hot spots, with the identity checked."""

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from radsal.core.errors import IdentityMismatch, KnownError
from radsal.core.identity import ModelIdentity
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import FINDINGS, Analysis
from radsal.inference.package import ModelPackage
from radsal.saliency.catalogue import CATALOGUE, asked_of, explains_at_once, tells
from radsal.saliency.options import Options, Value
from radsal.workflow.engines import Engines

ANALYSIS_TIMEOUT = 600.0  # seconds for a film; for each finding, where they are explained apart
ALL = "all"
TOP = "top"
DEVICES = ("auto", "cuda", "mps", "cpu")  # as radsal.inference.devices.CHOICES, without torch


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A first, coarser answer, to be looked at and not to be judged: it has no hot spots."""

    analysis: Analysis


@dataclass(frozen=True, slots=True)
class LayerChoice:
    """A layer that a method of the CAM family can explain at.

    Attributes
    ----------
    label:
        Value of the option ``layer``.
    channels:
        Features in each cell.
    grid:
        (rows, columns) of the map that comes of it, rows along image rows.
    """

    label: str
    channels: int
    grid: tuple[int, int]


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
    options:
        Parameters of the method by name, those that differ from its defaults.
    labels:
        The model's findings in its order, where they are known: all of them are answered where
        each of them is.
    """

    folder: Path
    model: ModelIdentity
    method: str = "gradcam"
    findings: str = ALL
    mass: float = 0.6
    device: str = "auto"
    options: tuple[tuple[str, Value], ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, float | int | str]:
        """What the request itself says of the result, besides image, model and method."""
        asked = asked_of(self.method, dict(self.options))
        return {FINDINGS: self.findings, "mass": self.mass, **asked}

    def answered_by(self, analysis: Analysis) -> bool:
        """Whether an analysis is what this request would give for the same image."""
        same = (analysis.model, analysis.method) == (self.model, self.method)
        return same and self.told_by(analysis.parameters)

    def told_by(self, parameters: Mapping[str, float | int | str | bool]) -> bool:
        """Whether an analysis with these parameters says of itself what is asked here."""
        return tells(parameters, self.parameters)

    @property
    def patience(self) -> float:
        """Seconds that the answer to one film may take."""
        apart = self.findings == ALL and not explains_at_once(self.method)
        return ANALYSIS_TIMEOUT * (max(1, len(self.labels)) if apart else 1)

    @classmethod
    def of(
        cls,
        package: ModelPackage,
        method: str = "gradcam",
        findings: str = ALL,
        mass: float = 0.6,
        device: str = "auto",
        options: Options | None = None,
    ) -> "AnalysisRequest":
        """A request to a model package as it was read (and hashed) now."""
        chosen = tuple(sorted((options or {}).items()))
        return cls(
            package.folder,
            package.identity,
            method,
            findings,
            mass,
            device,
            chosen,
            package.labels,
        )


def check_request(
    request: AnalysisRequest, package: ModelPackage, *, one_finding: bool = False
) -> None:
    """Say before any image is opened what could be answered for none. Raises KnownError."""
    known = {
        "method": tuple(CATALOGUE),
        "finding": package.labels if one_finding else (*package.labels, ALL, TOP),
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
    CATALOGUE[request.method].resolve(dict(request.options))


def analyse(
    engines: Engines, radiograph: Radiograph, request: AnalysisRequest
) -> Generator[Progress | Preview, None, Analysis]:
    """Run the model and the saliency method in the compute process.

    Yields
    ------
    Progress, and with slow methods a Preview of the same image, model and method.

    Raises
    ------
    ModelRefusal
        The package changed since it was read, or cannot be loaded safely.
    IdentityMismatch
        What came back does not belong to what was asked: it is not handed on.
    WorkerError
        The compute process died or took too long; it is restarted for the next request.
    """
    job = engines.compute.run(
        "radsal.workflow.compute:analyse", radiograph, request, timeout=request.patience
    )
    with closing(job):
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                result: Analysis = end.value
                break
            if isinstance(event, Preview):
                check_answer(radiograph, request, event.analysis)
            yield event
    check_answer(radiograph, request, result)
    return result


def without_previews(
    steps: Generator[Progress | Preview, None, Analysis],
) -> Generator[Progress, None, Analysis]:
    """The same work for those who wait for its end."""
    with closing(steps):
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                analysis: Analysis = end.value
                return analysis
            if isinstance(step, Progress):
                yield step


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


def layers(
    engines: Engines, request: AnalysisRequest
) -> Generator[Progress, None, tuple[LayerChoice, ...]]:
    """Layers of the request's model to choose from, the finest grid first; the last is the default.

    No film is needed: the shapes are those of an example after the model's own preprocessing.

    Returns
    -------
    Nothing for a model without feature maps (a ViT) or one that cannot be watched (TorchScript).

    Raises
    ------
    KnownError
        The package is refused, or the device is missing.
    """
    found: tuple[LayerChoice, ...] = yield from engines.compute.run(
        "radsal.workflow.compute:layers", request, timeout=ANALYSIS_TIMEOUT
    )
    return found


def check_answer(radiograph: Radiograph, request: AnalysisRequest, answer: Analysis) -> None:
    """Raise IdentityMismatch where an answer is one to something else."""
    if answer.image != radiograph.identity or not request.answered_by(answer):
        raise IdentityMismatch("The compute process answered for another image or model.")
