"""Runs in the compute process only: torch and MONAI are imported here, never in the window."""

import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

import torch

from radsal.core.errors import Cancelled, KnownError, ModelRefusal, WorkerError
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, HotSpot
from radsal.dicom.gray.model_input import model_input
from radsal.hotspots.find import find_hot_spots
from radsal.hotspots.parameters import HotSpotParameters
from radsal.inference.classifier import Classifier, classifier_for, example
from radsal.inference.cores import on_each_core, threads
from radsal.inference.preprocessing import Prepared
from radsal.saliency.cam import inapplicable
from radsal.saliency.catalogue import title_of
from radsal.saliency.layers import candidate_layers
from radsal.saliency.method import Explanation, Steps
from radsal.saliency.methods import method_named
from radsal.workflow.analysis import ALL, TOP, AnalysisRequest, LayerChoice, Preview

TICK = 0.1  # seconds between two words about films that are on their way

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """A film on its way into the network; ``begun``: when, by ``time.perf_counter``."""

    radiograph: Radiograph
    prepared: Prepared
    findings: tuple[str, ...]
    notes: tuple[str, ...]
    begun: float


def warm_up() -> None:
    """Importing this module, torch and MONAI with it, is the slow part of a first analysis."""
    torch.get_num_threads()  # settles how many the main thread has, see radsal.inference.cores


def make_ready(request: AnalysisRequest) -> str:
    """See :func:`radsal.workflow.analysis.make_ready`."""
    return _classifier(request).device.label


def layers(request: AnalysisRequest) -> tuple[LayerChoice, ...]:
    """See :func:`radsal.workflow.analysis.layers`."""
    classifier = _classifier(request)
    if inapplicable(classifier):
        return ()
    prepared = classifier.prepare(example())
    turned = prepared.mapping.transposed
    return tuple(
        LayerChoice(layer.label, layer.channels, layer.grid[::-1] if turned else layer.grid)
        for layer in classifier.run(candidate_layers, prepared.tensor)
    )


def analyse(
    radiograph: Radiograph, request: AnalysisRequest
) -> Generator[Progress | Preview, None, Analysis]:
    """See :func:`radsal.workflow.analysis.analyse`."""
    yield Progress(0, 3, "Loading the model")
    classifier = _classifier(request)
    yield Progress(1, 3, f"Asking {request.model.id} on {classifier.device.label}")
    given = _given(classifier, radiograph, request)
    steps = method_named(request.method).steps(
        classifier, [given.prepared], given.findings, dict(request.options)
    )
    (explanation,) = yield from _told(steps, classifier, given, request)
    yield Progress(2, 3, "Cutting hot spots")
    return _answer(classifier, given, request, explanation)


def _told(
    steps: Steps, classifier: Classifier, given: _Given, request: AnalysisRequest
) -> Generator[Progress | Preview, None, list[Explanation]]:
    """Hand on a method's progress, and its sketches as answers without hot spots."""
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            explanations: list[Explanation] = end.value
            return explanations
        if isinstance(step, Progress):
            yield step
        else:
            yield Preview(_answer(classifier, given, request, step.explanation, sketch=True))


def analyse_films(
    radiographs: Sequence[Radiograph], request: AnalysisRequest
) -> Generator[tuple[int, Analysis | KnownError] | Progress, None, None]:
    """Analyse films beside each other: for each its place among them, and its answer.

    Between them how far a film is, where the method takes several steps.

    On the CPU each core has a film of its own, which goes through the network alone: no answer
    depends on the films beside it, to the last bit. On a GPU films of the same prepared shape go
    through it together.

    Raises
    ------
    ModelRefusal
        It would happen to every film.
    """
    classifier = _classifier(request)
    on_cpu = classifier.device.torch_device.type == "cpu"
    work = _films_by_core if on_cpu else _films_in_batches
    yield from work(classifier, radiographs, request)


def _classifier(request: AnalysisRequest) -> Classifier:
    return classifier_for(request.folder, request.model.sha256, request.device)


def _films_by_core(
    classifier: Classifier, radiographs: Sequence[Radiograph], request: AnalysisRequest
) -> Generator[tuple[int, Analysis | KnownError] | Progress, None, None]:
    told: SimpleQueue[Progress] = SimpleQueue()
    stopped = threading.Event()

    def one(member: Classifier, radiograph: Radiograph) -> Analysis:
        given = _given(member, radiograph, request)
        steps = method_named(request.method).steps(
            member, [given.prepared], given.findings, dict(request.options)
        )
        (explanation,) = _followed(steps, told.put, stopped)
        return _answer(member, given, request, explanation)

    with on_each_core(classifier) as cores:
        places = {
            cores.submit(partial(one, radiograph=film)): place
            for place, film in enumerate(radiographs)
        }
        try:
            for future in _as_completed(places):
                if future is not None:
                    yield places[future], _outcome(future.result)
                else:
                    yield from _newest(told, request)
        finally:
            stopped.set()


