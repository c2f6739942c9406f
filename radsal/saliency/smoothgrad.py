"""SmoothGrad: Smilkov et al., 2017, arXiv:1706.03825."""

from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from radsal.saliency.catalogue import SMOOTHGRAD, MethodInfo
from radsal.saliency.options import Options
from radsal.saliency.sampled import Plan, SampledMethod, WeightedSum


class SmoothGrad(SampledMethod):
    """The mean over noisy copies ``x + ε`` of ``∂S/∂x``, signed, summed over channels.

    Deviation from the paper's pictures: no absolute value is taken, so that what speaks against
    a finding cancels what speaks for it instead of adding to it.
    """

    info: ClassVar[MethodInfo] = SMOOTHGRAD

    def plan(self, tensor: Tensor, options: Options) -> Plan:
        """Noisy copies."""
        count = int(options["samples"])
        return Plan(noisy_copies(tensor, options), count, WeightedSum([1 / count] * count))


def noisy_copies(tensor: Tensor, options: Options) -> Iterator[Tensor]:
    """Copies of an input, (1, C, H, W), each with Gaussian noise on every value of its own.

    Drawn on the CPU, one copy after the other: the same seed gives the same noise on any device
    and with any size of chunks. Its standard deviation is ``noise`` times the input's range.
    """
    generator = torch.Generator().manual_seed(int(options["seed"]))
    sigma = float(options["noise"]) * float(tensor.max() - tensor.min())
    for _ in range(int(options["samples"])):
        yield tensor + sigma * torch.randn(tensor.shape, generator=generator)
