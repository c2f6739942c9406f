"""The package that RadSal ships: metadata and weights; its card is written by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from radsal.demo.bundle import image_format, output_format, versions, write_files
from radsal.demo.nih.recipe import FINDING, ID, INPUT, NETWORK, POSTPROCESSING, preprocessing

_VERSION = "1.0.0"


def write_package(
    folder: Path, weights: Mapping[str, torch.Tensor], point: float, films: int
) -> None:
    """Write ``configs/`` and ``models/`` below ``folder``; its card stays."""
    inference = {
        "network_def": dict(NETWORK),
        "preprocessing": preprocessing(),
        "postprocessing": dict(POSTPROCESSING),
    }
    write_files(folder, _metadata(point, films), inference, weights)


def _metadata(point: float, films: int) -> dict[str, Any]:
    return {
        "version": _VERSION,
        "changelog": {_VERSION: "First release"},
        **versions(),
        "name": "Pneumonia on frontal chest films (NIH)",
        "task": "Classification of frontal chest radiographs",
        "description": "A compact ResNet for NIH's label Pneumonia against No Finding, balanced "
        "over view and label. Modest figures, stated in the card.",
        "authors": "The RadSal developers",
        "copyright": "Copyright the RadSal developers, Apache-2.0",
        "data_source": f"{films} films of NIH ChestX-ray14 (Wang et al., CVPR 2017), provided by "
        "the NIH Clinical Center",
        "data_type": "jpeg",
        "intended_use": "Research and teaching of saliency maps. Not for diagnostic use.",
        "network_data_format": {
            "inputs": {"image": image_format(INPUT)},
            "outputs": {"pred": output_format([FINDING])},
        },
        "radsal": {
            "id": ID,
            "operating_points": {FINDING: point},
            "intended": {"modality": ["CR", "DX"], "body_part": ["CHEST"], "view": ["AP", "PA"]},
        },
    }
