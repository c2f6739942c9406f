"""Integrated Gradients and SmoothGrad of one finding, DenseNet121, everybody in the same process.

The weights are random: what is compared is the work, not the picture. ``RADSAL_SAMPLES=50`` runs
the real sizes, 50 steps and half as many noisy copies on 224 x 224 and 512 x 512; without it each
runs once with very few, on a small image, so that none of them rots.

Beside RadSal stand Captum as it is called by default (the network as MONAI gives it, all samples
in one batch), Captum with RadSal's chunks on RadSal's frozen channels-last network, and the floor:
that network's forward and backward passes in the same chunks and nothing else. Captum is given the
same noise.

Torch adds in another order in another memory layout. Of the millions of ReLUs of a DenseNet121 that
turns a few near zero, and each that turns changes the gradient by far more than rounding: between
float32 in either layout and float64 a single sample's gradient differs by up to 1.5 % of its
maximum, or, where no ReLU turns, by 1e-6. So the maps are held to 1e-5 in the same layout.

Memory is the peak of a process of its own, which torch and MONAI alone fill with about 300 MiB.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from captum.attr import IntegratedGradients, NoiseTunnel, Saliency
from monai.networks.nets import DenseNet121
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CHUNK
from radsal.saliency.methods import method_named

ASKED = int(os.environ.get("RADSAL_SAMPLES", "0"))
STEPS = ASKED or 3
COPIES = max(2, STEPS // 2)
SIDES = (224, 512) if ASKED else (64,)
ROUNDS = int(os.environ.get("RADSAL_ROUNDS", "1"))
TOGETHER = int(CHUNK.default)
FINDINGS = ("Opacity", "Effusion")
GRAPH = 3000
"""Bytes of a DenseNet121's graph for each pixel of its input, by Captum's peak of memory."""

Captum = Callable[[str, bool], NDArray[np.float32]]
MEMORY = Path(__file__).with_name("gradient_memory.py")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def network() -> nn.Module:
    """As MONAI gives it, with batch statistics that are not those of a new network."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = DenseNet121(spatial_dims=2, in_channels=1, out_channels=len(FINDINGS)).eval()
        for part in made.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
                part.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
        return made


@pytest.fixture(scope="module")
def classifier(network: nn.Module, frozen: Callable[..., Classifier]) -> Classifier:
    return frozen(network, FINDINGS)


@pytest.fixture(scope="module", params=SIDES)
def film(request: pytest.FixtureRequest) -> Prepared:
    side = request.param
    tensor = torch.rand((1, 1, side, side), generator=torch.Generator().manual_seed(0))
    return Prepared(tensor, GridMapping.stretch((side, side), (2140, 1760)))


@pytest.fixture(params=["ig", "smoothgrad"])
def method(request: pytest.FixtureRequest, benchmark: BenchmarkFixture, film: Prepared) -> str:
    name: str = request.param
    count = STEPS if name == "ig" else COPIES
    benchmark.group = f"{name}, {count} samples, one finding, DenseNet121, {film.grid}"
    return name


def radsal(classifier: Classifier, film: Prepared, name: str) -> NDArray[np.float32]:
    options = {"steps": STEPS} if name == "ig" else {"samples": COPIES}
    explained = method_named(name).explain(classifier, film, FINDINGS[:1], options)
    return explained.maps[0].values


