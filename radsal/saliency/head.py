"""One pass through the trunk for all findings; gradients only through the head.

The trunk runs without a graph. A hook turns the target layer's output into a leaf of its own and
switches gradients on, so that autograd sees nothing but the head: pooling and a linear layer in
most networks, a thousandth of the work.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from radsal.core.errors import BugError
from radsal.saliency.layers import TargetLayer
from radsal.saliency.tokens import off_grid, on_grid
from radsal.saliency.undisturbed import undisturbed

TOGETHER = 1 << 22
"""Values of gradients that are computed in one backward pass: more findings are done in turn."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One forward pass, and the graph from the target layer to the logits.

    Attributes
    ----------
    logits:
        (B, labels).
    leaf:
        (B, C, h, w), the target layer's output; what came after it worked on a copy.
    """

    logits: Tensor
    leaf: Tensor

    @property
    def activation(self) -> Tensor:
        """(B, C, h, w), the target layer's output, outside of the graph."""
        return self.leaf.detach()

    def gradients(self, logits_of: Sequence[int]) -> Iterator[Tensor]:
        """For each of those logits its gradient with respect to the activation, (B, C, h, w).

        As many findings as :data:`TOGETHER` allows share a backward pass. In evaluation mode no
        input of a batch has a part in another one's logits, so that the gradient of their sum is
        each one's own. Zeros where a logit does not depend on the layer.
        """
        count = max(1, TOGETHER // self.leaf.numel())
        for start in range(0, len(logits_of), count):
            yield from self._together(logits_of[start : start + count])

    def _together(self, logits_of: Sequence[int]) -> Tensor:
        """(findings, B, C, h, w)."""
        nothing = self.leaf.new_zeros((len(logits_of), *self.leaf.shape))
        if not self.logits.requires_grad:
            return nothing
        chosen = self.logits.new_zeros((len(logits_of), *self.logits.shape))
        chosen[range(len(logits_of)), :, logits_of] = 1
        (found,) = torch.autograd.grad(
            self.logits,
            self.leaf,
            chosen,
            retain_graph=True,
            allow_unused=True,
            is_grads_batched=True,
        )
        return nothing if found is None else found


def run_to_head(module: nn.Module, layer: TargetLayer, tensor: Tensor) -> Head:
    """Forward once, (B, C, H, W), with a graph from the layer on. Leaves the module as it was."""
    leaves: list[Tensor] = []
    with undisturbed(module) as hooks, torch.inference_mode(False), torch.no_grad():
        hooks.add(module.get_submodule(layer.name), _leaf_at(layer, leaves))
        logits: Tensor = module(tensor.clone())
    if len(leaves) != 1:
        raise BugError(f"the layer {layer.name} was not reached")
    return Head(logits, leaves[0])


def _leaf_at(
    layer: TargetLayer, leaves: list[Tensor]
) -> Callable[[nn.Module, Any, Any], Tensor | None]:
    """A hook that makes one call's output a leaf and lets gradients run from there on.

    The grad mode that it sets ends with the caller's ``no_grad`` block. What goes on is a copy
    of the leaf: later modules may change it in place.
    """
    count = 0

    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor | None:
        nonlocal count
        count += 1
        if count != layer.call + 1:
            return None
        features = on_grid(output, layer.grid) if layer.patches else output
        leaves.append(features.detach().requires_grad_())
        torch.set_grad_enabled(True)
        return off_grid(output, leaves[0]) if layer.patches else leaves[0].clone()

    return hook
