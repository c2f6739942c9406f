"""A package brought to life on a device: images in, predictions out."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radsal.core.errors import KnownError, ModelRefusal
from radsal.core.results import Prediction
from radsal.inference.components import channels_and_labels
from radsal.inference.devices import (
    OUT_OF_MEMORY,
    Device,
    choose_device,
    fallback,
    release_memory,
    same_bits,
)
from radsal.inference.networks import load_network
from radsal.inference.package import ModelPackage, read_package, verify
from radsal.inference.preprocessing import Prepared, prepare

T = TypeVar("T")


class Classifier:
    """A package, its frozen module in evaluation mode, and the device that it runs on.

    Parameters
    ----------
    module:
        Takes float32 (1, C, H, W), gives logits (1, labels). Put into evaluation mode and frozen.
    device:
        Where to run. Out of memory there, the work is done on the CPU and :attr:`device` says
        so from then on (``cpu (fallback: CUDA out of memory)``).
    """

    def __init__(self, package: ModelPackage, module: nn.Module, device: Device) -> None:
        self.package = package
        self.module = module.eval().requires_grad_(False)
        self.device = device
        self._place(device)

    @property
    def labels(self) -> tuple[str, ...]:
        """Findings, in the order of the logits."""
        return self.package.labels

    def prepare(self, image: NDArray[np.float32]) -> Prepared:
        """The network's input of an image: float32, (rows, columns), bone bright."""
        prepared = prepare(self.package.preprocessing, image)
        wanted = channels_and_labels(self.package.network)[0]
        if prepared.tensor.shape[1] != wanted:
            raise ModelRefusal(
                f"the preprocessing gives {prepared.tensor.shape[1]} channels, "
                f"the network takes {wanted}",
                code="model-input",
                remedy="Add or correct RepeatChannel in the package's preprocessing.",
            )
        return prepared

    def predict(self, tensor: Tensor) -> tuple[Prediction, ...]:
        """Predictions of one prepared input, float32 (1, C, H, W), one for each label."""
        return self.predictions(self.run(self._logits, tensor))

    def predictions(self, logits: Tensor) -> tuple[Prediction, ...]:
        """Predictions of logits, (1, labels). Raises KnownError where they are not finite."""
        values = logits.detach().to("cpu", torch.float64).reshape(-1).numpy()
        if values.size != len(self.labels) or not np.isfinite(values).all():
            raise KnownError(
                f"{self.package.id} gave no number for this image",
                code="model-output",
                remedy="The model cannot be used on this image; check its preprocessing.",
            )
        shares = _probabilities(values, self.package.activation)
        rows = zip(self.labels, values, shares, self.package.operating_points, strict=True)
        return tuple(Prediction(name, float(v), float(p), point) for name, v, p, point in rows)

    def run(self, work: Callable[[nn.Module, Tensor], T], tensor: Tensor) -> T:
        """Do work with the module and the tensor on the device; on the CPU where memory runs out."""
        try:
            return work(self.module, tensor.to(self.device.torch_device))
        except torch.OutOfMemoryError:
            if self.device.torch_device.type == "cpu":
                raise
        self._place(fallback(OUT_OF_MEMORY))
        release_memory()
        return work(self.module, tensor.to(self.device.torch_device))

    def _place(self, device: Device) -> None:
        try:
            self.module.to(device.torch_device)
        except torch.OutOfMemoryError:
            device = fallback(OUT_OF_MEMORY)
            self.module.to(device.torch_device)
        self.device = device

    @staticmethod
    def _logits(module: nn.Module, tensor: Tensor) -> Tensor:
        with torch.no_grad():
            logits: Tensor = module(tensor)
        return logits


def _probabilities(logits: NDArray[np.float64], activation: str) -> NDArray[np.float64]:
    """Sigmoid of each logit, or softmax over all; float64, without overflow."""
    if activation == "sigmoid":
        return np.exp(-np.logaddexp(0.0, -logits))
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def load_classifier(package: ModelPackage, device: str = "auto") -> Classifier:
    """Load a package's weights, after its files were found to be those that were read."""
    verify(package)
    same_bits()
    return Classifier(package, load_network(package), choose_device(device))


@lru_cache(maxsize=2)
def classifier_for(folder: Path, sha256: str, device: str = "auto") -> Classifier:
    """The classifier of a package whose content has that SHA-256; kept for the next call.

    Meant for the worker process, which is given names and numbers, not modules.

    Raises
    ------
    ModelRefusal
        The folder's content has another SHA-256, or the package is refused.
    """
    package = read_package(folder)
    if package.identity.sha256 != sha256:
        raise ModelRefusal(
            f"{package.id}: the files of the package are not the ones that were asked for",
            code="model-changed",
            remedy="Reload the list of models.",
        )
    return load_classifier(package, device)
