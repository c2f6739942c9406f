"""The gradient: Simonyan et al., ICLR workshop 2014, arXiv:1312.6034, section 3."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from radsal.saliency.catalogue import GRADIENT, MethodInfo
from radsal.saliency.input_gradients import (
    Attribution,
    InputMethod,
    by_gray_value,
    input_gradients,
)
from radsal.saliency.options import Options


class Gradient(InputMethod):
    """``∂S/∂x``, summed over channels.

    Deviation from the paper: signed, and the sum over channels instead of the largest absolute
    value (see :func:`by_gray_value`).
    """

    info: ClassVar[MethodInfo] = GRADIENT

    def attribute(
        self, module: nn.Module, tensor: Tensor, logits_of: Sequence[int], _options: Options
    ) -> Attribution:
        """(B, H, W) for each logit."""
        found = input_gradients(module, tensor, logits_of)
        return Attribution(found.logits, tuple(by_gray_value(each) for each in found.gradients))
