"""Runs in the compute process only: what an import must find out with torch.

Weights of strangers are read, and a network is built and asked once, here and nowhere else.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import safetensors.torch

from radsal.core.errors import ModelRefusal
from radsal.inference.classifier import load_classifier
from radsal.inference.components import read_network
from radsal.inference.content import SCRIPT
from radsal.inference.keys import Matched, match
from radsal.inference.networks import build_network
from radsal.inference.package import ModelPackage, read_package
from radsal.inference.recipe import WeightsRecipe, network_document, write_documents
from radsal.inference.weights import State, read_weights

_FILM = (480, 400)  # rows and columns of the film that a new model is asked about


def package_weights(source: Path, folder: Path, recipe: WeightsRecipe) -> tuple[str, ...]:
    """Write a package from a weights file. Returns what was changed or assumed on the way."""
    state = read_weights(source, source.name)
    network = network_document(recipe, frozenset(state))
    component = read_network(network, "--network")
    matched = match(state, build_network(component).state_dict(), source.name)
    file = folder / "models/model.safetensors"
    safetensors.torch.save_file(_apart(matched.state), file)
    recipe, notes = _with_thresholds(recipe, matched)
    if component.name.startswith("resnet"):
        stride = component.get("conv1_t_stride", 1)
        notes += (f"The first convolution's stride is taken to be {stride}; no weight tells it.",)
    write_documents(folder, recipe, network, notes)
    return notes


def check_package(folder: Path) -> ModelPackage:
    """Read a package, build its network, and ask it about one film of noise.

    TorchScript is read and not run: whether it works is seen after somebody trusted it.

    Raises
    ------
    ModelRefusal
        Whatever would happen to the first real film as well.
    """
    package = read_package(folder)
    if package.weights.as_posix().endswith(SCRIPT):
        return package
    return try_package(package)


def try_package(package: ModelPackage) -> ModelPackage:
    """Ask a package, TorchScript too where it is trusted. Raises ModelRefusal."""
    classifier = load_classifier(package, "cpu")
    film = np.random.default_rng(0).random(_FILM, np.float32) * 4095
    try:
        classifier.predict(classifier.prepare(film).tensor)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelRefusal(
            f"{package.id}: the network cannot be asked ({first:.200})",
            code="model-forward",
            remedy="Correct the input size, the channels or the network's arguments.",
        ) from error
    return package


def _with_thresholds(
    recipe: WeightsRecipe, matched: Matched
) -> tuple[WeightsRecipe, tuple[str, ...]]:
    """TorchXRayVision's thresholds serve as operating points where none were given."""
    given = matched.thresholds
    if len(given) != len(recipe.labels) or recipe.operating_points:
        return recipe, matched.notes
    points = {n: p for n, p in zip(recipe.labels, given, strict=True) if 0 <= p <= 1}
    note = "The operating points are the file's own op_threshs, on the probability as it is."
    return replace(recipe, operating_points=points), (*matched.notes, note)


def _apart(state: State) -> State:
    """Tensors that share no memory: safetensors stores each by itself."""
    return {name: tensor.clone().contiguous() for name, tensor in sorted(state.items())}
