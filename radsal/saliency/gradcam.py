"""Grad-CAM: Selvaraju et al., ICCV 2017, arXiv:1610.02391, equations 1 and 2."""

from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.cam import ClassActivationMethod
from radsal.saliency.catalogue import GRADCAM, MethodInfo


def weighted(weights: Tensor, activation: Tensor) -> Tensor:
    """``Σ_k w_k A_k``, (B, h, w), of weights (B, C) and activation (B, C, h, w)."""
    return torch.einsum("bc,bchw->bhw", weights, activation)


class GradCam(ClassActivationMethod):
    """``Σ_k w_k A_k`` with ``w_k`` the mean over places of ``∂S/∂A_k``.

    Deviation from the paper: the ReLU of equation 2 is left to whoever reads the map (positive
    part), so that the values against the finding are kept.
    """

    info: ClassVar[MethodInfo] = GRADCAM

    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """(B, h, w), signed."""
        return weighted(gradient.mean((2, 3)), activation)
