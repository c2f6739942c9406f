"""Networks from allow-listed specs, with weights that fit to the last shape and dtype.

The network is laid out on torch's ``meta`` device first, which allocates nothing: a spec that
asks for absurd sizes, or weights that do not fit it, are refused before memory is spent.
"""

from typing import Any

import monai.networks.nets
import torch
from torch import Tensor, nn

from radsal.core.errors import ModelRefusal
from radsal.inference.components import Component, channels_and_labels, fixed_size
from radsal.inference.documents import refuse
from radsal.inference.package import INFERENCE, ModelPackage
from radsal.inference.script import TORCHSCRIPT, load_script
from radsal.inference.weights import State, read_weights

MOST_PARAMETERS = 500_000_000

_PLACE = f"{INFERENCE}: network_def"


class FirstOutput(nn.Module):
    """A network that gives its logits first and hidden states after them (MONAI's ViT)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Logits, (batch, labels)."""
        logits: Tensor = self.network(x)[0]
        return logits


def build_network(spec: Component, place: str = _PLACE) -> nn.Module:
    """The network without weights, on the meta device. ``place`` is what a refusal names."""
    if spec.name == TORCHSCRIPT:
        refuse(place, "says TorchScript", "Put the program there as models/model.ts.")
    arguments: dict[str, Any] = dict(spec.arguments)
    try:
        with torch.device("meta"):
            module: nn.Module = getattr(monai.networks.nets, spec.name)(**arguments)
    except (TypeError, ValueError, RuntimeError, NotImplementedError, AssertionError) as error:
        refuse(place, f"MONAI cannot build it ({error})", "Correct the arguments.")
    count = sum(parameter.numel() for parameter in module.parameters())
    if count > MOST_PARAMETERS:
        refuse(
            place,
            f"has {count} parameters, more than {MOST_PARAMETERS}",
            "Use a smaller network.",
            code="model-too-large",
        )
    return module


def check_input(spec: Component, channels: int, grid: tuple[int, int]) -> None:
    """Refuse an input that the network does not take, as the preprocessing gives it.

    Parameters
    ----------
    grid:
        (H, W), the network's axes.
    """
    wanted = channels_and_labels(spec)[0]
    if channels != wanted:
        raise ModelRefusal(
            f"the preprocessing gives {channels} channels, the network takes {wanted}",
            code="model-input",
            remedy="Add or correct RepeatChannel in the package's preprocessing.",
        )
    size = fixed_size(spec)
    if size is not None and grid != size:
        raise ModelRefusal(
            f"the preprocessing gives {grid[0]} x {grid[1]}, the network takes "
            f"{size[0]} x {size[1]} only",
            code="model-input",
            remedy="Add or correct Resize or ResizeWithPadOrCrop in the package's preprocessing.",
        )


def load_network(package: ModelPackage) -> nn.Module:
    """The package's network with its weights, on the CPU, in evaluation mode, frozen.

    Raises
    ------
    ModelRefusal
        A name, shape or dtype differs between network and weights; the first one is named.
    """
    if package.weights.suffix == ".ts":
        return load_script(package).eval().requires_grad_(False)
    module = build_network(package.network, f"{package.inference}: network_def")
    state = read_weights(package.weights)
    _check_fit(module, state, f"models/{package.weights.name}")
    own = {name: tensor.detach().clone().contiguous() for name, tensor in state.items()}
    module.load_state_dict(own, strict=True, assign=True)
    whole = FirstOutput(module) if package.network.name == "ViT" else module
    return whole.eval().requires_grad_(False)


def _check_fit(module: nn.Module, state: State, place: str) -> None:
    remedy = "Give the network the arguments that it was trained with, or the right weights."
    expected = module.state_dict()
    for what, names in (
        ("lacks", expected.keys() - state.keys()),
        ("has an unknown", state.keys() - expected.keys()),
    ):
        if names:
            refuse(
                place,
                f"{what} tensor {min(names)!r} ({len(names)} in all)",
                remedy,
                code="model-weights",
            )
    for name, tensor in expected.items():
        found = state[name]
        if found.shape != tensor.shape or found.dtype != tensor.dtype:
            refuse(
                f"{place}: {name}",
                f"is {tuple(found.shape)} {found.dtype}, "
                f"the network needs {tuple(tensor.shape)} {tensor.dtype}",
                remedy,
                code="model-weights",
            )
        if found.is_floating_point() and not bool(torch.isfinite(found).all()):
            refuse(f"{place}: {name}", "holds NaN or infinity", "Export the weights anew.")
