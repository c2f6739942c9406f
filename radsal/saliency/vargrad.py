"""VarGrad: Adebayo et al., ICLR workshop 2018, arXiv:1810.03307."""

from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.catalogue import VARGRAD, MethodInfo
from radsal.saliency.options import Options
from radsal.saliency.sampled import Plan, SampledMethod, Summary
from radsal.saliency.smoothgrad import noisy_copies

ROUNDING = 1e-6
"""Standard deviations below this share of the largest gradient are float32's rounding."""


class Variance(Summary):
    """The population variance of the samples' maps, after Welford (1962).

    Exactly zero for a finding whose samples differ by rounding alone.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean: Tensor = torch.zeros(())
        self._squares: Tensor = torch.zeros(())

    def add(self, maps: Tensor) -> None:
        """See :meth:`Summary.add`."""
        self._count += 1
        off = maps - self._mean
        self._mean = self._mean + off / self._count
        self._squares = self._squares + off * (maps - self._mean)

    def result(self) -> Tensor:
        """See :meth:`Summary.result`."""
        variance = self._squares / self._count
        largest = self._mean.abs().amax((1, 2), keepdim=True)
        beyond = variance.amax((1, 2), keepdim=True) > (ROUNDING * largest) ** 2
        return torch.where(beyond | variance.isnan(), variance, 0.0)


class VarGrad(SampledMethod):
    """The variance over noisy copies ``x + ε`` of ``∂S/∂x``, which is never negative.

    The channels' gradients are added before the variance is taken: it is that of the derivative
    by the gray value. The copies are those of SmoothGrad.
    """

    info: ClassVar[MethodInfo] = VARGRAD

    def plan(self, tensor: Tensor, options: Options) -> Plan:
        """Noisy copies."""
        return Plan(noisy_copies(tensor, options), int(options["samples"]), Variance())
