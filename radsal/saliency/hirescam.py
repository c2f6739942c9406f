"""HiResCAM: Draelos and Carin, 2020, arXiv:2011.08891."""

from typing import ClassVar

from torch import Tensor

from radsal.saliency.cam import ClassActivationMethod
from radsal.saliency.catalogue import HIRESCAM, MethodInfo


class HiResCam(ClassActivationMethod):
    """``Σ_k ∂S/∂A_k ⊙ A_k``: the gradient is not averaged over places.

    On networks that end in global average pooling and a linear layer it equals Grad-CAM and, but
    for the constant 1/(h·w), CAM. The paper's optional ReLU is left to whoever reads the map.
    """

    info: ClassVar[MethodInfo] = HIRESCAM

    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """(B, h, w), signed."""
        return (gradient * activation).sum(1)
