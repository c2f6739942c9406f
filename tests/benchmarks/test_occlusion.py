"""Occlusion of a DenseNet121 for all 14 findings, everybody with the same 8 x 8 windows.

The windows lie side by side, as there MONAI's definition and RadSal's agree. The floor is what a
method cannot do without that runs the network once for each window: batches, and nothing else.
The weights are random: what is compared is the work, not the picture. Where nothing is timed the
input is small.
"""

from collections.abc import Callable

import monai.visualize
import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet121
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from radsal.core.geometry import GridMapping
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.method import Sketch
from radsal.saliency.methods import method_named

FINDINGS = tuple(f"Finding {number}" for number in range(1, 15))
ACROSS = 8
BATCH = 16
UNTIMED = 32
ROUNDS = 3


@pytest.fixture(scope="module")
def network() -> DenseNet121:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return DenseNet121(spatial_dims=2, in_channels=1, out_channels=len(FINDINGS)).eval()


@pytest.fixture(scope="module")
def classifier(network: DenseNet121, frozen: Callable[..., Classifier]) -> Classifier:
    return frozen(network, FINDINGS)


@pytest.fixture(params=[224, 512])
def prepared(request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> Prepared:
    side = UNTIMED if benchmark.disabled else int(request.param)
    benchmark.group = f"Occlusion, {ACROSS} x {ACROSS} windows, DenseNet121, {side} x {side}"
    tensor = torch.rand((1, 1, side, side), generator=torch.Generator().manual_seed(0))
    return Prepared(tensor, GridMapping.stretch((side, side), (2140, 1760)))


def options_of(prepared: Prepared) -> dict[str, int]:
    side = prepared.grid[0] // ACROSS
    return {"window": side, "stride": side}


def covered_by_monai(network: DenseNet121, prepared: Prepared) -> NDArray[np.float32]:
    """Logits with each window covered, (labels, 8, 8)."""
    side = prepared.grid[0] // ACROSS
    oracle = monai.visualize.OcclusionSensitivity(
        network, side, BATCH, verbose=False, mode="mean_img", overlap=0, activate=False
    )
    sensitivity: Tensor = oracle(prepared.tensor)[0][0]
    return np.asarray(sensitivity[:, side // 2 :: side, side // 2 :: side])


def test_radsal_covers_each_window(
    classifier: Classifier, prepared: Prepared, benchmark: BenchmarkFixture
) -> None:
    method = method_named("occlusion")
    explained = benchmark.pedantic(
        lambda: method.explain(classifier, prepared, FINDINGS, options_of(prepared)),
        rounds=ROUNDS,
        warmup_rounds=1,
    )
    assert [saliency.values.shape for saliency in explained.maps] == [(ACROSS, ACROSS)] * 14


def test_radsal_shows_a_sketch(
    classifier: Classifier, prepared: Prepared, benchmark: BenchmarkFixture
) -> None:
    def until_the_sketch() -> Sketch:
        steps = method_named("occlusion").steps(
            classifier, [prepared], FINDINGS, options_of(prepared)
        )
        return next(step for step in steps if isinstance(step, Sketch))

    sketch = benchmark.pedantic(until_the_sketch, rounds=ROUNDS, warmup_rounds=1)
    assert sketch.explanation.maps[0].values.shape == (3, 3)


@pytest.mark.filterwarnings("ignore:Using a non-tuple sequence:UserWarning")
def test_monai_covers_each_window(
    network: DenseNet121, classifier: Classifier, prepared: Prepared, benchmark: BenchmarkFixture
) -> None:
    """And its logits are RadSal's."""
    covered = benchmark.pedantic(lambda: covered_by_monai(network, prepared), rounds=1)
    method = method_named("occlusion")
    explained = method.explain(classifier, prepared, FINDINGS, options_of(prepared))
    for prediction, saliency, theirs in zip(
        explained.predictions, explained.maps, covered, strict=True
    ):
        ours = prediction.logit - saliency.values
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(covered).max()


def test_torch_runs_batches_of_as_many_inputs_and_no_more(
    classifier: Classifier, prepared: Prepared, benchmark: BenchmarkFixture
) -> None:
    """The floor: in the layout of memory that suits the network, without gradients."""
    batch = prepared.tensor.repeat(BATCH, 1, 1, 1).to(memory_format=torch.channels_last)

    def floor() -> Tensor:
        with torch.inference_mode():
            return torch.cat([classifier.module(batch) for _ in range(ACROSS**2 // BATCH)])

    assert benchmark.pedantic(floor, rounds=1, warmup_rounds=1).shape == (ACROSS**2, 14)
