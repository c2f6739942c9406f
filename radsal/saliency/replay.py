"""The head alone, again and again: what the trunk gave once is handed out instead of computed.

While the network runs, the outputs of its parts are kept until the target layer has answered; of
parts inside one another only the outermost. In a replay those parts hand out what they gave, the
target layer hands out what it is told to, and what comes after it computes. So it works for any
network, also where the head takes more from the trunk than the target layer (skip connections),
and what the network computes between its parts is computed again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.modules.conv import _ConvNd

from radsal.core.errors import BugError
from radsal.saliency.layers import TargetLayer
from radsal.saliency.tokens import off_grid, on_grid
from radsal.saliency.undisturbed import undisturbed

_SHARED = "single memory location"  # torch, of a change in place to a tensor that was repeated


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One forward pass of one input.

    Attributes
    ----------
    logits:
        (1, labels).
    activation:
        (1, C, h, w), the target layer's output.
    _finer:
        Weights of the head in float64, by name, where it computes in float64: on the CPU, where it
        has no convolution. Differences of its logits are then free of float32's rounding.
    """

    logits: Tensor
    activation: Tensor
    _tensor: Tensor
    _target: nn.Module
    _outputs: tuple[tuple[nn.Module, Tensor], ...]
    _finer: dict[str, Tensor]
    _tokens: Tensor | None

    def logits_with(self, module: nn.Module, activations: Tensor) -> Tensor:
        """The logits, (N, labels), with other activations, (N, C, h, w), at the target layer."""
        if self._finer:
            activations = activations.double()
        try:
            return self._replayed(module, activations.clone(), Tensor.expand)
        except RuntimeError as error:
            if _SHARED not in str(error):
                raise
        return self._replayed(module, activations, _repeated)

    def _replayed(
        self, module: nn.Module, activations: Tensor, repeat: Callable[..., Tensor]
    ) -> Tensor:
        count = len(activations)
        script: dict[nn.Module, list[Tensor]] = {}
        for part, output in self._outputs:
            line = repeat(output.to(activations.dtype), count, *output.shape[1:])
            script.setdefault(part, []).append(line)
        script.setdefault(self._target, []).append(self._as_output(activations))
        tensor = self._tensor.to(activations.dtype).expand(count, *self._tensor.shape[1:])
        with undisturbed(module), torch.inference_mode(False), torch.no_grad(), _acting(script):
            logits: Tensor = functional_call(module, self._finer, (tensor,))
        return logits

    def _as_output(self, activations: Tensor) -> Tensor:
        """What the target layer gives: of a transformer the answer's token too, as it was."""
        if self._tokens is None:
            return activations
        tokens = self._tokens.to(activations.dtype).expand(len(activations), -1, -1)
        return off_grid(tokens, activations)


def record(module: nn.Module, layer: TargetLayer, tensor: Tensor) -> Recording:
    """Run the network on one input, (1, C, H, W), and keep what a replay needs."""
    target = module.get_submodule(layer.name)
    log = _Log(target, layer.call)
    with undisturbed(module) as hooks, torch.inference_mode(False), torch.no_grad():
        for part in module.modules():
            if part is not module:
                hooks.add_before(part, log.begun)
                hooks.add(part, log.ended)
        logits: Tensor = module(tensor.clone())
    if log.activation is None:
        raise BugError(f"the layer {layer.name} was not reached")
    outputs = tuple((part, out) for part, out in log.outputs if out is not None)
    finer = _finer_weights(module, [target, *(part for part, _ in outputs)])
    if layer.patches is None:
        return Recording(logits, log.activation, tensor, target, outputs, finer, None)
    features = on_grid(log.activation, layer.grid)
    return Recording(logits, features, tensor, target, outputs, finer, log.activation)


def _finer_weights(module: nn.Module, silent: list[nn.Module]) -> dict[str, Tensor]:
    """Weights in float64 of what computes in a replay; none where float32 must do.

    Convolutions are slow in float64, and graphics processors in all of it.
    """
    resting = {inner for part in silent for inner in part.modules()}
    if any(isinstance(part, _ConvNd) and part not in resting for part in module.modules()):
        return {}
    return {
        f"{path}.{name}".removeprefix("."): value.double()
        for path, part in module.named_modules()
        if not isinstance(part, _ConvNd)
        for name, value in chain(
            part.named_parameters(recurse=False), part.named_buffers(recurse=False)
        )
        if value.is_floating_point() and value.device.type == "cpu"
    }


class _Log:
    """Outputs of the outermost parts that had answered when the target layer did."""

    def __init__(self, target: nn.Module, call: int) -> None:
        self.activation: Tensor | None = None
        self.outputs: list[tuple[nn.Module, Tensor | None]] = []
        self._target, self._left = target, call + 1
        self._open: list[int] = []

    def begun(self, _part: nn.Module, _inputs: Any) -> None:
        self._open.append(len(self.outputs))

    def ended(self, part: nn.Module, _inputs: Any, output: Any) -> None:
        """Forget what lies inside the part, and keep a copy: later parts may change the output."""
        inside = self._open.pop()
        if self.activation is not None:
            return
        if part is self._target:
            self._left -= 1
        if not isinstance(output, Tensor):
            return  # what is inside was kept, and will be handed out
        del self.outputs[inside:]
        if self._left == 0 and part is self._target:
            self.activation = output.clone()
        else:
            self.outputs.append((part, output.clone()))


@contextmanager
def _acting(script: dict[nn.Module, list[Tensor]]) -> Iterator[None]:
    """Parts give their lines of the script, one after the other, and then compute as before."""
    before = {part: vars(part).get("forward") for part in script}
    try:
        for part, lines in script.items():
            part.forward = partial(_next_line, iter(lines), part.forward)
        yield
    finally:
        for part, forward in before.items():
            if forward is None:
                vars(part).pop("forward", None)
            else:
                part.forward = forward


def _next_line(
    lines: Iterator[Tensor], otherwise: Callable[..., Any], *inputs: Any, **named: Any
) -> Any:
    line = next(lines, None)
    return otherwise(*inputs, **named) if line is None else line


def _repeated(output: Tensor, *shape: int) -> Tensor:
    """As ``expand``, with memory of its own: it may be changed in place."""
    return output.expand(*shape).clone()
