"""What the model is: network, preprocessing, and how it is trained. Knows no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ID = "nih-pneumonia"
FINDING = "Pneumonia"
INPUT = 224
STORED = 320
"""Side of the films that are kept for training: room to crop and turn before 224 are left."""

NETWORK: Mapping[str, Any] = {
    "_target_": "monai.networks.nets.ResNet",
    "block": "basic",
    "layers": [1, 1, 1, 1],
    "block_inplanes": [16, 32, 64, 128],
    "spatial_dims": 2,
    "n_input_channels": 1,
    "conv1_t_size": 7,
    "conv1_t_stride": 2,
    "num_classes": 1,
}

POSTPROCESSING: Mapping[str, Any] = {"_target_": "Activations", "sigmoid": True}


def preprocessing(side: int = INPUT) -> dict[str, Any]:
    """Scale by percentiles, then average down to ``side``; the same for any bit depth."""
    scale = {"lower": 1.0, "upper": 99.0, "b_min": 0.0, "b_max": 1.0, "clip": True}
    resize = {"spatial_size": [side, side], "mode": "area"}
    return {
        "_target_": "Compose",
        "transforms": [
            {"_target_": "ScaleIntensityRangePercentiles", **scale},
            {"_target_": "Resize", **resize},
        ],
    }


@dataclass(frozen=True)
class Recipe:
    """Numbers of the training.

    Attributes
    ----------
    held_out:
        Share of the patients that the network never learns from.
    epochs:
        Passes; each draws as many films as there are to learn from.
    average:
        How much of the running average of the weights stays at each step.
    sensitivity:
        What the operating point is to reach on the held-out patients.
    """

    held_out: float = 0.25
    epochs: int = 120
    batch: int = 32
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    average: float = 0.99
    sensitivity: float = 0.85
    seed: int = 20_261_125
    threads: int = 1