@pytest.fixture
def captum(
    network: nn.Module, classifier: Classifier, film: Prepared, monkeypatch: pytest.MonkeyPatch
) -> Captum:
    """Captum's map, called by default or as near to RadSal as it gets."""
    generator = torch.Generator()

    def normal(_mean: float, deviation: Tensor) -> Tensor:
        single = (1, *deviation.shape[1:])
        drawn = [torch.randn(single, generator=generator) for _ in range(len(deviation))]
        return torch.cat(drawn) * deviation

    def run(name: str, near: bool) -> NDArray[np.float32]:
        module, together = (classifier.module, TOGETHER) if near else (network, None)
        layout = torch.channels_last if near else torch.contiguous_format
        tensor = film.tensor.contiguous(memory_format=layout).clone().requires_grad_()
        if name == "ig":
            oracle = IntegratedGradients(module)
            found = oracle.attribute(tensor, target=0, n_steps=STEPS, internal_batch_size=together)
        else:
            monkeypatch.setattr(torch, "normal", normal)
            generator.manual_seed(0)
            sigma = 0.15 * float(film.tensor.max() - film.tensor.min())
            found = NoiseTunnel(Saliency(module)).attribute(
                tensor,
                nt_type="smoothgrad",
                nt_samples=COPIES,
                nt_samples_batch_size=together,
                stdevs=sigma,
                target=0,
                abs=False,
            )
        return found[0, 0].detach().numpy()

    return run


def test_radsal(
    benchmark: BenchmarkFixture, classifier: Classifier, film: Prepared, method: str
) -> None:
    values = benchmark.pedantic(
        lambda: radsal(classifier, film, method), rounds=ROUNDS, warmup_rounds=1
    )
    assert values.shape == film.grid


@pytest.mark.parametrize("near", [False, True], ids=["by default", "same chunks and layout"])
def test_captum(
    benchmark: BenchmarkFixture,
    classifier: Classifier,
    film: Prepared,
    method: str,
    captum: Captum,
    near: bool,
) -> None:
    batch = STEPS if method == "ig" else COPIES
    if not near and batch * film.tensor.numel() * GRAPH > psutil.virtual_memory().available:
        pytest.skip("all samples in one batch need more memory than there is")
    values = benchmark.pedantic(lambda: captum(method, near), rounds=ROUNDS)
    found = radsal(classifier, film, method)
    error = float(np.abs(found - values).max() / np.abs(values).max())
    benchmark.extra_info["relative difference to RadSal"] = error
    assert error <= (1e-5 if near else 0.05)


def test_floor_of_forward_and_backward_passes(
    benchmark: BenchmarkFixture, classifier: Classifier, film: Prepared, method: str
) -> None:
    count = STEPS if method == "ig" else COPIES
    sizes = [min(TOGETHER, count - start) for start in range(0, count, TOGETHER)]
    chunks = [film.tensor.repeat(size, 1, 1, 1) for size in sizes]

    def passes() -> Iterator[Tensor]:
        for chunk in chunks:
            leaf = chunk.contiguous(memory_format=torch.channels_last).requires_grad_()
            yield torch.autograd.grad(classifier.module(leaf)[:, 0].sum(), leaf)[0]

    found: Any = benchmark.pedantic(
        lambda: [each.sum() for each in passes()], rounds=ROUNDS, warmup_rounds=1
    )
    assert len(found) == len(chunks)


def peak(*arguments: object) -> int:
    """Peak resident memory, MiB, of a process that explains one film."""
    given = [sys.executable, str(MEMORY), *(str(each) for each in arguments)]
    return int(subprocess.run(given, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_that_the_chunk_bounds_the_memory_whatever_the_number_of_samples() -> None:
    side, few, many, chunk = (224, 16, 50, TOGETHER) if ASKED else (128, 4, 16, 1)
    figures = {
        f"radsal, {few} steps, chunk {chunk}": peak("radsal", side, few, chunk),
        f"radsal, {many} steps, chunk {chunk}": peak("radsal", side, many, chunk),
        f"radsal, {many} steps, chunk {few}": peak("radsal", side, many, few),
        f"captum, {few} steps": peak("captum", side, few, 0),
        f"captum, {many} steps": peak("captum", side, many, 0),
    }
    print("\nPeak of memory, MiB:", *(f"\n  {name}: {n}" for name, n in figures.items()))
    small, same, larger, captum_few, captum_many = figures.values()
    assert same < 1.1 * small
    assert small < larger
    assert captum_few < captum_many
    assert larger < captum_many
