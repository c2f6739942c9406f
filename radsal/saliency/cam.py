"""What the class activation methods share: the layer, one forward pass, gradients of the head."""

from abc import abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.head import Head, run_to_head
from radsal.saliency.layers import TargetLayer, chosen_layer
from radsal.saliency.maps import OPAQUE, saliency_maps
from radsal.saliency.method import Explanation, Method, Steps
from radsal.saliency.options import Options


def inapplicable(classifier: Classifier) -> str:
    """Why a network has no layer that the CAM family could explain at; empty where it has one."""
    return OPAQUE if getattr(classifier.module, "opaque", False) else ""


def layer_mapping(prepared: Prepared, layer: TargetLayer) -> GridMapping:
    """Where a layer's cells lie in the image: round the middle of what each looks at.

    Stretched over the input where that cannot be known. The outermost cells stand for what the
    network saw beyond them.
    """
    if layer.patches:
        return layer.patches.mapping(prepared)
    whole, field = prepared.mapping, layer.field
    stretched = whole.refine(prepared.grid, layer.grid)
    if field is None:
        return stretched
    start = [first - jump / 2 for first, jump in zip(field.first, field.jump, strict=True)]
    moved = whole.within(field.jump, (start[0], start[1]))
    if moved == stretched:
        return stretched
    turned = whole.transposed
    return replace(moved, reach=whole.reached(prepared.grid[::-1] if turned else prepared.grid))


@dataclass(frozen=True, slots=True, eq=False)
class LayerMaps:
    """What a method found for one input.

    Attributes
    ----------
    logits:
        (1, labels), of the pass that the maps came from.
    values:
        (findings, h, w), signed, on the layer's grid.
    """

    layer: TargetLayer
    logits: Tensor
    values: Tensor


class LayerMethod(Method):
    """A method whose maps lie on the grid of one of the network's layers.

    The definitions end in a ReLU. The sum before it is kept, signed, because it says more;
    status, hot spots and display use its positive part, which is the published map.
    """

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`Method.steps`."""
        yield Progress(0, 1, self.info.title)
        if reason := inapplicable(classifier):
            return self._unexplained(classifier, batch, findings, reason, layer="none")
        logits_of = [classifier.package.label_index(finding) for finding in findings]
        tensors = torch.cat([prepared.tensor for prepared in batch])
        found = yield from self._found(classifier, tensors, logits_of, options)
        return [
            self._explanation(classifier, prepared, findings, maps)
            for prepared, maps in zip(batch, found, strict=True)
        ]

    @abstractmethod
    def _found(
        self, classifier: Classifier, tensors: Tensor, logits_of: Sequence[int], options: Options
    ) -> Generator[Progress, None, list[LayerMaps]]:
        """The maps of each input, (B, C, H, W), for the logits with those indices."""

    def _explanation(
        self,
        classifier: Classifier,
        prepared: Prepared,
        findings: Sequence[str],
        found: LayerMaps,
    ) -> Explanation:
        mapping = layer_mapping(prepared, found.layer)
        maps = saliency_maps(findings, self.info.name, found.values, prepared, mapping)
        return Explanation(classifier.predictions(found.logits), maps, {"layer": found.layer.label})


class OnePassMethod(LayerMethod):
    """A method that needs one forward pass, and at most the gradients of the head."""

    @abstractmethod
    def maps(self, head: Head, logits_of: Sequence[int]) -> list[Tensor]:
        """For each of those logits the signed map before the ReLU, (B, h, w)."""

    def _found(
        self, classifier: Classifier, tensors: Tensor, logits_of: Sequence[int], options: Options
    ) -> Generator[Progress, None, list[LayerMaps]]:
        def work(module: nn.Module, tensor: Tensor) -> list[LayerMaps]:
            layer = chosen_layer(module, tensor[:1], str(options["layer"]))
            head = run_to_head(module, layer, tensor)
            values = torch.stack(self.maps(head, logits_of), 1)
            logits = head.logits.detach()
            return [
                LayerMaps(layer, logits[number : number + 1], values[number])
                for number in range(len(tensor))
            ]

        yield from ()  # a single step
        return classifier.run_batch(work, tensors)


class ClassActivationMethod(OnePassMethod):
    """A method that combines a layer's feature maps with a logit's gradient there."""

    @abstractmethod
    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """The signed map before the ReLU, (B, h, w), from activation and gradient, (B, C, h, w)."""

    def maps(self, head: Head, logits_of: Sequence[int]) -> list[Tensor]:
        """One gradient after the other, so that no more of them are held than are computed."""
        activation = head.activation
        return [self.combine(activation, gradient) for gradient in head.gradients(logits_of)]
