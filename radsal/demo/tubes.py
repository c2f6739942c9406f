"""Projected thickness of thin round structures: ribs, clavicles, vessels, airways.

A tube is the volume swept along a curve. Seen along the beam, a straight cylinder of radius R has
the chord ``2 sqrt(R^2 - d^2)``, which is the line integral along its axis of the indicator of a disc
of radius R. So a tube's thickness is its axis (as arc length per pixel) convolved with a disc; the
disc's transform is ``pi R^2 * 2 J1(kR) / (kR)``, exact at any resolution, also below one pixel.
A tilted tube gets its longer chord by itself, since more arc length falls on each pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.special import j1

from radsal.demo.grid import Floats, Grid

Points = NDArray[np.float64]
_MARGIN_MM = 25.0
_RADIUS_STEP = 1.18
_TABLE = 8192


@dataclass(frozen=True)
class Tubes:
    """Straight pieces of tube.

    ``start`` and ``end`` are float64 ``(n, 3)`` (x, y, z) in mm, ``radius`` ``(n,)`` in mm, and
    ``weight`` ``(n,)`` multiplies the thickness (0.5: half as deep as wide; -1: taken away).
    """

    start: Points
    end: Points
    radius: Points
    weight: Points

    def __post_init__(self) -> None:
        n = len(self.radius)
        if self.start.shape != (n, 3) or self.end.shape != (n, 3) or self.weight.shape != (n,):
            raise ValueError("a tube needs a start, an end, a radius and a weight for each piece")

    def turned(self, degrees: float) -> Tubes:
        """Rotated about the vertical axis, as a patient who does not stand square."""
        return Tubes(
            turned(self.start, degrees), turned(self.end, degrees), self.radius, self.weight
        )

    def hollowed(self, wall_mm: float) -> Tubes:
        """The walls only: the tubes less their bores."""
        bore = np.maximum(self.radius - wall_mm, 0.0)
        thin = bore > 0.2
        inner = Tubes(self.start[thin], self.end[thin], bore[thin], -self.weight[thin])
        return joined([self, inner])


def turned(points: Points, degrees: float) -> Points:
    """Points ``(n, 3)`` rotated about the vertical (z) axis."""
    angle = np.deg2rad(degrees)
    x = points[:, 0] * np.cos(angle) + points[:, 1] * np.sin(angle)
    y = -points[:, 0] * np.sin(angle) + points[:, 1] * np.cos(angle)
    return np.stack([x, y, points[:, 2]], axis=1)


def along(points: Points, radius: Points | float, weight: Points | float = 1.0) -> Tubes:
    """The tubes along a polyline ``(n, 3)``; radius and weight are one value or one per point."""
    n = len(points)
    radii = np.broadcast_to(np.asarray(radius, dtype=np.float64), n)
    weights = np.broadcast_to(np.asarray(weight, dtype=np.float64), n)
    return Tubes(
        points[:-1], points[1:], (radii[:-1] + radii[1:]) / 2, (weights[:-1] + weights[1:]) / 2
    )


def joined(parts: Sequence[Tubes]) -> Tubes:
    """Many tubes as one."""
    return Tubes(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.radius for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def thickness(tubes: Tubes, grid: Grid) -> Floats:
    """Path through the tubes, float32 ``(rows, columns)``, mm (overlaps add up)."""
    margin = int(np.ceil(_MARGIN_MM / grid.spacing_mm))
    shape = _fast_shape(grid.rows + 2 * margin, grid.columns + 2 * margin)
    waves, index_of = _wave_numbers(shape, grid.spacing_mm)
    total = np.zeros(index_of.shape, dtype=np.complex64)
    classes = np.round(np.log(tubes.radius) / np.log(_RADIUS_STEP)).astype(int)
    for index in np.unique(classes):
        chosen = classes == index
        radius = float(_RADIUS_STEP**index)
        # Keep each tube's own cross-section: the area goes with the square of its radius.
        weight = tubes.weight[chosen] * (tubes.radius[chosen] / radius) ** 2
        density = _arc_length(tubes.start[chosen], tubes.end[chosen], weight, grid, margin, shape)
        total += fft.rfft2(density) * _disc_transform(waves, radius)[index_of]
    image = fft.irfft2(total, s=shape)[margin : margin + grid.rows, margin : margin + grid.columns]
    return np.asarray(image / grid.spacing_mm**2, dtype=np.float32)


def _fast_shape(rows: int, columns: int) -> tuple[int, int]:
    return int(fft.next_fast_len(rows, real=True)), int(fft.next_fast_len(columns, real=True))


@lru_cache(maxsize=8)
def _wave_numbers(shape: tuple[int, int], spacing_mm: float) -> tuple[Floats, NDArray[np.int32]]:
    """Wave numbers (radians per mm) in a table, and each ``rfft2`` coefficient's place in it."""
    vertical = fft.fftfreq(shape[0], spacing_mm)[:, None]
    across = fft.rfftfreq(shape[1], spacing_mm)[None, :]
    wave = 2 * np.pi * np.hypot(vertical, across)
    table = np.linspace(0, float(wave.max()), _TABLE, dtype=np.float32)
    return table, np.round(wave * ((_TABLE - 1) / float(wave.max()))).astype(np.int32)


def _disc_transform(wave: Floats, radius: float) -> Floats:
    argument = np.maximum(wave * radius, 1e-4)
    return np.asarray(np.pi * radius**2 * 2 * j1(argument) / argument, dtype=np.float32)


def _arc_length(
    start: Points, end: Points, weight: Points, grid: Grid, margin: int, shape: tuple[int, int]
) -> Floats:
    """Weighted arc length (mm) that falls on each pixel, shared bilinearly among neighbours."""
    flat = np.hypot(end[:, 0] - start[:, 0], end[:, 2] - start[:, 2])
    count = np.maximum(np.ceil(flat / (0.6 * grid.spacing_mm)).astype(int), 1)
    owner = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    t = (np.arange(len(owner)) - first + 0.5) / count[owner]
    x = start[owner, 0] + t * (end[owner, 0] - start[owner, 0])
    z = start[owner, 2] + t * (end[owner, 2] - start[owner, 2])
    arc = (np.linalg.norm(end - start, axis=1) * weight / count)[owner]
    column = (x - grid.left_mm) / grid.spacing_mm - 0.5 + margin
    row = (z - grid.top_mm) / grid.spacing_mm - 0.5 + margin
    return _splat(row, column, arc, shape)


def _splat(row: Points, column: Points, value: Points, shape: tuple[int, int]) -> Floats:
    inside = (row >= 0) & (row < shape[0] - 1) & (column >= 0) & (column < shape[1] - 1)
    row, column, value = row[inside], column[inside], value[inside]
    r, c = row.astype(int), column.astype(int)
    fr, fc = row - r, column - c
    total = np.zeros(shape[0] * shape[1])
    for dr, dc, share in (
        (0, 0, (1 - fr) * (1 - fc)),
        (0, 1, (1 - fr) * fc),
        (1, 0, fr * (1 - fc)),
        (1, 1, fr * fc),
    ):
        total += np.bincount((r + dr) * shape[1] + c + dc, value * share, total.size)
    return total.reshape(shape).astype(np.float32)
