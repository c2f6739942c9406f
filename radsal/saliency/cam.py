"""What the class activation methods share: the layer, one forward pass, gradients of the head."""

from abc import abstractmethod
from collections.abc import Sequence

from torch import Tensor, nn

from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.head import HeadGradients, head_gradients
from radsal.saliency.layers import TargetLayer, last_spatial_layer
from radsal.saliency.maps import opaque_map, saliency_map
from radsal.saliency.method import Explanation, Method


class ClassActivationMethod(Method):
    """A method that combines the last spatial feature map with a logit's gradient there.

    The definitions end in a ReLU. The sum before it is kept, signed, because it says more;
    status, hot spots and display use its positive part, which is the published map.
    """

    @abstractmethod
    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """The signed map before the ReLU, (h, w), from activation and gradient, (1, C, h, w)."""

    def explain(
        self, classifier: Classifier, prepared: Prepared, findings: Sequence[str]
    ) -> Explanation:
        """See :meth:`Method.explain`; one forward pass, one pass through the head per finding."""
        if getattr(classifier.module, "opaque", False):
            return self._unexplained(classifier, prepared, findings)
        indices = [classifier.package.label_index(finding) for finding in findings]

        def work(module: nn.Module, tensor: Tensor) -> tuple[TargetLayer, HeadGradients]:
            layer = last_spatial_layer(module, tensor)
            return layer, head_gradients(module, layer, tensor, indices)

        layer, head = classifier.run(work, prepared.tensor)
        maps = tuple(
            saliency_map(finding, self.info.name, self.combine(head.activation, gradient), prepared)
            for finding, gradient in zip(findings, head.gradients, strict=True)
        )
        return Explanation(classifier.predictions(head.logits), maps, {"layer": layer.name})

    def _unexplained(
        self, classifier: Classifier, prepared: Prepared, findings: Sequence[str]
    ) -> Explanation:
        """Predictions, and failed maps that say why: TorchScript shows no layer."""
        maps = tuple(opaque_map(finding, self.info.name, prepared) for finding in findings)
        return Explanation(classifier.predict(prepared.tensor), maps, {"layer": "none"})
