"""Work on a module that leaves it exactly as it was, also after an error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

Hook = Callable[[nn.Module, Any, Any], Tensor | None]
PreHook = Callable[[nn.Module, Any], None]


class Hooks:
    """Forward hooks that are all removed at the end."""

    def __init__(self) -> None:
        self._handles: list[RemovableHandle] = []

    def add(self, module: nn.Module, hook: Hook) -> None:
        """Register a forward hook: ``hook(module, inputs, output)``, an output replaces it."""
        self._handles.append(module.register_forward_hook(hook))

    def add_before(self, module: nn.Module, hook: PreHook) -> None:
        """Register a hook that is called before the module: ``hook(module, inputs)``."""
        self._handles.append(module.register_forward_pre_hook(hook))

    def remove(self) -> None:
        """Remove every hook that was added here."""
        while self._handles:
            self._handles.pop().remove()


@contextmanager
def undisturbed(module: nn.Module) -> Iterator[Hooks]:
    """Evaluation mode and hooks within the block; before and after it the module is the same.

    Parameters are not touched: methods differentiate with ``torch.autograd.grad``, which writes
    no ``.grad``, with respect to leaves of their own.
    """
    in_training = [part for part in module.modules() if part.training]
    hooks = Hooks()
    try:
        for part in in_training:
            part.training = False
        yield hooks
    finally:
        hooks.remove()
        for part in in_training:
            part.training = True


def plain_logits(module: nn.Module, tensor: Tensor) -> Tensor:
    """Logits, (B, labels), on the CPU, as a prediction has them, to the last bit."""
    with undisturbed(module), torch.inference_mode():
        logits: Tensor = module(tensor)
    return logits.to("cpu")
