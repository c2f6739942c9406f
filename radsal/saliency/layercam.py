"""Layer-CAM: Jiang et al., IEEE TIP 2021, doi:10.1109/TIP.2021.3089943."""

from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.cam import ClassActivationMethod
from radsal.saliency.catalogue import LAYERCAM, MethodInfo


class LayerCam(ClassActivationMethod):
    """``Σ_k ReLU(∂S/∂A_k) ⊙ A_k``: what speaks for the finding, place by place.

    Deviation from the paper: the ReLU round the sum is left to whoever reads the map, and maps of
    shallow layers are not scaled by a tanh.
    """

    info: ClassVar[MethodInfo] = LAYERCAM

    def combine(self, activation: Tensor, gradient: Tensor) -> Tensor:
        """(B, h, w), signed: below zero only where features are."""
        return (torch.relu(gradient) * activation).sum(1)
