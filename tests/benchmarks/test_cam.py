"""The CAM family on a DenseNet121 of 14 findings, everybody in the same process.

The weights are random: what is compared is the work, not the picture. At 512 x 512 the libraries
are asked about one finding, because the whole would take minutes; their time for 14 is 14 times it.
pytorch-grad-cam imports torchvision: ``beside_pytorch_grad_cam.py`` holds the recipe.
"""

from collections.abc import Callable, Sequence

import monai.visualize
import pytest
import torch
from captum.attr import LayerGradCam
from monai.networks.nets import DenseNet121
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from radsal.core.geometry import GridMapping
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.layers import last_spatial_layer
from radsal.saliency.methods import method_named

FINDINGS = tuple(f"Finding {number}" for number in range(1, 15))
ROUNDS = 10
FEW = 3

EverySide = pytest.mark.parametrize("side", [224, 512])


def group(what: str, side: int) -> str:
    return f"{what}, DenseNet121, {side}x{side}"


@pytest.fixture(scope="module")
def network() -> DenseNet121:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return DenseNet121(spatial_dims=2, in_channels=1, out_channels=len(FINDINGS)).eval()


@pytest.fixture(scope="module")
def classifier(network: DenseNet121, frozen: Callable[..., Classifier]) -> Classifier:
    return frozen(network, FINDINGS)


def film(side: int) -> Prepared:
    tensor = torch.rand((1, 1, side, side), generator=torch.Generator().manual_seed(0))
    return Prepared(tensor, GridMapping.stretch((side, side), (2140, 1760)))


def findings_for(side: int) -> Sequence[int]:
    """Those that the libraries are asked about."""
    return range(len(FINDINGS) if side == 224 else 1)


@EverySide
@pytest.mark.parametrize("name", ["gradcam", "gradcam++", "hirescam", "layercam", "eigencam"])
def test_radsal_explains_all_findings(
    classifier: Classifier, benchmark: BenchmarkFixture, side: int, name: str
) -> None:
    benchmark.group = group("14 findings", side)
    method, prepared = method_named(name), film(side)
    explained = benchmark.pedantic(
        lambda: method.explain(classifier, prepared, FINDINGS), rounds=ROUNDS, warmup_rounds=2
    )
    assert [m.values.shape for m in explained.maps] == [(side // 32, side // 32)] * len(FINDINGS)


@EverySide
def test_radsal_explains_one_finding(
    classifier: Classifier, benchmark: BenchmarkFixture, side: int
) -> None:
    benchmark.group = group("1 finding", side)
    method, prepared = method_named("gradcam"), film(side)
    explained = benchmark.pedantic(
        lambda: method.explain(classifier, prepared, FINDINGS[:1]), rounds=ROUNDS, warmup_rounds=2
    )
    assert len(explained.maps) == 1


@pytest.mark.parametrize("what", ["14 findings", "1 finding"])
@EverySide
def test_torch_runs_the_network_forward_and_no_more(
    network: DenseNet121, benchmark: BenchmarkFixture, side: int, what: str
) -> None:
    benchmark.group = group(what, side)
    tensor = film(side).tensor

    def forward() -> Tensor:
        with torch.inference_mode():
            logits: Tensor = network(tensor)
        return logits

    assert benchmark.pedantic(forward, rounds=ROUNDS, warmup_rounds=2).shape == (1, 14)


@EverySide
def test_radsal_takes_each_channel_out(
    classifier: Classifier, benchmark: BenchmarkFixture, side: int
) -> None:
    benchmark.group = group("14 findings", side)
    method, prepared = method_named("ablationcam"), film(side)
    explained = benchmark.pedantic(
        lambda: method.explain(classifier, prepared, FINDINGS), rounds=FEW
    )
    assert len(explained.maps) == len(FINDINGS)


@EverySide
def test_captum_explains_one_finding(
    network: DenseNet121, classifier: Classifier, benchmark: BenchmarkFixture, side: int
) -> None:
    benchmark.group = group("1 finding", side)
    tensor = film(side).tensor
    layer = last_spatial_layer(classifier.module, tensor).name
    oracle = LayerGradCam(network, network.get_submodule(layer))
    found = benchmark.pedantic(lambda: oracle.attribute(tensor, 0), rounds=ROUNDS, warmup_rounds=2)
    assert found.shape[2:] == (side // 32, side // 32)


@EverySide
def test_monai_explains_one_finding_after_the_other(
    network: DenseNet121, classifier: Classifier, benchmark: BenchmarkFixture, side: int
) -> None:
    asked = findings_for(side)
    benchmark.group = group("14 findings" if len(asked) == 14 else "1 finding", side)
    tensor = film(side).tensor
    oracle = monai.visualize.GradCAM(network, last_spatial_layer(classifier.module, tensor).name)
    maps = benchmark.pedantic(
        lambda: [oracle.compute_map(tensor, class_idx=index) for index in asked], rounds=FEW
    )
    assert len(maps) == len(asked)
