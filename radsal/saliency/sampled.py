"""What the methods share that look at the gradient at many points around or before the image.

The points go through the network in chunks, which bound the memory; between two chunks the work
can be given up. All findings share a chunk's forward pass.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor, nn

from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.input_gradients import by_gray_value, input_gradients
from radsal.saliency.maps import saliency_map
from radsal.saliency.method import Explanation, Method, Steps
from radsal.saliency.options import Options, Value
from radsal.saliency.undisturbed import plain_logits

PIXELS_ON_CPU = 1 << 19
"""Pixels of a chunk on the CPU: two samples of 512 x 512, ten of 224 x 224.

In larger ones the feature maps outgrow what the allocator gives again, and a third of the time
goes into fresh pages of memory.
"""

Facts = dict[str, float | int | str | bool]


class Summary(ABC):
    """What is kept of the samples' maps while they come in."""

    @abstractmethod
    def add(self, maps: Tensor) -> None:
        """The next sample's maps: float64, (findings, H, W)."""

    @abstractmethod
    def result(self) -> Tensor:
        """Float64, (findings, H, W), after the last sample."""


class WeightedSum(Summary):
    """The sum of the samples' maps, each with its weight."""

    def __init__(self, weights: Sequence[float]) -> None:
        self._weights = iter(weights)
        self._sum = torch.zeros((), dtype=torch.float64)

    def add(self, maps: Tensor) -> None:
        """See :meth:`Summary.add`."""
        self._sum = self._sum + next(self._weights) * maps

    def result(self) -> Tensor:
        """See :meth:`Summary.result`."""
        return self._sum


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Where to look, and what to make of it.

    Attributes
    ----------
    points:
        Inputs (1, C, H, W), one after the other: they are never all held at once.
    count:
        How many there are.
    summary:
        What becomes of the maps.
    factor:
        (1, C, H, W): what each gradient is multiplied with before its channels are added.
    baseline:
        (1, C, H, W), the input whose logits are wanted besides those of the image; or None.
    """

    points: Iterator[Tensor]
    count: int
    summary: Summary
    factor: Tensor | None = None
    baseline: Tensor | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found of one image.

    Attributes
    ----------
    logits:
        (1, labels).
    maps:
        Float64, for each finding, (findings, H, W).
    differences:
        Float64, each finding's logit less that of the baseline, (findings,); or None.
    """

    logits: Tensor
    maps: Tensor
    differences: Tensor | None


class SampledMethod(Method):
    """A method that sums up gradients at several points.

    A film's samples never share a chunk with another film's: no map depends on the films beside it.
    """

    @abstractmethod
    def plan(self, tensor: Tensor, options: Options) -> Plan:
        """The points of one image, (1, C, H, W)."""

    def facts(self, _findings: Sequence[str], _seen: Seen) -> Facts:
        """What was measured on the way; nothing by default."""
        return {}

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`Method.steps`; a step for each chunk."""
        explanations = []
        for number, prepared in enumerate(batch):
            seen = yield from self._look(classifier, prepared.tensor, findings, options, number)
            explanations.append(self._explanation(classifier, prepared, findings, options, seen))
        return explanations

    def _look(
        self,
        classifier: Classifier,
        tensor: Tensor,
        findings: Sequence[str],
        options: Options,
        number: int,
    ) -> Generator[Progress, None, Seen]:
        yield Progress(0, 0, f"{self.info.title}, image {number + 1}")
        plan = self.plan(tensor, options)
        chunk = _together(classifier, tensor, int(options["chunk"]))
        indices = [classifier.package.label_index(finding) for finding in findings]
        logits, differences = classifier.run(plain_logits, tensor), None
        if plan.baseline is not None:
            without = classifier.run(plain_logits, plan.baseline)
            differences = (logits.double() - without.double())[0, indices]
        work = _work(indices, plan.factor)
        done = 0
        while part := list(islice(plan.points, chunk)):
            yield Progress(done, plan.count, self.info.title)
            for maps in classifier.run_batch(work, torch.cat(part), chunk):
                plan.summary.add(maps)
            done += len(part)
        return Seen(logits, plan.summary.result(), differences)

    def _explanation(
        self,
        classifier: Classifier,
        prepared: Prepared,
        findings: Sequence[str],
        options: Options,
        seen: Seen,
    ) -> Explanation:
        maps = tuple(
            saliency_map(finding, self.info.name, values, prepared)
            for finding, values in zip(findings, seen.maps, strict=True)
        )
        facts = self.facts(findings, seen)
        return Explanation(classifier.predictions(seen.logits), maps, _chosen(options), facts)


def _together(classifier: Classifier, tensor: Tensor, asked: int) -> int:
    """How many samples share a chunk: as many as asked for, or on a CPU those that pay."""
    if classifier.device.torch_device.type != "cpu":
        return asked
    return min(asked, max(1, PIXELS_ON_CPU // tensor[0, 0].numel()))


def _work(
    indices: Sequence[int], factor: Tensor | None
) -> Callable[[nn.Module, Tensor], list[Tensor]]:
    """For each input of a chunk its findings' maps: float64, (findings, H, W), on the CPU."""

    def work(module: nn.Module, tensor: Tensor) -> list[Tensor]:
        found = input_gradients(module, tensor, indices).gradients
        scale = None if factor is None else factor.to(tensor.device)
        maps = [by_gray_value(each if scale is None else each * scale) for each in found]
        return list(torch.stack(maps, 1).to("cpu", torch.float64))

    return work


def _chosen(options: Options) -> dict[str, Value]:
    """Options that a map depends on: all but the size of the chunks."""
    return {name: value for name, value in options.items() if name != "chunk"}
