"""Grad-CAM: Selvaraju et al., ICCV 2017, arXiv:1610.02391, equations 1 and 2."""

from typing import ClassVar

from torch import Tensor

from radsal.saliency.cam import ClassActivationMethod
from radsal.saliency.catalogue import GRADCAM, MethodInfo


class GradCam(ClassActivationMethod):
    """``Σ_k w_k A_k`` with ``w_k`` the mean over places of ``∂S/∂A_k``.

    Deviation from the paper: the ReLU of equation 2 is left to whoever reads the map (positive
    part), so that the values against the finding are kept.
    """

    info: ClassVar[MethodInfo] = GRADCAM

    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """(h, w), signed."""
        weights = gradient.mean((2, 3), keepdim=True)
        return (weights * activation).sum(1)[0]
