"""Other crops, tones and corners in each pass: what tells the view apart shall not help.

Letters and borders stand in the corners and at the edges, AP films are darker and wider, and films
with the label have another grain (their files are larger): crops, patches over the corners, bent
tones, blur and noise take the use out of that. Everything is drawn from one
NumPy generator, for a whole batch at a time.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

Rng = np.random.Generator


def varied(batch: Tensor, side: int, rng: Rng) -> Tensor:
    """A batch ``(n, 1, h, w)`` in 0-1, seen anew as ``(n, 1, side, side)`` in 0-1."""
    out = _grained(_toned(_cropped(batch, side, rng), rng), rng)
    for image in out[:, 0]:
        _cover_corners(image, rng)
        _cover_anywhere(image, rng)
    return out


def _numbers(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def _cropped(batch: Tensor, side: int, rng: Rng) -> Tensor:
    """Turned by up to 10 degrees, 70% to 105% of each side kept, mirrored half of the time."""
    n = len(batch)
    turn = np.deg2rad(rng.uniform(-10, 10, n))
    kept = rng.uniform(0.70, 1.05, n)
    stretch = np.exp(rng.uniform(-0.1, 0.1, n))
    wide, high = kept * stretch, kept / stretch
    mirror = np.where(rng.random(n) < 0.5, -1.0, 1.0)
    room = np.maximum(1 - kept, 0)
    shift = rng.uniform(-1, 1, (2, n)) * (room + 0.05)
    rows = [
        [np.cos(turn) * wide * mirror, -np.sin(turn) * high, shift[0]],
        [np.sin(turn) * wide * mirror, np.cos(turn) * high, shift[1]],
    ]
    theta = _numbers(np.array(rows)).permute(2, 0, 1).contiguous()
    grid = functional.affine_grid(theta, [n, 1, side, side], align_corners=False)
    return functional.grid_sample(batch, grid, padding_mode="zeros", align_corners=False)


def _toned(batch: Tensor, rng: Rng) -> Tensor:
    """Bent by a gamma, black and white moved."""
    shape = (len(batch), 1, 1, 1)
    gamma = _numbers(np.exp(rng.normal(0, 0.3, shape)))
    black = _numbers(rng.uniform(-0.15, 0.15, shape))
    white = _numbers(rng.uniform(0.8, 1.2, shape))
    return (batch.pow(gamma) * (white - black) + black).clamp(0, 1)


def _grained(batch: Tensor, rng: Rng) -> Tensor:
    """Blurred by up to 1.5 pixels, then covered with noise of up to 6% of the range."""
    n, _, h, w = batch.shape
    kernel = _numbers(np.array([_gauss(sigma) for sigma in rng.uniform(0, 1.5, n)]))
    images = functional.pad(batch.transpose(0, 1), (4, 4, 4, 4), mode="replicate")
    down = functional.conv2d(images, kernel[:, None, :, None], groups=n)
    blurred = functional.conv2d(down, kernel[:, None, None, :], groups=n).transpose(0, 1)
    strength = _numbers(rng.uniform(0, 0.06, (n, 1, 1, 1)))
    noise = _numbers(rng.standard_normal((n, 1, h, w), dtype=np.float32))
    return (blurred + strength * noise).clamp(0, 1)


def _gauss(sigma: float) -> np.ndarray:
    """Nine weights of a Gaussian."""
    weights = np.exp(-0.5 * (np.arange(-4, 5) / max(sigma, 1e-3)) ** 2)
    return np.asarray(weights / weights.sum())


def _cover_corners(image: Tensor, rng: Rng) -> None:
    """A plain patch over each corner, every second time."""
    side = len(image)
    for down, right in ((False, False), (False, True), (True, False), (True, True)):
        h, w = (int(v) for v in rng.uniform(0.05, 0.25, 2) * side)
        value = float(rng.random())
        if rng.random() < 0.5:
            rows = slice(side - h, side) if down else slice(0, h)
            columns = slice(side - w, side) if right else slice(0, w)
            image[rows, columns] = value


def _cover_anywhere(image: Tensor, rng: Rng) -> None:
    """One plain patch anywhere, every third time."""
    side = len(image)
    h, w = (int(v) for v in rng.uniform(0.1, 0.3, 2) * side)
    top, left = (int(v) for v in rng.random(2) * (side - h, side - w))
    value = float(rng.random())
    if rng.random() < 1 / 3:
        image[top : top + h, left : left + w] = value
