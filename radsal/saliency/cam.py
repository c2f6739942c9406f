"""What the class activation methods share: the layer, one forward pass, gradients of the head."""

from abc import abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.components import has_feature_map
from radsal.inference.preprocessing import Prepared
from radsal.saliency.head import HeadGradients, head_gradients
from radsal.saliency.layers import chosen_layer
from radsal.saliency.maps import NO_FEATURE_MAP, OPAQUE, failed_map, saliency_map
from radsal.saliency.method import Explanation, Method, Steps
from radsal.saliency.options import Options


def inapplicable(classifier: Classifier, method: str) -> str:
    """Why a network has no feature map that the CAM family could mean; empty where it has one.

    The feature maps of MONAI's ViT are its patches before any attention, and matrices of attention.
    """
    if getattr(classifier.module, "opaque", False):
        return OPAQUE
    network = classifier.package.network
    if not has_feature_map(network):
        return NO_FEATURE_MAP.format(method=method, network=network.name)
    return ""


class ClassActivationMethod(Method):
    """A method that combines the last spatial feature map with a logit's gradient there.

    The definitions end in a ReLU. The sum before it is kept, signed, because it says more;
    status, hot spots and display use its positive part, which is the published map.
    """

    @abstractmethod
    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """The signed map before the ReLU, (h, w), from activation and gradient, (1, C, h, w)."""

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`Method.steps`; one pass through the head per finding."""
        yield Progress(0, 1, self.info.title)
        if reason := inapplicable(classifier, self.info.name):
            return [self._unexplained(classifier, each, findings, reason) for each in batch]
        indices = [classifier.package.label_index(finding) for finding in findings]

        def work(module: nn.Module, tensor: Tensor) -> list[tuple[str, HeadGradients]]:
            layer = chosen_layer(module, tensor[:1], str(options["layer"]))
            head = head_gradients(module, layer, tensor, indices)
            return [(layer.label, head.one(number)) for number in range(len(tensor))]

        tensors = torch.cat([prepared.tensor for prepared in batch])
        return [
            self._explanation(classifier, prepared, findings, layer, head)
            for prepared, (layer, head) in zip(
                batch, classifier.run_batch(work, tensors), strict=True
            )
        ]

    def _explanation(
        self,
        classifier: Classifier,
        prepared: Prepared,
        findings: Sequence[str],
        layer: str,
        head: HeadGradients,
    ) -> Explanation:
        maps = tuple(
            saliency_map(finding, self.info.name, self.combine(head.activation, gradient), prepared)
            for finding, gradient in zip(findings, head.gradients, strict=True)
        )
        return Explanation(classifier.predictions(head.logits), maps, {"layer": layer})

    def _unexplained(
        self, classifier: Classifier, prepared: Prepared, findings: Sequence[str], reason: str
    ) -> Explanation:
        """Predictions, and failed maps that say why."""
        maps = tuple(failed_map(f, self.info.name, prepared, reason) for f in findings)
        return Explanation(classifier.predict(prepared.tensor), maps, {"layer": "none"})
