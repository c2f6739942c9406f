"""A folder of films through a model, beside a bare torch loop over the tensors prepared before.

RadSal's figure holds everything: finding and decoding the files, the pixels on their way to the
compute process, preprocessing, predictions, Grad-CAM of every finding, hot spots, and the answers
on their way back; ``and writes`` also the JSON document and the maps of each film, at full size.
The processes run already and the model is loaded.

The bare loop holds the forward pass in batches and the gradients that Grad-CAM needs, from logits
to the last feature map, on tensors in channels-last order that were prepared before: no file, no
preprocessing, no hot spot. Each process leaves torch its own number of threads.

``RADSAL_FILMS=64`` is the number of films; few by default.
"""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.networks.nets import DenseNet121
from numpy.typing import NDArray
from pydicom import dcmwrite
from pydicom.dataset import FileDataset
from pytest_benchmark.fixture import BenchmarkFixture
from safetensors.torch import save_file
from torch import Tensor

from radsal.core.resources import resource_path
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_radiograph
from radsal.inference.classifier import Classifier, load_classifier
from radsal.inference.package import ModelPackage, read_package
from radsal.saliency.head import run_to_head
from radsal.saliency.layers import last_spatial_layer
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.engines import Engines
from radsal.workflow.folders import Answered, analyse_folders
from radsal.workflow.results_folder import ResultsFolder

FILMS = int(os.environ.get("RADSAL_FILMS", "8"))
SIDE = 1024
BATCH = 8
ROUNDS = 3
LABELS = tuple(f"Finding {number}" for number in range(14))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory,
    make_pixels: Callable[..., NDArray[np.uint16]],
    make_film: Callable[[NDArray[np.uint16], int], FileDataset],
) -> Path:
    """Different films of 12 bits, uncompressed."""
    made = tmp_path_factory.mktemp("films")
    pixels = make_pixels((SIDE, SIDE), 12)
    for number in range(FILMS):
        dcmwrite(made / f"{number:04}.dcm", make_film(np.roll(pixels, number, 1), 12))
    return made


def _write_densenet121(folder: Path) -> None:
    """DenseNet121 with random weights, 14 findings, 224 x 224."""
    network = {"spatial_dims": 2, "in_channels": 1, "out_channels": len(LABELS)}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weights = DenseNet121(**network).state_dict()
    channels = {str(number): label for number, label in enumerate(LABELS)}
    own = {"id": "densenet121", "operating_points": dict.fromkeys(LABELS, 0.5)}
    own["intended"] = {"modality": ["CR"], "body_part": ["CHEST"], "view": ["PA"]}
    meta = {"version": "1.0.0", "name": "Random", "radsal": own}
    meta["network_data_format"] = {"outputs": {"pred": {"channel_def": channels}}}
    scale = {"_target_": "ScaleIntensityRange", "a_min": 0, "a_max": 4095, "b_min": 0, "b_max": 1}
    resize = {"_target_": "Resize", "spatial_size": [224, 224], "mode": "area"}
    activation = {"_target_": "Activations", "sigmoid": True}
    config = {
        "network_def": {"_target_": "DenseNet121", **network},
        "preprocessing": {"_target_": "Compose", "transforms": [scale, resize]},
        "postprocessing": {"_target_": "Compose", "transforms": [activation]},
    }
    for part in ("configs", "models", "docs"):
        (folder / part).mkdir(parents=True)
    (folder / "configs" / "metadata.json").write_text(json.dumps(meta))
    (folder / "configs" / "inference.json").write_text(json.dumps(config))
    (folder / "docs" / "README.md").write_text("# Random weights\n")
    save_file(weights, folder / "models" / "model.safetensors")


@pytest.fixture(scope="module", params=["demo-opacity", "DenseNet121"])
def package(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> ModelPackage:
    if request.param != "DenseNet121":
        return read_package(resource_path("models", request.param))
    made = tmp_path_factory.mktemp("models") / "densenet121"
    _write_densenet121(made)
    return read_package(made)


@pytest.fixture
def grouped(benchmark: BenchmarkFixture, package: ModelPackage) -> BenchmarkFixture:
    benchmark.group = f"{FILMS} films of {SIDE} x {SIDE}, {package.id}, all findings"
    return benchmark


@pytest.mark.parametrize("writes", [False, True], ids=["answers", "and writes"])
def test_radsal_analyses_a_folder(
    grouped: BenchmarkFixture,
    engines: Engines,
    package: ModelPackage,
    folder: Path,
    tmp_path: Path,
    writes: bool,
) -> None:
    request = AnalysisRequest.of(package, device="cpu")
    results = ResultsFolder(tmp_path, request, fresh=True)

    def analyse() -> int:
        answered = 0
        for step in analyse_folders(engines, [folder], request):
            if isinstance(step, Answered):
                answered += 1
                if writes:
                    results.write(step.radiograph, step.analysis)
        return answered

    assert grouped.pedantic(analyse, rounds=ROUNDS, warmup_rounds=1) == FILMS
    shutil.rmtree(tmp_path)  # 59 MB for each film of 14 findings


def test_torch_loops_over_prepared_tensors(
    grouped: BenchmarkFixture, package: ModelPackage, folder: Path
) -> None:
    classifier = load_classifier(package, "cpu")
    tensors = [_prepared(classifier, path) for path in sorted(folder.iterdir())]
    batches = [
        torch.cat(tensors[start : start + BATCH]).contiguous(memory_format=torch.channels_last)
        for start in range(0, len(tensors), BATCH)
    ]
    layer = last_spatial_layer(classifier.module, batches[0][:1])
    findings = range(len(package.labels))

    def loop() -> int:
        answered = 0
        for batch in batches:
            head = run_to_head(classifier.module, layer, batch)
            gradients = list(head.gradients(findings))
            answered += len(gradients[0])
        return answered

    assert grouped.pedantic(loop, rounds=ROUNDS, warmup_rounds=1) == FILMS


def _prepared(classifier: Classifier, path: Path) -> Tensor:
    return classifier.prepare(model_input(read_radiograph(path)).pixels).tensor
