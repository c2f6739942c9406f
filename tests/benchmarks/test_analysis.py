"""One case through the model: RadSal's warm worker beside torch, Captum and MONAI in process.

RadSal's figure holds everything that the window waits for: the pixels on their way to the worker,
preprocessing, prediction, the maps of all findings, hot spots, and the answer on its way back.
MONAI's holds preprocessing and maps; the others start from the prepared input. Every process
leaves torch its own number of threads.
"""

import json
from collections.abc import Callable, Generator
from typing import Any

import monai.visualize
import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from monai.networks.nets import DenseNet
from monai.transforms import Compose, Resize, ScaleIntensityRangePercentiles
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from radsal.core.radiograph import Radiograph
from radsal.core.resources import resource_path
from radsal.core.results import Analysis, MapStatus
from radsal.demo.bundled import demo_case_paths
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_radiograph
from radsal.inference.classifier import Classifier, load_classifier
from radsal.inference.package import INFERENCE, ModelPackage, read_package
from radsal.saliency.layers import last_spatial_layer
from radsal.workflow.analysis import AnalysisRequest, analyse
from radsal.workflow.engines import Engines

GROUP = "analyse one case, the shipped model, all findings"
MODEL = "demo-opacity"
ROUNDS = 30

pytestmark = pytest.mark.benchmark(group=GROUP)


@pytest.fixture(scope="module")
def package() -> ModelPackage:
    folder = resource_path("models", MODEL)
    if not folder.is_dir():
        pytest.skip(f"the model {MODEL} is not in this checkout (python -m radsal.demo.train)")
    return read_package(folder)


@pytest.fixture(scope="module")
def radiograph() -> Radiograph:
    return read_radiograph(demo_case_paths()[3])


@pytest.fixture(scope="module")
def pixels(radiograph: Radiograph) -> NDArray[np.float32]:
    return model_input(radiograph).pixels


@pytest.fixture(scope="module")
def classifier(package: ModelPackage) -> Classifier:
    return load_classifier(package, "cpu")


@pytest.fixture(scope="module")
def prepared(classifier: Classifier, pixels: NDArray[np.float32]) -> Tensor:
    return classifier.prepare(pixels).tensor


@pytest.fixture(scope="module")
def trainable(package: ModelPackage) -> DenseNet:
    """The same network with its weights as MONAI gives it: Captum and MONAI need gradients."""
    arguments = dict(package.network.arguments)
    module = DenseNet(**arguments)
    module.load_state_dict(load_classifier(package, "cpu").module.state_dict())
    return module.eval()


def test_radsal_analyses_a_case_in_its_warm_worker(
    package: ModelPackage,
    radiograph: Radiograph,
    engines: Engines,
    to_the_end: Callable[[Generator[Any, None, Any]], Any],
    benchmark: BenchmarkFixture,
) -> None:
    request = AnalysisRequest.of(package)
    answer: Analysis = benchmark.pedantic(
        lambda: to_the_end(analyse(engines, radiograph, request)), rounds=ROUNDS, warmup_rounds=3
    )
    assert len(answer.maps) == len(package.labels)
    assert any(saliency.status is MapStatus.OK for saliency in answer.maps)


def test_torch_runs_the_network_forward_and_no_more(
    classifier: Classifier, prepared: Tensor, benchmark: BenchmarkFixture
) -> None:
    def forward() -> Tensor:
        with torch.inference_mode():
            logits: Tensor = classifier.module(prepared)
        return logits

    logits = benchmark.pedantic(forward, rounds=ROUNDS, warmup_rounds=3)
    assert logits.shape == (1, len(classifier.labels))


def test_captum_explains_each_finding(
    classifier: Classifier, trainable: DenseNet, prepared: Tensor, benchmark: BenchmarkFixture
) -> None:
    layer = last_spatial_layer(classifier.module, prepared)
    oracle = LayerGradCam(trainable, trainable.get_submodule(layer.name))
    findings = range(len(classifier.labels))
    maps = benchmark.pedantic(
        lambda: [oracle.attribute(prepared, index) for index in findings],
        rounds=ROUNDS,
        warmup_rounds=3,
    )
    assert {tuple(one.shape[2:]) for one in maps} == {layer.grid}


def test_monai_prepares_and_explains_each_finding(
    package: ModelPackage,
    classifier: Classifier,
    trainable: DenseNet,
    prepared: Tensor,
    pixels: NDArray[np.float32],
    benchmark: BenchmarkFixture,
) -> None:
    prepare = _monai_preprocessing(package)
    layer = last_spatial_layer(classifier.module, prepared).name
    oracle = monai.visualize.GradCAM(trainable, layer)
    findings = range(len(classifier.labels))

    def explain() -> list[Tensor]:
        tensor = prepare(pixels[None])[None].as_tensor()
        return [oracle.compute_map(tensor, class_idx=index) for index in findings]

    assert len(benchmark.pedantic(explain, rounds=ROUNDS, warmup_rounds=3)) == len(findings)


def _monai_preprocessing(package: ModelPackage) -> Compose:
    """The package's own steps as MONAI runs them."""
    known = {"ScaleIntensityRangePercentiles": ScaleIntensityRangePercentiles, "Resize": Resize}
    document = json.loads((package.folder / INFERENCE).read_text("utf-8"))
    steps = [dict(step) for step in document["preprocessing"]["transforms"]]
    return Compose([known[step.pop("_target_")](**step) for step in steps])
