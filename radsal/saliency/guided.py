"""Guided Backpropagation: Springenberg et al., ICLR workshop 2015, arXiv:1412.6806."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from radsal.saliency.catalogue import GUIDED, MethodInfo
from radsal.saliency.input_gradients import (
    Attribution,
    InputGradients,
    InputMethod,
    by_gray_value,
    input_gradients,
)
from radsal.saliency.options import Options

NO_RELU = "No ReLU was replaced: the network has none, and without them this is the plain gradient."

_RELUS = (functional.relu, torch.relu, Tensor.relu)
_RELUS_IN_PLACE = (torch.relu_, Tensor.relu_)


class GuidedRelus(TorchFunctionMode):
    """Within the block every ReLU that runs lets only positive gradients pass back.

    ReLUs are met where they are computed, in ``nn.ReLU`` modules and in functional calls alike,
    whatever they are called; the module is not touched. Activations of other kinds (leaky ReLU,
    swish …), for which the paper has no rule, keep their own gradients.

    Attributes
    ----------
    replaced:
        How many ReLUs ran.
    """

    def __init__(self) -> None:
        super().__init__()
        self.replaced = 0

    def __torch_function__(
        self,
        func: Callable[..., Any],
        _types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run a function of torch, or the guided one in its place."""
        if func not in _RELUS and func not in _RELUS_IN_PLACE:
            return func(*args, **(kwargs or {}))
        given = {**dict(zip(("input", "inplace"), args, strict=False)), **(kwargs or {})}
        self.replaced += 1
        in_place = func in _RELUS_IN_PLACE or given.get("inplace", False)
        guided: Tensor = _GuidedRelu.apply(given["input"])  # type: ignore[no-untyped-call]
        return given["input"].copy_(guided) if in_place else guided


class _GuidedRelu(torch.autograd.Function):
    """A ReLU whose gradient passes where both it and the ReLU's input are positive."""

    @staticmethod
    def forward(ctx: Any, given: Tensor) -> Tensor:
        ctx.save_for_backward(given > 0)
        return torch.relu(given)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        positive: Tensor = ctx.saved_tensors[0]
        return torch.relu(gradient) * positive


def guided_gradients(
    module: nn.Module, tensor: Tensor, logits_of: Sequence[int]
) -> tuple[InputGradients, int]:
    """Guided gradients, and how many ReLUs were replaced for them."""
    with GuidedRelus() as relus:
        return input_gradients(module, tensor, logits_of), relus.replaced


class Guided(InputMethod):
    """``∂S/∂x`` through ReLUs that let only positive gradients pass back, summed over channels."""

    info: ClassVar[MethodInfo] = GUIDED

    def attribute(
        self, module: nn.Module, tensor: Tensor, logits_of: Sequence[int], _options: Options
    ) -> Attribution:
        """(B, H, W) for each logit, or the reason why there is none."""
        found, replaced = guided_gradients(module, tensor, logits_of)
        if not replaced:
            return Attribution(found.logits, (), reason=NO_RELU)
        maps = tuple(by_gray_value(each) for each in found.gradients)
        return Attribution(found.logits, maps, facts={"replaced_relus": replaced})
