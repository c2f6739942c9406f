"""TorchScript: code, loaded in the worker process only, after trust in exactly this SHA-256."""

import warnings

import torch
from torch import Tensor, nn

from radsal.inference.content import content_sha256
from radsal.inference.documents import refuse
from radsal.inference.package import ModelPackage
from radsal.inference.trust import check_trusted

TORCHSCRIPT = "TorchScript"
"""``_target_`` of a package whose network is none of MONAI's."""


class Script(nn.Module):
    """A TorchScript program as one part: nothing inside can be watched, so no layer is shown.

    ``opaque`` tells the methods that need a layer that there is none.
    """

    opaque = True

    def __init__(self, program: nn.Module) -> None:
        super().__init__()
        self.program = program

    def forward(self, tensor: Tensor) -> Tensor:
        """Logits, (N, labels). A program that answers otherwise fails in ``predictions``."""
        logits: Tensor = self.program(tensor)
        return logits


def load_script(package: ModelPackage) -> nn.Module:
    """The program of a trusted package, on the CPU.

    Raises
    ------
    ModelRefusal
        Nobody trusted the SHA-256 that the content has now, or torch cannot read the program.
    """
    check_trusted(package.folder, content_sha256(package.folder))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # torch would have us use .pt2
            program: nn.Module = torch.jit.load(package.weights, map_location="cpu")  # type: ignore[no-untyped-call]
            return Script(program)
    except (RuntimeError, ValueError, OSError) as error:
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        refuse(
            f"models/{package.weights.name}",
            f"torch cannot read this TorchScript ({first:.120})",
            "Save it anew with the torch that RadSal uses.",
            code="model-weights",
        )