def _followed(
    steps: Steps, tell: Callable[[Progress], None], stopped: threading.Event
) -> list[Explanation]:
    """Run a method to its end, unless nobody waits for it any more."""
    with closing(steps):
        while not stopped.is_set():
            try:
                step = next(steps)
            except StopIteration as end:
                explanations: list[Explanation] = end.value
                return explanations
            if isinstance(step, Progress):
                tell(step)
    raise Cancelled


def _as_completed(futures: Iterable[Future[T]]) -> Iterator[Future[T] | None]:
    """Futures as they end; None now and then, while none does."""
    waiting = set(futures)
    while waiting:
        ended, waiting = wait(waiting, TICK, FIRST_COMPLETED)
        yield from ended
        if not ended:
            yield None


def _newest(told: SimpleQueue[Progress], request: AnalysisRequest) -> Iterator[Progress]:
    """What a film told last, in words: several are on their way beside each other."""
    last = None
    while not told.empty():
        last = told.get()
    if last is not None and last.total > 1:
        words = f"{title_of(request.method)} {last.done} of {last.total}"
        yield Progress(last.done, last.total, words)


def _films_in_batches(
    classifier: Classifier, radiographs: Sequence[Radiograph], request: AnalysisRequest
) -> Generator[tuple[int, Analysis | KnownError], None, None]:
    groups: dict[object, list[tuple[int, _Given]]] = {}
    with threads() as pool:
        waiting = [pool.submit(_given, classifier, film, request) for film in radiographs]
        for place, future in enumerate(waiting):
            given = _outcome(future.result)
            if isinstance(given, KnownError):
                yield place, given
            else:
                key = given.prepared.tensor.shape, given.findings
                groups.setdefault(key, []).append((place, given))
    for group in groups.values():
        yield from _group(classifier, group, request)


def _group(
    classifier: Classifier, group: Sequence[tuple[int, _Given]], request: AnalysisRequest
) -> Generator[tuple[int, Analysis | KnownError], None, None]:
    """Films of one shape. Where one of them has no answer each is asked alone."""
    method = method_named(request.method)
    prepared = [given.prepared for _, given in group]
    findings, options = group[0][1].findings, dict(request.options)
    together = _outcome(lambda: method.explain_batch(classifier, prepared, findings, options))
    if not isinstance(together, KnownError):
        for (place, given), explanation in zip(group, together, strict=True):
            yield place, _answer(classifier, given, request, explanation)
    elif len(group) == 1:
        yield group[0][0], together
    else:
        for single in group:
            yield from _group(classifier, [single], request)


def _outcome(work: Callable[[], T]) -> T | KnownError:
    """What the work gives, or why this film has no answer. A refused model goes on."""
    try:
        return work()
    except ModelRefusal:
        raise
    except KnownError as error:
        return error
    except MemoryError:
        return WorkerError(
            "The analysis needs more memory than there is.",
            code="out-of-memory",
            remedy="Close other programs, or try a smaller image.",
        )


def _given(classifier: Classifier, radiograph: Radiograph, request: AnalysisRequest) -> _Given:
    begun = time.perf_counter()
    given = model_input(radiograph)
    prepared = classifier.prepare(given.pixels)
    findings = _findings(request, classifier, prepared)
    notes = (*given.notes, *classifier.package.intended.objections_to(radiograph.header))
    return _Given(radiograph, prepared, findings, notes, begun)


def _answer(
    classifier: Classifier,
    given: _Given,
    request: AnalysisRequest,
    explanation: Explanation,
    *,
    sketch: bool = False,
) -> Analysis:
    cut = HotSpotParameters(mass=request.mass)
    return Analysis(
        image=given.radiograph.identity,
        model=request.model,
        method=request.method,
        parameters={
            **request.parameters,
            **explanation.parameters,
            **explanation.facts,
            **cut.plain(),
        },
        device=classifier.device.label,
        predictions=explanation.predictions,
        maps=explanation.maps,
        hot_spots=() if sketch else _hot_spots(given.radiograph, request, explanation, cut),
        milliseconds=(time.perf_counter() - given.begun) * 1000,
        notes=given.notes,
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
