"""Eigen-CAM: Muhammad and Yeasin, IJCNN 2020, arXiv:2008.00299."""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.cam import OnePassMethod
from radsal.saliency.catalogue import EIGENCAM, MethodInfo
from radsal.saliency.head import Head


class EigenCam(OnePassMethod):
    """The features' projection on their first principal direction: the same for every finding.

    Of the matrix ``O`` of places by channels, ``O = U S V'``, it is ``O v₁ = s₁ u₁``, not centred,
    as in the paper. Its sign, which the decomposition leaves open: the map goes with the sum of
    the features, and where it is at right angles to it, its largest value is positive.
    """

    info: ClassVar[MethodInfo] = EIGENCAM

    def maps(self, head: Head, logits_of: Sequence[int]) -> list[Tensor]:
        """(B, h, w), the same for each logit."""
        return [torch.stack([principal(one) for one in head.activation])] * len(logits_of)


def principal(activation: Tensor) -> Tensor:
    """The projection of features, (C, h, w), on their first principal direction: (h, w).

    In float64 on the CPU, from the smaller of the two matrices of products.
    """
    channels, h, w = activation.shape
    if not torch.isfinite(activation).all():
        return torch.full((h, w), torch.nan)
    features = activation.reshape(channels, h * w).to("cpu", torch.float64)
    if channels <= h * w:
        direction = torch.linalg.eigh(features @ features.T).eigenvectors[:, -1]
        projected = direction @ features
    else:
        spectrum = torch.linalg.eigh(features.T @ features)
        projected = spectrum.eigenvectors[:, -1] * spectrum.eigenvalues[-1].clamp(min=0).sqrt()
    return _signed(projected, features.sum(0)).reshape(h, w).float()


def _signed(projected: Tensor, total: Tensor) -> Tensor:
    along = torch.dot(projected, total)
    if along == 0:
        along = projected[projected.abs().argmax()]
    return -projected if along < 0 else projected
