"""Classifiers whose logit is known in closed form."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from monai.networks.nets import DenseNet
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


def classify(module: nn.Module) -> Classifier:
    package = ModelPackage(
        identity=ModelIdentity("test", "0" * 64),
        folder=Path("nowhere"),
        labels=("Opacity",),
        operating_points=(0.5,),
        network=Component("DenseNet", (("in_channels", 1), ("out_channels", 1))),
        preprocessing=(),
        activation="sigmoid",
        weights=Path("nowhere/models/model.safetensors"),
    )
    return Classifier(package, module, Device(torch.device("cpu"), "cpu"))


@pytest.fixture
def weighing() -> Callable[[Tensor], Classifier]:
    return lambda weights: classify(Weighing(weights))


@pytest.fixture
def densenet() -> Classifier:
    """A real network with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = DenseNet(2, 1, 1, init_features=32, growth_rate=16, block_config=(3, 4))
    return classify(network)
