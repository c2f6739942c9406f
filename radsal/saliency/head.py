"""One pass through the trunk for all findings; gradients only through the head.

The trunk runs without a graph. A hook turns the target layer's output into a leaf of its own and
switches gradients on, so that autograd sees nothing but the head: pooling and a linear layer in
most networks, a thousandth of the work.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from radsal.core.errors import BugError
from radsal.saliency.layers import TargetLayer
from radsal.saliency.undisturbed import undisturbed


@dataclass(frozen=True, slots=True, eq=False)
class HeadGradients:
    """What every method of the CAM family starts from.

    Attributes
    ----------
    logits:
        (B, labels).
    activation:
        (B, C, h, w), the target layer's output.
    gradients:
        For each finding, (B, C, h, w): its logit's gradient with respect to the activation.
    """

    logits: Tensor
    activation: Tensor
    gradients: tuple[Tensor, ...]

    def one(self, number: int) -> "HeadGradients":
        """Those of one input of the batch, as a batch of one."""
        row = slice(number, number + 1)
        gradients = tuple(gradient[row] for gradient in self.gradients)
        return HeadGradients(self.logits[row], self.activation[row], gradients)


def head_gradients(
    module: nn.Module, layer: TargetLayer, tensor: Tensor, logits_of: Sequence[int]
) -> HeadGradients:
    """Forward once; differentiate the logits with those indices through the head.

    Parameters
    ----------
    tensor:
        (B, C, H, W). In evaluation mode no input of a batch has a part in another one's logits, so
        that the gradient of their sum is each one's own.
    """
    leaves: list[Tensor] = []
    with undisturbed(module) as hooks, torch.inference_mode(False), torch.no_grad():
        hooks.add(module.get_submodule(layer.name), _leaf_at(layer.call, leaves))
        logits: Tensor = module(tensor.clone())
        if len(leaves) != 1:
            raise BugError(f"the layer {layer.name} was not reached")
        gradients = tuple(_gradient(logits, index, leaves[0]) for index in logits_of)
    return HeadGradients(logits.detach(), leaves[0].detach(), gradients)


def _leaf_at(call: int, leaves: list[Tensor]) -> Callable[[nn.Module, Any, Any], Tensor | None]:
    """A hook that makes one call's output a leaf and lets gradients run from there on.

    The grad mode that it sets ends with the caller's ``no_grad`` block. What goes on is a copy
    of the leaf: later modules may change it in place.
    """
    count = 0

    def hook(_module: nn.Module, _inputs: Any, output: Tensor) -> Tensor | None:
        nonlocal count
        count += 1
        if count != call + 1:
            return None
        leaves.append(output.detach().requires_grad_())
        torch.set_grad_enabled(True)
        return leaves[0].clone()

    return hook


def _gradient(logits: Tensor, index: int, leaf: Tensor) -> Tensor:
    """Zeros where the logit does not depend on the layer at all."""
    if not logits.requires_grad:
        return torch.zeros_like(leaf)
    total = logits[:, index].sum()
    gradient = torch.autograd.grad(total, leaf, retain_graph=True, allow_unused=True)[0]
    return torch.zeros_like(leaf) if gradient is None else gradient
