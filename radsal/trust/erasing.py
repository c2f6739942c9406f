"""Erase a region, ask again, and do the same at matched control regions."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage, stats
from torch import Tensor

from radsal.core.erasure import USUAL, Answer, MapChange, fill_in_named
from radsal.core.progress import Progress
from radsal.core.results import MapStatus, Prediction, SaliencyMap
from radsal.inference.classifier import Classifier
from radsal.inference.cores import on_each_core
from radsal.saliency.methods import method_named
from radsal.trust.controls import draw_controls
from radsal.trust.fillins import fill_in
from radsal.trust.regions import Region

Image = NDArray[np.float32]
Film = Callable[[], Image]

CHUNK = 8
"""Control films between two steps: the work can be given up there."""

BLUR = 1 / 24
"""Width of the blur of everything else, as a share of the longer side, where a region is kept."""


@dataclass(frozen=True, slots=True)
class Erased:
    """See :class:`radsal.core.erasure.Erasure`, whose figures these are."""

    before: Answer
    after: Answer
    kept: Answer
    controls: tuple[float, ...]
    overlap: float
    map_change: MapChange


def erase(
    classifier: Classifier,
    image: Image,
    region: Region,
    finding: str,
    *,
    how: str = USUAL,
    count: int = 99,
    seed: int = 0,
    enough: int | None = None,
    method: str = "gradcam",
) -> Generator[Progress, None, Erased]:
    """Fill in a region and ask the model again.

    Parameters
    ----------
    image:
        float32, (rows, columns), as :func:`radsal.dicom.gray.model_input.model_input` gives it.
    how:
        The fill-in, for the region and for the controls.
    count:
        Control regions.
    enough:
        Stop after so many controls that lower the logit as much as the region: p is then large
        and stays valid. None runs them all.

    Raises
    ------
    KnownError
        There is no room for the controls, or no such fill-in or method.
    KeyError
        The model lacks the finding.
    """
    fill_in_named(how)
    index = classifier.package.label_index(finding)
    controls = draw_controls(image, region, count, seed)
    yield Progress(0, count + 3, "Erasing the region")
    without = fill_in(image, region, how)
    films: tuple[Film, ...] = (lambda: image, lambda: without, lambda: keep_only(image, region))
    before, after, kept = _answers(classifier, films, index)
    yield Progress(2, count + 3, "Comparing the maps")
    change = _map_change(classifier, image, without, region, finding, method)
    drop = after.logit - before.logit
    changes: list[float] = []
    waiting = iter(controls.regions)
    while some := list(islice(waiting, CHUNK)):
        yield Progress(3 + len(changes), count + 3, "Erasing control regions")
        films = tuple(partial(fill_in, image, control, how) for control in some)
        for answer in _answers(classifier, films, index):
            changes.append(answer.logit - before.logit)
            if enough is not None and sum(c <= drop for c in changes) >= enough:
                waiting = iter(())
                break
    return Erased(before, after, kept, tuple(changes), controls.overlap, change)


def keep_only(image: Image, region: Region) -> Image:
    """The image with everything blurred but the region: float32, (rows, columns).

    What is left elsewhere is where it is bright and dark, as an out of focus film has it.
    """
    blurred = ndimage.gaussian_filter(image, max(image.shape) * BLUR, mode="nearest", truncate=3.0)
    return np.where(region.whole(), image, blurred).astype(np.float32)


def _answers(classifier: Classifier, films: Sequence[Film], index: int) -> list[Answer]:
    """The answer to each film, made where it is asked about: on each core one, or all in batches.

    The region and its controls are asked about in one way, so that equal films have equal bits.
    """

    def prepared(member: Classifier, film: Film) -> Tensor:
        return member.prepare(film()).tensor

    def alone(member: Classifier, film: Film) -> tuple[Prediction, ...]:
        return member.predict(prepared(member, film))

    if classifier.device.torch_device.type == "cpu":
        with on_each_core(classifier) as cores:
            asked = [cores.submit(partial(alone, film=film)) for film in films]
            found = [answer.result() for answer in asked]
    else:
        found = classifier.predict_batch(torch.cat([prepared(classifier, film) for film in films]))
    return [Answer(each[index].logit, each[index].probability) for each in found]


def _map_change(
    classifier: Classifier, old: Image, new: Image, region: Region, finding: str, method: str
) -> MapChange:
    explain = method_named(method).explain
    before, after = (
        explain(classifier, classifier.prepare(film), (finding,)).maps[0] for film in (old, new)
    )
    same = before.status is after.status is MapStatus.OK
    rho = float(stats.spearmanr(before.values.ravel(), after.values.ravel())[0]) if same else None
    return MapChange(method, _share(before, region), _share(after, region), rho)


def _share(saliency: SaliencyMap, region: Region) -> float:
    """Share of the positive mass that lies in the region, of the map drawn on the image."""
    if saliency.status is not MapStatus.OK:
        return 0.0
    step = max(1, max(region.image) // 512)
    rows, columns = (np.arange(0, n, step) + 0.5 for n in region.image)
    positive = saliency.mapping.sample(np.maximum(saliency.values, 0), rows, columns)
    inside = region.whole()[::step, ::step]
    total = float(positive.sum(dtype=np.float64))
    return float(positive[inside].sum(dtype=np.float64)) / total if total > 0 else 0.0
