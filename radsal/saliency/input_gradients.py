"""What the methods of the input share: gradients of logits with respect to the network's input.

One forward pass serves the gradients of all findings. Module parameters take no part: no gradient
of a weight is computed, whether or not somebody had them require one.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.frozen_norms import FrozenNorms
from radsal.saliency.maps import failed_map, saliency_map
from radsal.saliency.method import Explanation, Method, Steps
from radsal.saliency.options import Options
from radsal.saliency.undisturbed import undisturbed


@dataclass(frozen=True, slots=True, eq=False)
class InputGradients:
    """What every method of the input starts from.

    Attributes
    ----------
    logits:
        (B, labels).
    gradients:
        For each finding, (B, C, H, W): its logit's gradient with respect to the input.
    """

    logits: Tensor
    gradients: tuple[Tensor, ...]


def input_gradients(module: nn.Module, tensor: Tensor, logits_of: Sequence[int]) -> InputGradients:
    """Forward once; differentiate the logits with those indices down to the input.

    Parameters
    ----------
    tensor:
        (B, C, H, W), not changed. In evaluation mode no input of a batch has a part in another
        one's logits, so that the gradient of their sum is each one's own.
    """
    with undisturbed(module), torch.inference_mode(False), torch.enable_grad():
        leaf = tensor.clone().requires_grad_()
        with FrozenNorms():
            logits: Tensor = module(leaf.clone())  # a first layer may change its input in place
        last = len(logits_of) - 1
        gradients = tuple(
            _gradient(logits, index, leaf, keep=number < last)
            for number, index in enumerate(logits_of)
        )
    return InputGradients(logits.detach(), gradients)


def _gradient(logits: Tensor, index: int, leaf: Tensor, *, keep: bool) -> Tensor:
    """Zeros where the logit does not depend on the input at all."""
    if not logits.requires_grad:
        return torch.zeros_like(leaf).detach()
    total = logits[:, index].sum()
    gradient = torch.autograd.grad(total, leaf, retain_graph=keep, allow_unused=True)[0]
    return torch.zeros_like(leaf).detach() if gradient is None else gradient


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What one pass gives for a batch.

    Attributes
    ----------
    logits:
        (B, labels).
    maps:
        For each finding, (B, H, W), signed; none where there is a ``reason``.
    parameters, facts:
        As of an :class:`~radsal.saliency.method.Explanation`.
    reason:
        Why the method does not apply to this network; empty where it does.
    """

    logits: Tensor
    maps: tuple[Tensor, ...]
    parameters: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    facts: Mapping[str, float | int | str | bool] = field(default_factory=dict)
    reason: str = ""

    def one(self, number: int) -> "Attribution":
        """That of one input of the batch, as a batch of one."""
        maps = tuple(each[number : number + 1] for each in self.maps)
        logits = self.logits[number : number + 1]
        return Attribution(logits, maps, self.parameters, self.facts, self.reason)


class InputMethod(Method):
    """A method that looks at the gradient at the image itself."""

    @abstractmethod
    def attribute(
        self, module: nn.Module, tensor: Tensor, logits_of: Sequence[int], options: Options
    ) -> Attribution:
        """Maps of a batch, (B, C, H, W), for the logits with those indices."""

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`Method.steps`; one forward pass, and one back for each finding."""
        yield Progress(0, 1, self.info.title)
        indices = [classifier.package.label_index(finding) for finding in findings]

        def work(module: nn.Module, tensor: Tensor) -> list[Attribution]:
            found = self.attribute(module, tensor, indices, options)
            return [found.one(number) for number in range(len(tensor))]

        found = classifier.run_batch(work, torch.cat([prepared.tensor for prepared in batch]))
        return [
            self._explanation(classifier, prepared, findings, each)
            for prepared, each in zip(batch, found, strict=True)
        ]

    def _explanation(
        self,
        classifier: Classifier,
        prepared: Prepared,
        findings: Sequence[str],
        found: Attribution,
    ) -> Explanation:
        name = self.info.name
        if found.reason:
            maps = tuple(failed_map(f, name, prepared, found.reason) for f in findings)
        else:
            maps = tuple(
                saliency_map(finding, name, values[0], prepared)
                for finding, values in zip(findings, found.maps, strict=True)
            )
        logits = classifier.predictions(found.logits)
        return Explanation(logits, maps, found.parameters, found.facts)


def by_gray_value(attribution: Tensor) -> Tensor:
    """(B, H, W): the sum over channels of (B, C, H, W), signed.

    A radiograph has one gray value for each pixel, which a network for colour images is given
    in every channel: by the chain rule the derivative by the gray value is the sum of the channels'
    derivatives. The maximum of absolute values, which Simonyan et al. show of colour photographs,
    has no sign and no such meaning.
    """
    return attribution.sum(1)
