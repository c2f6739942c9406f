"""What a person says of bare weights, and the bundle's documents that follow from it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radsal.inference.allowed import NETWORKS
from radsal.inference.documents import refuse
from radsal.inference.package import CARD, INFERENCE, METADATA

_PLAIN_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class WeightsRecipe:
    """How weights are to be used; the words of ``radsal models import``.

    Attributes
    ----------
    network:
        MONAI's or torchvision's class name, in any case (``DenseNet121``, ``resnet50``).
    size:
        Rows and columns of the network's input; the film is stretched to it, averaging areas.
    scale:
        What the darkest and the brightest value of a film become.
    mean, deviation:
        Subtracted and divided by after that, one number for each channel; may be empty.
    operating_points:
        Probability from which a label is called.
    """

    id: str
    name: str
    network: str
    in_channels: int
    labels: tuple[str, ...]
    size: tuple[int, int]
    scale: tuple[float, float]
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()
    activation: str = "sigmoid"
    operating_points: Mapping[str, float] = field(default_factory=dict)
    modality: tuple[str, ...] = ()
    view: tuple[str, ...] = ()


def id_of(path: Path) -> str:
    """An id made from a file's name: ``CheXNet v2.pt`` gives ``chexnet-v2``."""
    name = path.stem if path.suffix and not path.is_dir() else path.name
    return _PLAIN_ID.sub("-", name.lower()).strip("-")[:64].rstrip("-") or "model"


def network_document(recipe: WeightsRecipe, tensors: frozenset[str]) -> dict[str, Any]:
    """``network_def``. ``tensors`` are the names in the weights, for what only they can tell.

    torchvision's ResNets have a stride of 2 in their first convolution and no bias in their
    shortcuts; MONAI's have neither unless told. Names are the same, but for that bias.
    """
    target = _target(recipe.network)
    rule = NETWORKS[target]
    document: dict[str, Any] = {"_target_": target, "spatial_dims": 2}
    document |= {rule.inputs: recipe.in_channels, rule.outputs: len(recipe.labels)}
    biased = any(name.endswith("downsample.0.bias") for name in tensors)
    if target.startswith("resnet") and not biased:
        document |= {"conv1_t_stride": 2, "bias_downsample": False}
    return document


def write_documents(
    folder: Path, recipe: WeightsRecipe, network: Mapping[str, Any], notes: tuple[str, ...]
) -> None:
    """Write metadata, inference and card of a package."""
    steps = _preprocessing(recipe)
    inference = {
        "network_def": network,
        "preprocessing": {"_target_": "Compose", "transforms": steps},
        "postprocessing": {"_target_": "Activations", recipe.activation: True},
    }
    for name, document in ((METADATA, _metadata(recipe)), (INFERENCE, inference)):
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
    (folder / CARD).write_text(_card(recipe, network, notes), encoding="utf-8")


def _target(network: str) -> str:
    simple = {
        name.lower(): name
        for name, rule in NETWORKS.items()
        if set(rule.required) <= {"spatial_dims", rule.inputs, rule.outputs}
        and {"spatial_dims", rule.inputs, rule.outputs} <= set(rule.arguments)
    }
    target = simple.get(network.lower())
    if target is None:
        refuse(
            "--network",
            f"{network!r:.60} is none of the networks that weights alone can be imported for",
            f"Use one of {', '.join(sorted(simple.values()))}; for another network bring a bundle.",
            code="model-unknown-target",
        )
    return target


def _preprocessing(recipe: WeightsRecipe) -> list[dict[str, Any]]:
    low, high = recipe.scale
    steps: list[dict[str, Any]] = [
        {"_target_": "ScaleIntensity", "minv": low, "maxv": high},
        {"_target_": "Resize", "spatial_size": list(recipe.size), "mode": "area"},
    ]
    if recipe.in_channels > 1:
        steps.append({"_target_": "RepeatChannel", "repeats": recipe.in_channels})
    if recipe.mean or recipe.deviation:
        normalize: dict[str, Any] = {"_target_": "NormalizeIntensity", "channel_wise": True}
        normalize["subtrahend"] = list(recipe.mean) or [0.0] * recipe.in_channels
        normalize["divisor"] = list(recipe.deviation) or [1.0] * recipe.in_channels
        steps.append(normalize)
    return steps


def _metadata(recipe: WeightsRecipe) -> dict[str, Any]:
    channels = {str(number): label for number, label in enumerate(recipe.labels)}
    intended = {"modality": list(recipe.modality), "view": list(recipe.view)}
    return {
        "version": "1",
        "name": recipe.name or recipe.id,
        "network_data_format": {
            "inputs": {
                "image": {
                    "num_channels": recipe.in_channels,
                    "spatial_shape": list(recipe.size),
                    "dtype": "float32",
                }
            },
            "outputs": {"pred": {"num_channels": len(recipe.labels), "channel_def": channels}},
        },
        "radsal": {
            "id": recipe.id,
            "operating_points": dict(recipe.operating_points),
            "intended": {key: terms for key, terms in intended.items() if terms},
        },
    }


def _card(recipe: WeightsRecipe, network: Mapping[str, Any], notes: tuple[str, ...]) -> str:
    low, high = recipe.scale
    arguments = ", ".join(f"{k} {v}" for k, v in network.items() if k != "_target_")
    rows, columns = recipe.size
    intended = ", ".join((*recipe.modality, *recipe.view)) or "not stated"
    lines = [
        f"# {recipe.name or recipe.id}",
        "Imported from weights alone. **Research use only. Not for diagnostic use.** Who trained it, "
        "on which films, how well it does and where it fails was not stated. To state it, copy this "
        "package, write it into docs/README.md, remove this one and import the copy.",
        f"- network: MONAI {network['_target_']} ({arguments})",
        f"- input: {recipe.in_channels} × {rows} × {columns}, bone bright; each film's darkest value "
        f"becomes {low:g}, its brightest {high:g}, then it is stretched to that size",
        f"- output: {recipe.activation} of {', '.join(recipe.labels)}",
        f"- intended: {intended}",
        *(f"- {note}" for note in notes),
    ]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:]) + "\n"
