"""Names of weights from other places, mapped to MONAI's: torchvision, CheXNet, TorchXRayVision.

The networks are the same; only their parts are called by other names. The table is written from
the two sets of names, and nothing of torchvision is imported.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from radsal.inference.documents import refuse
from radsal.inference.weights import State

Expected = Mapping[str, torch.Tensor]

_DENSE_LAYER = re.compile(r"(features\.denseblock\d+\.denselayer\d+)\.(norm|conv)\.?([12])\.(.+)")
_HEAD = re.compile(r"(classifier|fc|head)(?:\.(\d+))?\.(weight|bias)")
_COUNTER = "num_batches_tracked"
_THRESHOLDS = "op_threshs"
_DEEPEST_PREFIX = 4


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Weights under a network's own names.

    Attributes
    ----------
    state:
        One float32 (or int64) tensor for each name of the network.
    thresholds:
        TorchXRayVision's ``op_threshs``: the probability from which each label is called, NaN
        where it has none. Empty elsewhere.
    notes:
        What was changed on the way, for the model card.
    """

    state: State
    thresholds: tuple[float, ...]
    notes: tuple[str, ...]


def match(state: State, expected: Expected, place: str) -> Matched:
    """Give each tensor the network's name for it.

    Raises
    ------
    ModelRefusal
        A tensor is missing, unknown, of another shape (both shapes are named), not finite, or of a
        type that float32 cannot hold exactly.
    """
    thresholds, rest = _thresholds(state)
    prefix = _prefix(rest, expected)
    named = _named(rest, prefix, expected, place)
    notes = [f"The prefix {prefix!r} was taken off the names."] if prefix else []
    if any(own != name.removeprefix(prefix) for own, name in named.items()):
        notes.append("The names of torchvision's network were mapped to MONAI's.")
    _check_names(named, expected, place)
    fitted = {
        own: _fitted(rest, named.get(own), own, want, place) for own, want in expected.items()
    }
    if any(rest[name].dtype == torch.float64 for name in named.values()):
        notes.append("Weights in float64 were rounded to float32.")
    elif any(rest[name].dtype in (torch.float16, torch.bfloat16) for name in named.values()):
        notes.append("Weights of 16 bits were written as float32, which changes no value.")
    return Matched(fitted, thresholds, tuple(notes))


def monai_name(name: str) -> str:
    """MONAI's name for a part of torchvision's DenseNet; other names as they are.

    ``norm.1`` is how torchvision before 0.3, and with it CheXNet's checkpoint, wrote ``norm1``.
    """
    if layer := _DENSE_LAYER.fullmatch(name):
        block, kind, number, rest = layer.groups()
        return f"{block}.layers.{kind}{number}.{rest}"
    return name


def _head_name(name: str, expected: Expected) -> str:
    """The last layer: ``classifier``, ``classifier.0`` (a Sequential) or ``fc``."""
    found = _HEAD.fullmatch(name)
    own = "class_layers.out" if "class_layers.out.weight" in expected else "fc"
    return f"{own}.{found[3]}" if found and f"{own}.{found[3]}" in expected else name


def _own_name(name: str, expected: Expected) -> str:
    return name if name in expected else _head_name(monai_name(name), expected)


def _prefix(state: State, expected: Expected) -> str:
    """The prefix without which most names are the network's; the shortest of equals."""
    candidates = {""}
    for name in state:
        parts = name.split(".")
        candidates |= {
            ".".join(parts[:n]) + "." for n in range(1, min(len(parts), _DEEPEST_PREFIX + 1))
        }
        if len(candidates) > 200:
            break

    def hits(prefix: str) -> int:
        return sum(
            _own_name(name.removeprefix(prefix), expected) in expected
            for name in state
            if name.startswith(prefix)
        )

    return max(sorted(candidates, key=len), key=hits)


def _named(state: State, prefix: str, expected: Expected, place: str) -> dict[str, str]:
    """The network's name → the file's name."""
    named: dict[str, str] = {}
    for name in state:
        own = _own_name(name.removeprefix(prefix), expected)
        if own in named:
            refuse(
                place,
                f"has {named[own]!r} and {name!r} for one layer of the network: "
                "its head has several layers",
                "RadSal's networks end in one linear layer. Train that, or bring a bundle.",
                code="model-weights",
            )
        named[own] = name
    return named


def _check_names(named: Mapping[str, str], expected: Expected, place: str) -> None:
    lacking = sorted(n for n in expected.keys() - named.keys() if not n.endswith(_COUNTER))
    unknown = sorted(named[n] for n in named.keys() - expected.keys())
    for what, names in (("lacks", lacking), ("has an unknown", unknown)):
        if names:
            refuse(
                place,
                f"{what} tensor {names[0]!r} ({len(names)} in all, of {len(expected)})",
                "Name the network that the weights belong to with --network; known are the "
                "names of MONAI and of torchvision.",
                code="model-weights",
            )


def _fitted(
    state: State, name: str | None, own: str, want: torch.Tensor, place: str
) -> torch.Tensor:
    """One tensor with the shape and type that the network wants."""
    if (
        name is None
    ):  # a counter of the batch norm, which older files lack and no forward pass reads
        return torch.zeros(want.shape, dtype=want.dtype)
    found = state[name]
    there = f"{place}: {name:.200}"
    if found.shape != want.shape:
        refuse(
            there,
            f"is {tuple(found.shape)}, the network needs {tuple(want.shape)} for {own}",
            "Correct --network, --in-channels or the number of --labels.",
            code="model-weights",
        )
    if found.dtype != want.dtype and not (found.is_floating_point() and want.is_floating_point()):
        reason = f"is {found.dtype}, the network needs {want.dtype}"
        refuse(there, reason, "Save the weights as float32.", code="model-weights")
    fitted = found.detach().to(want.dtype).clone().contiguous()
    if fitted.is_floating_point() and not bool(torch.isfinite(fitted).all()):
        refuse(there, "holds NaN or infinity", "Export the weights anew.", code="model-weights")
    return fitted


def _thresholds(state: State) -> tuple[tuple[float, ...], State]:
    """TorchXRayVision's operating points, and the state dict without them."""
    found = [name for name in state if name.rpartition(".")[2] == _THRESHOLDS]
    rest = {name: tensor for name, tensor in state.items() if name not in found}
    if not found or state[found[0]].ndim != 1 or state[found[0]].numel() > 1024:
        return (), rest
    return tuple(float(value) for value in state[found[0]]), rest
