"""A package brought to life on a device: images in, predictions out."""

import logging
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from radsal.core.errors import KnownError, ModelRefusal
from radsal.core.results import Prediction
from radsal.inference.devices import (
    BATCH,
    Device,
    choose_device,
    fallback,
    is_out_of_memory,
    out_of_memory,
    release_memory,
    same_bits,
)
from radsal.inference.networks import check_input, load_network
from radsal.inference.package import ModelPackage, read_package, verify
from radsal.inference.preprocessing import Prepared, prepare

LARGEST_BATCH = 1 << 16
"""Inputs in one batch as long as memory has not run out."""

T = TypeVar("T")

_log = logging.getLogger("radsal.inference")


class Classifier:
    """A package, its frozen module in evaluation mode, and the device that it runs on.

    Parameters
    ----------
    module:
        Takes float32 (1, C, H, W), gives logits (1, labels). Put into evaluation mode and frozen.
    device:
        Where to run. Out of memory there, batches become smaller and then the work is done on the
        CPU; :attr:`device` says so from then on (``cpu (fallback: CUDA out of memory)``).

    Attributes
    ----------
    batch:
        Inputs that go through the network together: one on the CPU, where more of them save 7 %
        at best and change the last bits of the logits.
    """

    def __init__(self, package: ModelPackage, module: nn.Module, device: Device) -> None:
        self.package = package
        self.module = module.eval().requires_grad_(False)
        self.device = device
        self.batch = 1
        self._most = LARGEST_BATCH
        self._replicas: list[Classifier] = []
        self._place(device)

    @property
    def labels(self) -> tuple[str, ...]:
        """Findings, in the order of the logits."""
        return self.package.labels

    def prepare(self, image: NDArray[np.float32]) -> Prepared:
        """The network's input of an image: float32, (rows, columns), bone bright."""
        prepared = prepare(self.package.preprocessing, image)
        check_input(self.package.network, prepared.tensor.shape[1], prepared.grid)
        return prepared

    def predict(self, tensor: Tensor) -> tuple[Prediction, ...]:
        """Predictions of one prepared input, float32 (1, C, H, W), one for each label."""
        return self.predict_batch(tensor)[0]

    def predict_batch(self, tensors: Tensor) -> list[tuple[Prediction, ...]]:
        """Predictions of each of several prepared inputs, float32 (B, C, H, W)."""
        return [self.predictions(logits) for logits in self.run_batch(self._logits, tensors)]

    def predictions(self, logits: Tensor) -> tuple[Prediction, ...]:
        """Predictions of logits, (labels,) or (1, labels). Raises KnownError where they are not finite."""
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
        """Do work with the module and one input on the device; on the CPU where memory runs out."""
        return self.run_batch(lambda module, one: [work(module, one)], tensor)[0]

    def run_batch(
        self,
        work: Callable[[nn.Module, Tensor], Sequence[T]],
        tensor: Tensor,
        chunk: int | None = None,
    ) -> list[T]:
        """Do work with the module and a batch, (B, C, H, W); it gives one answer for each input.

        So many inputs go through the network together as ``chunk`` says, or :attr:`batch`. Where
        the device's memory runs out they are halved, down to one input, and then done on the CPU.
        Either is kept for what comes later, and :attr:`device` says so.

        Raises
        ------
        MemoryError
            The CPU's memory is not enough either.
        """
        done: list[T] = []
        while len(done) < len(tensor):
            size = min(self.batch if chunk is None else chunk, self._most)
            part = tensor[len(done) : len(done) + size]
            try:
                done += work(self.module, self._placed(part))
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                full = error
            else:
                continue
            self._retreat(len(part), full)
        return done

    def warm_up(self) -> None:
        """Run the network once, so that the first film does not wait for what torch sets up.

        An example that the package cannot take is left for the first film to complain about.
        """
        try:
            self.predict(self.prepare(example()).tensor)
        except (KnownError, RuntimeError, ValueError) as error:
            _log.info("%s was not warmed up: %s", self.package.id, error)

    def team(self, count: int) -> "tuple[Classifier, ...]":
        """So many classifiers with the same weights, for as many threads; kept for the next call.

        Each has modules of its own: the hooks of one thread do not meet those of another. A
        TorchScript program, which takes no hooks, is its own team.
        """
        if getattr(self.module, "opaque", False):
            return (self,)
        while len(self._replicas) < count:
            shared = chain(self.module.parameters(), self.module.buffers())
            module = deepcopy(self.module, {id(tensor): tensor for tensor in shared})
            self._replicas.append(Classifier(self.package, module, self.device))
        return tuple(self._replicas[:count])

    def _placed(self, tensor: Tensor) -> Tensor:
        device = self.device
        return tensor.to(device.torch_device, memory_format=device.memory_format)

    def _retreat(self, size: int, error: RuntimeError) -> None:
        """Take smaller batches, or the CPU. Raises MemoryError where there is nothing left."""
        old, reason = self.device, out_of_memory(self.device.torch_device)
        if size > 1:
            self._most = size // 2
            self.batch = min(self.batch, self._most)
            plain = old.label.partition(" (batches")[0]
            self.device = replace(old, label=f"{plain} (batches of {self._most}: {reason})")
        elif old.torch_device.type == "cpu":
            raise MemoryError(str(error)) from error
        else:
            self._place(fallback(reason))
        release_memory()

    def _place(self, device: Device) -> None:
        try:
            self._move(device)
        except RuntimeError as error:
            if device.torch_device.type == "cpu" or not is_out_of_memory(error):
                raise
            device = fallback(out_of_memory(device.torch_device))
            self._move(device)
        self.device = device
        self.batch = 1 if device.torch_device.type == "cpu" else BATCH
        self._most = LARGEST_BATCH

    def _move(self, device: Device) -> None:
        self.module.to(device.torch_device)
        self.module.to(memory_format=device.memory_format)  # type: ignore[call-overload]

    @staticmethod
    def _logits(module: nn.Module, tensors: Tensor) -> Sequence[Tensor]:
        with torch.inference_mode():
            return list(module(tensors))


def _probabilities(logits: NDArray[np.float64], activation: str) -> NDArray[np.float64]:
    """Sigmoid of each logit, or softmax over all; float64, without overflow."""
    if activation == "sigmoid":
        return np.exp(-np.logaddexp(0.0, -logits))
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def example() -> NDArray[np.float32]:
    """An image of noise to try a model on, the same each time: float32, (512, 512)."""
    return np.random.default_rng(0).random((512, 512), dtype=np.float32)


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
    classifier = load_classifier(package, device)
    classifier.warm_up()
    return classifier
