"""Disease with real attenuation: soft tissue or fluid in place of air-holding lung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from radsal.demo.anatomy import Projection, noise
from radsal.demo.grid import Floats, Mask, smooth_step
from radsal.demo.thorax import lung_wall
from radsal.demo.tubes import along, joined, thickness

Kind = Literal["nodule", "consolidation", "effusion"]
KINDS: tuple[Kind, ...] = ("nodule", "consolidation", "effusion")


@dataclass(frozen=True)
class Lesion:
    """Lung replaced by tissue: ``path`` float32 mm of lung turned to soft tissue, and its mask."""

    path: Floats
    mask: Mask


def make_lesion(kind: str, projection: Projection, rng: np.random.Generator) -> Lesion:
    """Draw a lesion of the kind and integrate it; it fits into the lung that is there."""
    makers = {"nodule": _nodules, "consolidation": _consolidation, "effusion": _effusion}
    if kind not in makers:
        raise ValueError(f"unknown opacity {kind!r}; known are {', '.join(KINDS)}")
    return makers[kind](projection, rng)


def with_lesion(projection: Projection, lesion: Lesion) -> Mapping[str, Floats]:
    """The projection's paths with the lesion's lung turned to soft tissue."""
    taken = np.minimum(lesion.path, projection.paths["lung"])
    changed = {
        "lung": projection.paths["lung"] - taken,
        "soft": projection.paths["soft"] + taken,
    }
    return {**projection.paths, **changed}


def _site(projection: Projection, rng: np.random.Generator, inset: float) -> tuple[float, float]:
    """A random place (x, z) mm in the lung fields, ``inset`` mm of lung behind it or more."""
    grid = projection.grid
    deep = projection.lungs & (projection.lung > inset)
    rows, columns = np.nonzero(deep if deep.any() else projection.lungs)
    pick = int(rng.random() * len(rows))
    return float(grid.x[0, columns[pick]]), float(grid.z[rows[pick], 0])


def _nodules(projection: Projection, rng: np.random.Generator) -> Lesion:
    """One to three round, slightly lobed nodules of 16 to 36 mm."""
    grid = projection.grid
    path = grid.zeros()
    for _ in range(1 if rng.random() < 0.5 else int(rng.integers(2, 4))):
        x, z = _site(projection, rng, 70.0)
        radius = rng.uniform(8.0, 18.0)
        dx, dz = grid.x - x, grid.z - z
        angle = np.arctan2(dz, dx)
        lobes = (
            1
            + 0.07 * np.sin(2 * angle + rng.uniform(0, 6.3))
            + 0.04 * np.sin(5 * angle + rng.uniform(0, 6.3))
        )
        reach = np.hypot(dx, dz) / (radius * lobes)
        chord = 2 * radius * np.sqrt(np.clip(1 - reach**2, 0, None))
        path = np.maximum(path, chord.astype(np.float32))
    path = np.minimum(path, 0.9 * projection.lung)
    return Lesion(path, path > 2.0)


def _consolidation(projection: Projection, rng: np.random.Generator) -> Lesion:
    """Fluffy filling of one part of a lung (sometimes two), with an air bronchogram."""
    grid = projection.grid
    share = grid.zeros()
    for _ in range(1 if rng.random() < 0.75 else 2):
        x, z = _site(projection, rng, 60.0)
        wide, tall = rng.uniform(28, 60), rng.uniform(30, 68)
        reach = np.hypot((grid.x - x) / wide, (grid.z - z) / tall)
        ragged = reach + 0.24 * noise(grid, rng, 14.0, 70.0, 1.8)
        same_side = smooth_step(-4.0, 4.0, grid.x * np.sign(x))
        blob = smooth_step(1.05, 0.35, ragged) * same_side
        share = np.maximum(share, blob * rng.uniform(0.3, 0.62))
    mottled = share * np.clip(1 + 0.16 * noise(grid, rng, 5.0, 30.0, 1.6), 0.3, 1.6)
    path = np.minimum(mottled, 0.95) * projection.lung
    path = np.maximum(path - _bronchogram(projection, share, rng), 0).astype(np.float32)
    mask = (share > 0.15) & (projection.lung > 20.0) & projection.body
    return Lesion(path, mask)


def _bronchogram(projection: Projection, share: Floats, rng: np.random.Generator) -> Floats:
    """Air left in the bronchi of the consolidated part, mm."""
    grid = projection.grid
    row, column = np.unravel_index(int(np.argmax(share)), grid.shape)
    end = np.array([grid.x[0, column], 0.0, grid.z[row, 0]])
    start = np.array([np.sign(end[0]) * 34.0, 0.0, 102.0])
    branches = []
    for _ in range(7):
        tip = end + rng.normal(0, 20, 3)
        t = np.linspace(0, 1, 12)[:, None]
        bow = rng.normal(0, 7, 3) * np.sin(np.pi * t)
        branches.append(along(start + (tip - start) * t + bow, np.linspace(3.2, 1.3, 12)))
    return np.asarray(thickness(joined(branches), grid) * (share > 0.2), dtype=np.float32)


def _effusion(projection: Projection, rng: np.random.Generator) -> Lesion:
    """Free fluid in one pleural space: blunted angle, and a level that climbs the chest wall."""
    grid, patient = projection.grid, projection.patient
    side = -1 if rng.random() < 0.5 else 1
    dome = patient.dome_right if side < 0 else patient.dome_left
    level = dome + rng.uniform(-75, 22)
    wall = lung_wall(patient, grid.z)
    lateral = np.clip(wall - side * grid.x, 0, None)
    climb = rng.uniform(26, 48) * np.exp(-lateral / rng.uniform(14, 24))
    medial = rng.uniform(4, 12) * np.exp(-np.clip(side * grid.x - 25, 0, None) / 14)
    surface = level - climb - medial
    depth = rng.uniform(22, 40)
    full = smooth_step(-depth * 0.8, depth * 0.5, grid.z - surface)
    on_side = (side * grid.x > 0).astype(np.float32)
    path = (full * on_side * projection.lung).astype(np.float32)
    mask = (path > 0.45 * projection.lung) & (projection.lung > 12.0) & projection.body
    return Lesion(path, mask)
