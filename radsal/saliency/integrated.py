"""Integrated Gradients: Sundararajan et al., ICML 2017, arXiv:1703.01365."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from radsal.saliency.catalogue import INTEGRATED, MethodInfo
from radsal.saliency.options import Options
from radsal.saliency.sampled import Facts, Plan, SampledMethod, Seen, WeightedSum


class IntegratedGradients(SampledMethod):
    """``(x − x') ⊙ ∫₀¹ ∂S/∂x (x' + t (x − x')) dt``, summed over channels.

    The integral is Gauss-Legendre's with ``steps`` nodes, exact for polynomials in ``t`` up to
    degree ``2 steps − 1``. A pixel that has its baseline's value has 0, whatever the network makes
    of it: with the baseline zero that is what the preprocessing sends to 0.
    """

    info: ClassVar[MethodInfo] = INTEGRATED

    def plan(self, tensor: Tensor, options: Options) -> Plan:
        """Images on the straight way from the baseline to the film."""
        baseline = baseline_of(tensor, str(options["baseline"]))
        nodes, weights = np.polynomial.legendre.leggauss(int(options["steps"]))
        points = (baseline + (1 + float(node)) / 2 * (tensor - baseline) for node in nodes)
        summary = WeightedSum([float(weight) / 2 for weight in weights])
        return Plan(points, len(nodes), summary, tensor - baseline, baseline)

    def facts(self, findings: Sequence[str], seen: Seen) -> Facts:
        """How far the shares are from adding up, ``|Σ − Δ|``, and that over ``|Δ|``.

        ``Δ = S(x) − S(x')``. Where it is 0 there is nothing to relate the gap to.
        """
        assert seen.differences is not None
        found: Facts = {}
        for finding, shares, difference in zip(findings, seen.maps, seen.differences, strict=True):
            gap = abs(float(shares.sum() - difference))
            found[f"completeness_gap_logit {finding}"] = gap
            if difference:
                found[f"completeness_gap {finding}"] = gap / abs(float(difference))
        return found


def baseline_of(tensor: Tensor, kind: str) -> Tensor:
    """The input without anything to see, (1, C, H, W): ``zero``, ``minimum`` or ``mean``.

    Zero is the network's own, after preprocessing; minimum and mean are each channel's.
    """
    if kind == "minimum":
        return tensor.amin((2, 3), keepdim=True).expand_as(tensor)
    if kind == "mean":
        return tensor.mean((2, 3), keepdim=True).expand_as(tensor)
    return torch.zeros_like(tensor)
