"""Solids seen along the beam, each as the interval of depth that it fills behind every pixel.

A solid is a pair ``(front, back)`` of float32 images (y in mm, empty where ``front >= back``). The
path of a ray through any union or difference of such solids is then exact one-dimensional
arithmetic at any resolution; no voxels are needed.
"""

from collections.abc import Sequence

import numpy as np

from radsal.demo.grid import Floats

Interval = tuple[Floats, Floats]


def around(depth_mm: Floats | float, half_mm: Floats) -> Interval:
    """The interval of half-thickness ``half_mm`` about ``depth_mm``; none where it is not positive."""
    centre = np.broadcast_to(np.asarray(depth_mm, dtype=np.float32), half_mm.shape)
    half = np.maximum(half_mm, 0.0)
    return centre - half, centre + half


def ellipsoid(
    x: Floats,
    z: Floats,
    centre: tuple[float, float, float],
    axes: tuple[float, float, float],
    tilt_deg: float = 0.0,
) -> Interval:
    """An ellipsoid with half axes ``(x, y, z)`` mm, turned by ``tilt_deg`` in the image plane.

    Closed form: the half chord is ``axes[1] * sqrt(1 - u^2 - v^2)``.
    """
    turn = np.deg2rad(tilt_deg)
    dx, dz = x - centre[0], z - centre[2]
    u = (dx * np.cos(turn) + dz * np.sin(turn)) / axes[0]
    v = (-dx * np.sin(turn) + dz * np.cos(turn)) / axes[2]
    half = axes[1] * np.sqrt(np.clip(1.0 - u * u - v * v, 0.0, None))
    return around(centre[1], np.asarray(half, dtype=np.float32))


def length(interval: Interval) -> Floats:
    """Path through one solid, mm."""
    return np.asarray(np.maximum(interval[1] - interval[0], 0.0), dtype=np.float32)


def clipped(interval: Interval, within: Interval) -> Interval:
    """The intersection of two intervals."""
    return np.maximum(interval[0], within[0]), np.minimum(interval[1], within[1])


def union_length(solids: Sequence[Interval], within: Interval) -> Floats:
    """Path through the union of ``solids`` inside ``within``, mm.

    Sweep from front to back: sorted by their fronts, each solid adds what reaches behind all
    earlier ones.
    """
    shape = np.broadcast_shapes(*(part.shape for solid in (*solids, within) for part in solid))
    cut = [clipped(solid, within) for solid in solids]
    fronts = np.stack([np.broadcast_to(front, shape) for front, _ in cut])
    backs = np.stack([np.broadcast_to(back, shape) for _, back in cut])
    order = np.argsort(fronts, axis=0)
    fronts = np.take_along_axis(fronts, order, axis=0)
    backs = np.take_along_axis(backs, order, axis=0)
    total = np.zeros(shape, dtype=np.float32)
    reached = np.broadcast_to(within[0], shape).astype(np.float32)
    for front, back in zip(fronts, backs, strict=True):
        total += np.maximum(back - np.maximum(front, reached), 0.0)
        reached = np.maximum(reached, back)
    return total
