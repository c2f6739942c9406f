"""The branching vessels of the lungs and the air-filled windpipe.

A tree joins random points of the lung to the hilum, each to the nearest point already joined; its
calibres follow Murray's law (the cube of a radius is shared among the branches; here
the exponent is 2.35, which shows the hila as films do).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radsal.demo.patient import Patient
from radsal.demo.thorax import lung_depth_range, lung_wall
from radsal.demo.tubes import Points, Tubes, along, joined

_LEAVES = 230
_LEAF_RADIUS_MM = 0.68
_MURRAY = 2.35
_WIDEST_MM = 7.5


def pulmonary_vessels(patient: Patient, rng: np.random.Generator) -> Tubes:
    """Arteries and veins of both lungs."""
    s = patient.size
    trees = []
    for side, height in ((-1, 98.0), (1, 90.0)):
        for y, dz, leaves in ((-8.0, 0.0, _LEAVES), (8.0, 16.0, _LEAVES // 2)):
            root = np.array([side * 40 * s, y, (height + dz) * s])
            targets = _lung_points(patient, side, leaves, rng)
            trees.append(_tree(root, targets, rng))
    return joined(trees).turned(patient.rotation)


def _lung_points(patient: Patient, side: int, count: int, rng: np.random.Generator) -> Points:
    """Points in one lung, roughly uniform in its volume."""
    low = patient.dome_right if side < 0 else patient.dome_left
    z = rng.uniform(6, low + 25, 4 * count).astype(np.float32)
    x = (26 + (lung_wall(patient, z) - 30) * rng.random(4 * count)).astype(np.float32)
    front, back = lung_depth_range(patient, side * x, z)
    y = front + (back - front) * rng.random(4 * count)
    roomy = (back - front) > 25
    points = np.stack([side * x, 0.92 * y, z], axis=1)[roomy]
    return np.asarray(points[:count], dtype=np.float64)


def _tree(root: Points, targets: Points, rng: np.random.Generator) -> Tubes:
    """Join the targets to the root, near ones first, and size the branches by what they feed."""
    order = np.argsort(np.linalg.norm(targets - root, axis=1))
    targets = targets[order]
    n = len(targets)
    nodes = np.concatenate([root[None], np.zeros_like(targets)])
    parent, path = np.zeros(n + 1, dtype=int), np.zeros(n + 1)
    for index, target in enumerate(targets, start=1):
        gaps = np.linalg.norm(nodes[:index] - target, axis=1)
        best = int(np.argmin(gaps + 0.35 * path[:index]))
        nodes[index], parent[index] = target, best
        path[index] = path[best] + gaps[best]
    leaves = np.ones(n + 1)
    for index in range(n, 0, -1):
        leaves[parent[index]] += leaves[index]
    radius = _LEAF_RADIUS_MM * leaves ** (1 / _MURRAY)
    return _branches(nodes, parent, radius, rng)


def _branches(
    nodes: Points, parent: NDArray[np.int_], radius: Points, rng: np.random.Generator
) -> Tubes:
    """All branches: each leaves along its parent's direction and bends towards its end."""
    stem = parent[1:]
    start, end = nodes[stem], nodes[1:]
    before = start - nodes[parent[stem]]
    span = np.linalg.norm(end - start, axis=1)[:, None]
    heading = before / np.maximum(np.linalg.norm(before, axis=1), 1e-6)[:, None]
    sway = rng.normal(0, 0.03, start.shape) * span
    t = np.linspace(0, 1, 5)[None, :, None]
    bow = 0.35 * (span * heading)[:, None] * t * (1 - t) + sway[:, None] * np.sin(np.pi * t)
    points = start[:, None] + (end - start)[:, None] * t + bow
    wide = np.minimum(radius[stem], 1.15 * radius[1:])[:, None]
    middle = (np.arange(4) + 0.5) / 4
    calibre = np.minimum(wide + (radius[1:, None] - wide) * middle, _WIDEST_MM)
    first, last = points[:, :-1].reshape(-1, 3), points[:, 1:].reshape(-1, 3)
    return Tubes(first, last, calibre.ravel(), np.ones(calibre.size))


def airways(patient: Patient) -> Tubes:
    """Trachea and main bronchi: air, 17 mm and 12 mm wide."""
    s = patient.size
    fork = np.array([1.5, 12.0, 78.0 * s])
    trachea = np.array([[0.0, -15.0, -130.0], [0.0, 0.0, 0.0], [-2.5, 8.0, 55 * s], fork])
    right = np.array([fork, [-20 * s, 14.0, 100 * s], [-34 * s, 14.0, 118 * s]])
    left = np.array([fork, [22 * s, 16.0, 96 * s], [44 * s, 18.0, 108 * s]])
    parts = [along(trachea, 8.5 * s), along(right, 6.2 * s, 0.9), along(left, 5.5 * s, 0.8)]
    return joined(parts).turned(patient.rotation)
