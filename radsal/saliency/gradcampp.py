"""Grad-CAM++: Chattopadhay et al., WACV 2018, arXiv:1710.11063."""

from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.cam import ClassActivationMethod
from radsal.saliency.catalogue import GRADCAM_PP, MethodInfo
from radsal.saliency.gradcam import weighted


class GradCamPlusPlus(ClassActivationMethod):
    """``Σ_k w_k A_k`` with ``w_k = Σ_ij α ReLU(g)`` and ``α = g² / (2g² + g³ ΣA_k)``.

    ``g`` is the logit's gradient and ``ΣA_k`` the sum of a feature over its places, as in the
    paper for a score ``exp(S)``; its factor ``exp(S)``, the same for all of a map, is left out.
    Computed as ``α = 1 / (2 + g ΣA_k)``, which is the same and keeps small gradients. Where ``g``
    is zero, ``ReLU(g)`` is zero too and ``α`` has no part; where the denominator is exactly zero
    (only with negative features), ``α`` is taken to be zero.

    Deviation from the paper: the ReLU round the sum is left to whoever reads the map.
    """

    info: ClassVar[MethodInfo] = GRADCAM_PP

    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """(B, h, w), signed: below zero only where features are."""
        denominator = 2 + gradient * activation.sum((2, 3), keepdim=True)
        shares = torch.relu(gradient) / denominator
        shares = torch.where(denominator == 0, 0.0, shares)
        return weighted(shares.sum((2, 3)), activation)
