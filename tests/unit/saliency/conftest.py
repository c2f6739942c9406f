"""Classifiers for the tests: small, seeded networks without packages on disk."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from monai.networks.nets import DenseNet, EfficientNetBN, ResNet
from torch import nn

from radsal.core.geometry import GridMapping
from radsal.core.identity import ModelIdentity
from radsal.inference.classifier import Classifier
from radsal.inference.components import Component
from radsal.inference.devices import Device
from radsal.inference.package import ModelPackage
from radsal.inference.preprocessing import Prepared

LABELS = ("Opacity", "Effusion", "Nodule")


def densenet() -> nn.Module:
    return DenseNet(2, 1, len(LABELS), init_features=16, growth_rate=8, block_config=(2, 3))


def resnet() -> nn.Module:
    return ResNet(
        "basic", [1, 1, 1, 1], [8, 16, 16, 24],
        spatial_dims=2, n_input_channels=1, num_classes=len(LABELS),
    )  # fmt: skip


def bottleneck_resnet() -> nn.Module:
    return ResNet(
        "bottleneck", [1, 1, 1, 1], [8, 8, 8, 8],
        spatial_dims=2, n_input_channels=1, num_classes=len(LABELS), shortcut_type="A",
    )  # fmt: skip


def efficientnet() -> nn.Module:
    return EfficientNetBN(
        "efficientnet-b0", pretrained=False, in_channels=1, num_classes=len(LABELS)
    )


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "DenseNet": densenet,
    "ResNet": resnet,
    "ResNet bottleneck": bottleneck_resnet,
    "EfficientNet": efficientnet,
}


def seeded(make: Callable[[], nn.Module], seed: int = 0) -> nn.Module:
    """A network whose batch statistics are not the trivial ones of a new network."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = make()
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                assert part.running_mean is not None
                assert part.running_var is not None
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
    return module.eval()


def classify(
    module: nn.Module, labels: tuple[str, ...] = LABELS, network: str = "DenseNet"
) -> Classifier:
    """A classifier of a module; ``network`` is the name that its package gives the class."""
    package = ModelPackage(
        identity=ModelIdentity("test-model", "0" * 64),
        folder=Path("nowhere"),
        labels=labels,
        operating_points=(0.5,) * len(labels),
        network=Component(network, (("in_channels", 1), ("out_channels", len(labels)))),
        preprocessing=(),
        activation="sigmoid",
        weights=Path("nowhere/models/model.safetensors"),
    )
    return Classifier(package, module, Device(torch.device("cpu"), "cpu"))


def prepared_image(seed: int = 0, shape: tuple[int, int] = (96, 80)) -> Prepared:
    generator = torch.Generator().manual_seed(seed)
    tensor = torch.rand((1, 1, *shape), generator=generator)
    return Prepared(tensor, GridMapping.stretch(shape, (480, 320)))


@pytest.fixture
def prepared() -> Prepared:
    return prepared_image()


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return seeded(NETWORKS[request.param])


@pytest.fixture
def make_classifier() -> Callable[..., Classifier]:
    return classify


@pytest.fixture
def small_densenet() -> nn.Module:
    return seeded(densenet)


@pytest.fixture
def make_prepared() -> Callable[..., Prepared]:
    return prepared_image
