"""Which device computes: CUDA, then Apple's MPS, then the CPU; and what it is called in a result."""

import gc
import os
import platform
from dataclasses import dataclass

import torch

from radsal.core.errors import KnownError

CHOICES = ("auto", "cuda", "mps", "cpu")
"""What a user can ask for; ``auto`` takes the first that is there."""

BATCH = 8
"""Films in one forward pass on a GPU, before memory runs out."""


def out_of_memory(device: torch.device) -> str:
    """Why a device was left, as results say it: ``CUDA out of memory``."""
    names = {"mps": "MPS out of memory", "cpu": "out of memory"}
    return names.get(device.type, "CUDA out of memory")


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether memory ran out. CUDA has a class of error for it, Apple's MPS and the CPU a text."""
    texts = ("MPS backend out of memory", "DefaultCPUAllocator")
    return isinstance(error, torch.OutOfMemoryError) or any(text in str(error) for text in texts)


@dataclass(frozen=True, slots=True)
class Device:
    """A device and the words that results carry, such as ``cuda:0 NVIDIA RTX A4000``."""

    torch_device: torch.device
    label: str

    @property
    def memory_format(self) -> torch.memory_format:
        """How images lie in memory: channels last saves DenseNets 10 to 50 % on the CPU.

        Not on MPS, whose kernels copy them back.
        """
        last = self.torch_device.type in ("cpu", "cuda")
        return torch.channels_last if last else torch.contiguous_format


def choose_device(choice: str = "auto") -> Device:
    """The device of that choice.

    Raises
    ------
    KnownError
        The device was asked for by name and is not there: nothing falls back in silence.
    """
    if choice not in CHOICES:
        raise ValueError(f"a device is one of {', '.join(CHOICES)}, got {choice!r}")
    if choice in ("auto", "cuda") and torch.cuda.is_available():
        return Device(torch.device("cuda:0"), f"cuda:0 {torch.cuda.get_device_name(0)}")
    if choice in ("auto", "mps") and torch.backends.mps.is_available():
        return Device(torch.device("mps"), f"mps {platform.machine()}")
    if choice in ("auto", "cpu"):
        return Device(torch.device("cpu"), "cpu")
    raise KnownError(
        f"this computer has no {choice} device that torch can use",
        code="device-missing",
        remedy="Choose the device 'auto' or 'cpu'.",
    )


def fallback(reason: str) -> Device:
    """The CPU in place of another device, with the reason in its label."""
    return Device(torch.device("cpu"), f"cpu (fallback: {reason})")


def same_bits() -> None:
    """Make torch choose algorithms that give the same bits each time on the same machine.

    TF32 is off too: a map on the GPU shall be the map on the CPU to float32 rounding.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


def release_memory() -> None:
    """Give back what torch keeps cached on the GPU."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
