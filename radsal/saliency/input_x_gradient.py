"""Input × gradient: Shrikumar et al., 2016, arXiv:1605.01713."""

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor, nn

from radsal.saliency.catalogue import INPUT_X_GRADIENT, MethodInfo
from radsal.saliency.input_gradients import (
    Attribution,
    InputMethod,
    by_gray_value,
    input_gradients,
)
from radsal.saliency.options import Options


class InputXGradient(InputMethod):
    """``x ⊙ ∂S/∂x`` with ``x`` as the network is given it, summed over channels.

    A pixel that the preprocessing sends to 0 has 0, whatever the network makes of it.
    """

    info: ClassVar[MethodInfo] = INPUT_X_GRADIENT

    def attribute(
        self, module: nn.Module, tensor: Tensor, logits_of: Sequence[int], _options: Options
    ) -> Attribution:
        """(B, H, W) for each logit."""
        found = input_gradients(module, tensor, logits_of)
        maps = tuple(by_gray_value(tensor * each) for each in found.gradients)
        return Attribution(found.logits, maps)
