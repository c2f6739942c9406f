"""Guided Grad-CAM: Selvaraju et al., ICCV 2017, arXiv:1610.02391, section 3.2."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import interpolate

from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.cam import inapplicable
from radsal.saliency.catalogue import GUIDED_GRADCAM, MethodInfo
from radsal.saliency.gradcam import GradCam
from radsal.saliency.guided import NO_RELU, guided_gradients
from radsal.saliency.head import run_to_head
from radsal.saliency.input_gradients import Attribution, InputMethod, by_gray_value
from radsal.saliency.layers import chosen_layer
from radsal.saliency.method import Steps
from radsal.saliency.options import Options


class GuidedGradCam(InputMethod):
    """Guided Backpropagation times the positive part of Grad-CAM, brought to the input's grid.

    Grad-CAM is interpolated bilinearly over the whole input, as the paper and Captum do it,
    wherever its cells' centres may lie.
    """

    info: ClassVar[MethodInfo] = GUIDED_GRADCAM

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`InputMethod._steps`; failed maps where Grad-CAM has no layer to lie on."""
        reason = inapplicable(classifier)
        if not reason:
            return (yield from super()._steps(classifier, batch, findings, options))
        yield Progress(0, 1, self.info.title)
        return self._unexplained(classifier, batch, findings, reason, layer="none")

    def attribute(
        self, module: nn.Module, tensor: Tensor, logits_of: Sequence[int], options: Options
    ) -> Attribution:
        """(B, H, W) for each logit, or the reason why there is none."""
        guided, replaced = guided_gradients(module, tensor, logits_of)
        if not replaced:
            return Attribution(guided.logits, (), {"layer": "none"}, reason=NO_RELU)
        layer = chosen_layer(module, tensor[:1], str(options["layer"]))
        head = run_to_head(module, layer, tensor)
        maps = tuple(
            by_gray_value(fine * _spread(head.activation, coarse, fine))
            for fine, coarse in zip(guided.gradients, head.gradients(logits_of), strict=True)
        )
        facts = {"replaced_relus": replaced}
        return Attribution(guided.logits, maps, {"layer": layer.label}, facts)


def _spread(activation: Tensor, gradient: Tensor, like: Tensor) -> Tensor:
    """The positive part of Grad-CAM of a batch, (B, 1, H, W), on the input's grid."""
    positive = GradCam().combine(activation, gradient)[:, None].relu()
    return interpolate(positive, like.shape[2:], mode="bilinear", align_corners=False)
