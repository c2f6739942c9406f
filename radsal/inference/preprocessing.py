"""From an image to a network's input, number for number as MONAI's transforms make it.

Written here rather than called, for two reasons: the geometry is followed exactly, and MONAI's
MetaTensor bookkeeping costs more than the arithmetic. The tests hold every step against MONAI's
own ``Compose``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from radsal.core.errors import KnownError
from radsal.core.geometry import GridMapping
from radsal.inference.components import Component
from radsal.inference.intensity import change_values
from radsal.inference.spatial import SPATIAL, move_values, shape_after

LARGEST_INPUT = 4096 * 4096 * 4
"""Values of a network's input, and of the array after every step that enlarges it."""

_FORM_ONLY = ("LoadImage", "EnsureChannelFirst", "EnsureType")
"""Steps that only bring an array into the form that it has here already."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A network's input and where its cells lie in the image.

    Attributes
    ----------
    tensor:
        float32, (1, C, H, W), on the CPU.
    mapping:
        From the H x W grid to image pixels.
    """

    tensor: Tensor
    mapping: GridMapping

    @property
    def grid(self) -> tuple[int, int]:
        """(H, W), the network's axes."""
        return self.tensor.shape[2], self.tensor.shape[3]


def prepare(steps: Sequence[Component], image: NDArray[np.float32]) -> Prepared:
    """Run a package's preprocessing.

    Parameters
    ----------
    image:
        float32, (rows, columns), after the modality stage, bone bright. Not changed.

    Notes
    -----
    The steps work in place on one copy of the image.

    Behind ``LoadImage`` the axes are those of MONAI's readers, column index first; without it
    the array is (1, rows, columns), whether or not an ``EnsureChannelFirst`` says so.
    """
    if image.ndim != 2 or image.dtype != np.float32:
        raise ValueError("an image is a 2-D array of float32")
    values = torch.from_numpy(np.array(image, order="C"))[None]
    columns_first = _columns_first(steps)
    mapping = GridMapping(1.0, 0.0, 1.0, 0.0, columns_first)
    if columns_first:
        values = values.transpose(1, 2).contiguous()
    for step in steps:
        values, mapping = _apply(step, values, mapping)
    _check_size(tuple(values.shape))
    return Prepared(values[None].contiguous(), mapping)


def _apply(step: Component, values: Tensor, mapping: GridMapping) -> tuple[Tensor, GridMapping]:
    if step.name in _FORM_ONLY:
        return values, mapping
    channels, *grid = values.shape
    if step.name in SPATIAL:
        _check_size((channels, *shape_after(step, (grid[0], grid[1]))))
        return move_values(step, values, mapping)
    if step.name == "RepeatChannel":
        _check_size((channels * step.get("repeats"), *grid))
    return change_values(step, values), mapping


def _check_size(shape: tuple[int, ...]) -> None:
    if prod(shape) > LARGEST_INPUT:
        raise KnownError(
            "the network's input is too large",
            code="model-input",
            remedy="Add a Resize to the package's preprocessing, or correct the one that is there.",
        )


def _columns_first(steps: Sequence[Component]) -> bool:
    """Whether the package's LoadImage hands the column index over first, as MONAI's readers do."""
    if not steps or steps[0].name != "LoadImage":
        return False
    load = steps[0]
    match load.get("reader"):
        case "NumpyReader":
            return False
        case "PILReader":
            return bool(load.get("reverse_indexing", True))
        case "PydicomReader":
            return bool(load.get("swap_ij", True))
        case _:
            return not load.get("reverse_indexing", False)
