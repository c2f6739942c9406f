"""Write a model as a MONAI bundle: metadata, inference, weights. The card is written by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from radsal.demo.phantom import FINDINGS
from radsal.demo.recipe import INPUT, NETWORK, POSTPROCESSING, PREPROCESSING, Recipe, Twin

_VERSION = "1.0.0"


def write_bundle(
    folder: Path,
    twin: Twin,
    weights: Mapping[str, torch.Tensor],
    points: Mapping[str, float],
    recipe: Recipe,
) -> None:
    """Write one of the two demo models."""
    write_files(folder, _metadata(twin, points, recipe), inference_document(), weights)


def write_files(
    folder: Path,
    metadata: Mapping[str, Any],
    inference: Mapping[str, Any],
    weights: Mapping[str, torch.Tensor],
) -> None:
    """Write ``configs/`` and ``models/`` below ``folder``; other files there stay."""
    for part in ("configs", "models", "docs"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    _write_json(folder / "configs" / "metadata.json", metadata)
    _write_json(folder / "configs" / "inference.json", inference)
    tensors = {name: tensor.detach().contiguous() for name, tensor in sorted(weights.items())}
    save_file(tensors, folder / "models" / "model.safetensors")


def inference_document() -> dict[str, Any]:
    """``configs/inference.json``: literals only, nothing to evaluate."""
    return {
        "network_def": dict(NETWORK),
        "preprocessing": dict(PREPROCESSING),
        "postprocessing": dict(POSTPROCESSING),
    }


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _metadata(twin: Twin, points: Mapping[str, float], recipe: Recipe) -> dict[str, Any]:
    tags = f"{twin.tag_with_opacity:.0%} with and {twin.tag_without_opacity:.0%} without opacity"
    return {
        "version": _VERSION,
        "changelog": {_VERSION: "First release"},
        **versions(),
        "name": twin.id,
        "task": "Multi-label classification of frontal chest radiographs",
        "description": f"Demonstration on synthetic radiographs; ID tag in {tags} in training.",
        "authors": "The RadSal developers",
        "copyright": "Copyright the RadSal developers, Apache-2.0",
        "data_source": f"{recipe.train} synthetic phantoms of radsal.demo; no real person's data",
        "data_type": "dicom",
        "intended_use": "Research and teaching of saliency maps. Not for diagnostic use.",
        "network_data_format": {
            "inputs": {"image": image_format(INPUT)},
            "outputs": {"pred": output_format(FINDINGS)},
        },
        "radsal": {
            "id": twin.id,
            "operating_points": dict(points),
            "intended": {"modality": ["CR", "DX"], "body_part": ["CHEST"], "view": ["AP", "PA"]},
            "synthetic_only": True,
        },
    }


def versions() -> dict[str, str]:
    """What the weights were made with."""
    return {
        "monai_version": version("monai"),
        "pytorch_version": version("torch").split("+")[0],
        "numpy_version": version("numpy"),
    }


def image_format(side: int) -> dict[str, Any]:
    """The input: one channel of ``side`` x ``side``, 0 to 1."""
    return {
        "type": "image",
        "format": "magnitude",
        "modality": "DX",
        "num_channels": 1,
        "spatial_shape": [side, side],
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": False,
        "channel_def": {"0": "radiograph, bone bright"},
    }


def output_format(findings: Sequence[str]) -> dict[str, Any]:
    """The output: a probability for each finding."""
    return {
        "type": "probabilities",
        "format": "classification",
        "num_channels": len(findings),
        "spatial_shape": [1],
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": False,
        "channel_def": {str(k): name for k, name in enumerate(findings)},
    }
