"""Grad-CAM of all 14 findings of a DenseNet121 at 224 x 224, everybody in the same process.

The weights are random: what is compared is the work, not the picture.
"""

from pathlib import Path

import monai.visualize
import pytest
import torch
from captum.attr import LayerGradCam
from monai.networks.nets import DenseNet121
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from radsal.core.geometry import GridMapping
from radsal.core.identity import ModelIdentity
from radsal.inference.classifier import Classifier
from radsal.inference.components import Component
from radsal.inference.devices import choose_device
from radsal.inference.package import ModelPackage
from radsal.inference.preprocessing import Prepared
from radsal.saliency.layers import last_spatial_layer
from radsal.saliency.methods import method_named

FINDINGS = tuple(f"Finding {number}" for number in range(1, 15))
ROUNDS = 10
FEW = 3

pytestmark = pytest.mark.benchmark(group="Grad-CAM of 14 findings, DenseNet121, 224x224")


@pytest.fixture(scope="module")
def network() -> DenseNet121:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return DenseNet121(spatial_dims=2, in_channels=1, out_channels=len(FINDINGS)).eval()


@pytest.fixture(scope="module")
def classifier(network: DenseNet121) -> Classifier:
    """A frozen copy of the network, as packages are loaded."""
    twin = DenseNet121(spatial_dims=2, in_channels=1, out_channels=len(FINDINGS))
    twin.load_state_dict(network.state_dict())
    package = ModelPackage(
        identity=ModelIdentity("benchmark", "0" * 64),
        folder=Path("nowhere"),
        labels=FINDINGS,
        operating_points=(0.5,) * len(FINDINGS),
        network=Component("DenseNet121", (("in_channels", 1), ("out_channels", len(FINDINGS)))),
        preprocessing=(),
        activation="sigmoid",
        weights=Path("nowhere"),
    )
    return Classifier(package, twin, choose_device("cpu"))


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    tensor = torch.rand((1, 1, 224, 224), generator=torch.Generator().manual_seed(0))
    return Prepared(tensor, GridMapping.stretch((224, 224), (2140, 1760)))


@pytest.fixture(scope="module")
def layer(classifier: Classifier, prepared: Prepared) -> str:
    return last_spatial_layer(classifier.module, prepared.tensor).name


def test_radsal_explains_all_findings(
    classifier: Classifier, prepared: Prepared, layer: str, benchmark: BenchmarkFixture
) -> None:
    method = method_named("gradcam")
    explained = benchmark.pedantic(
        lambda: method.explain(classifier, prepared, FINDINGS), rounds=ROUNDS, warmup_rounds=2
    )
    assert [saliency.values.shape for saliency in explained.maps] == [(7, 7)] * len(FINDINGS)


def test_torch_runs_the_network_forward_and_no_more(
    network: DenseNet121, prepared: Prepared, benchmark: BenchmarkFixture
) -> None:
    def forward() -> Tensor:
        with torch.inference_mode():
            logits: Tensor = network(prepared.tensor)
        return logits

    assert benchmark.pedantic(forward, rounds=ROUNDS, warmup_rounds=2).shape == (1, 14)


def test_captum_explains_one_finding_after_the_other(
    network: DenseNet121, prepared: Prepared, layer: str, benchmark: BenchmarkFixture
) -> None:
    oracle = LayerGradCam(network, network.get_submodule(layer))
    maps = benchmark.pedantic(
        lambda: [oracle.attribute(prepared.tensor, index) for index in range(14)],
        rounds=FEW,
    )
    assert len(maps) == len(FINDINGS)


def test_monai_explains_one_finding_after_the_other(
    network: DenseNet121, prepared: Prepared, layer: str, benchmark: BenchmarkFixture
) -> None:
    oracle = monai.visualize.GradCAM(network, layer)
    maps = benchmark.pedantic(
        lambda: [oracle.compute_map(prepared.tensor, class_idx=index) for index in range(14)],
        rounds=FEW,
    )
    assert len(maps) == len(FINDINGS)
