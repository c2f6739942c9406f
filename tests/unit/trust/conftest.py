"""Classifiers whose logit is known in closed form."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from radsal.core.identity import ModelIdentity
from radsal.inference.classifier import Classifier
from radsal.inference.components import Component
from radsal.inference.devices import Device
from radsal.inference.package import ModelPackage


class Weighing(nn.Module):
    """The logit is a weighted sum of the pixels: its change is the sum over what changed."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.features = nn.Conv2d(1, 1, 1, bias=False)
        nn.init.ones_(self.features.weight)
        self.register_buffer("weights", weights)

    def forward(self, x: Tensor) -> Tensor:
        return (self.features(x) * self.weights).sum((1, 2, 3))[:, None]


@pytest.fixture
def weighing() -> Callable[[Tensor], Classifier]:
    def make(weights: Tensor) -> Classifier:
        package = ModelPackage(
            identity=ModelIdentity("weighing", "0" * 64),
            folder=Path("nowhere"),
            labels=("Opacity",),
            operating_points=(0.5,),
            network=Component("DenseNet", (("in_channels", 1), ("out_channels", 1))),
            preprocessing=(),
            activation="sigmoid",
            weights=Path("nowhere/models/model.safetensors"),
        )
        return Classifier(package, Weighing(weights), Device(torch.device("cpu"), "cpu"))

    return make
