"""What the demo models are: their files' fixed parts, and how many phantoms they are made from.

Knows no torch. The network is MONAI's DenseNet with three blocks, so that a 224 x 224 input gives
a 14 x 14 map; it ends in ReLU, global average pooling and one linear layer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SOUND = "demo-opacity"
SHORTCUT = "demo-opacity-shortcut"
INPUT = 224

NETWORK: Mapping[str, Any] = {
    "_target_": "monai.networks.nets.DenseNet",
    "spatial_dims": 2,
    "in_channels": 1,
    "out_channels": 3,
    "init_features": 16,
    "growth_rate": 16,
    "block_config": [1, 3, 6],
    "bn_size": 2,
    "dropout_prob": 0.0,
}

PREPROCESSING: Mapping[str, Any] = {
    "_target_": "Compose",
    "transforms": [
        {
            "_target_": "ScaleIntensityRangePercentiles",
            "lower": 1.0,
            "upper": 99.0,
            "b_min": 0.0,
            "b_max": 1.0,
            "clip": True,
        },
        {"_target_": "Resize", "spatial_size": [INPUT, INPUT], "mode": "area"},
    ],
}

POSTPROCESSING: Mapping[str, Any] = {"_target_": "Activations", "sigmoid": True}


@dataclass(frozen=True)
class Twin:
    """One of the two models: how often the ID tag comes with and without an opacity."""

    id: str
    tag_with_opacity: float
    tag_without_opacity: float


TWINS = (Twin(SOUND, 0.5, 0.5), Twin(SHORTCUT, 0.95, 0.05))


@dataclass(frozen=True)
class Recipe:
    """Numbers of phantoms and passes; each phantom is a seed.

    ``looks`` is how many films are made of one training body, each with its own text, tones and
    crop. Seeds of the three splits never meet.
    """

    train: int = 3200
    validation: int = 400
    looks: int = 2
    epochs: int = 16
    batch: int = 32
    learning_rate: float = 6e-3
    seed: int = 20_260_101

    def train_seeds(self) -> range:
        """Seeds that the networks learn from."""
        return range(1_000_000, 1_000_000 + self.train)

    def validation_seeds(self) -> range:
        """Seeds that choose the operating points."""
        return range(2_000_000, 2_000_000 + self.validation)


#: Seeds that neither training nor the choice of operating points ever sees.
HELD_OUT = range(5_000_000, 5_000_200)
