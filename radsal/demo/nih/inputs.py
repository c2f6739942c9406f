"""Films as networks see them: read by RadSal, prepared by the package's own preprocessing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from radsal.demo.nih.films import Film
from radsal.demo.nih.recipe import preprocessing
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_radiograph
from radsal.inference.components import read_preprocessing
from radsal.inference.preprocessing import prepare

Inputs = NDArray[np.uint8]


def stored_inputs(films: Sequence[Film], side: int) -> Inputs:
    """Uint8 ``(n, side, side)``: the 0-1 values of :func:`preprocessing` times 255."""
    steps = read_preprocessing(preprocessing(side), "preprocessing")
    out = np.empty((len(films), side, side), dtype=np.uint8)
    for place, film in enumerate(films):
        pixels = model_input(read_radiograph(film.path)).pixels
        out[place] = np.round(prepare(steps, pixels).tensor[0, 0].numpy() * 255)
    return out


def as_batch(inputs: Inputs) -> torch.Tensor:
    """Float32 ``(n, 1, side, side)`` in 0-1."""
    return torch.from_numpy(inputs).float().div(255)[:, None]
