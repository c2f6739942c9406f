"""Bones as hollow tubes and closed solids: paths through cortical and spongy bone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter

from radsal.demo.grid import Floats, Grid, smooth_step
from radsal.demo.patient import Patient
from radsal.demo.thorax import arm_axis, lung_wall
from radsal.demo.tubes import Points, Tubes, along, joined, thickness, turned

#: Half-width of the rib cage at ribs 1-3, mm; below them the inside of the chest decides.
_UPPER_RIBS = (54.0, 88.0, 110.0)


@dataclass(frozen=True)
class Skeleton:
    """Paths through cortical and spongy bone, float32 ``(rows, columns)``, mm."""

    cortical: Floats
    spongy: Floats


def make_skeleton(patient: Patient, grid: Grid, rng: np.random.Generator) -> Skeleton:
    """Project ribs, clavicles, shoulder girdles, arms and spine."""
    shells, fillings = [], []
    for bone, wall in (*_ribs(patient, rng), *_girdle(patient, rng)):
        shells.append(bone.hollowed(wall))
        fillings.append(bone)
    cortical = thickness(joined(shells), grid)
    spongy = np.maximum(thickness(joined(fillings), grid) - cortical, 0)
    spine = _spine(patient, grid, rng)
    blades = _blades(patient, grid)
    heads = _humeral_heads(patient, grid)
    return Skeleton(
        np.maximum(cortical + spine.cortical + blades + heads.cortical, 0) * patient.mineral,
        (spongy + spine.spongy + heads.spongy) * patient.mineral,
    )


def vertebra_top(patient: Patient, number: float) -> float:
    """Height of the upper endplate of thoracic vertebra ``number`` (1 is T1; 0 and less: neck)."""
    n = number - 1
    return patient.size * (-22 + 18.5 * n + 0.42 * n * abs(n))


def _ribs(patient: Patient, rng: np.random.Generator) -> list[tuple[Tubes, float]]:
    ribs = []
    for side in (-1, 1):
        for number in range(1, 12):
            points, radius, depth = _rib(patient, number, side, rng)
            ribs.append((along(turned(points, patient.rotation), radius, depth), 1.0))
    return ribs


def _rib(
    patient: Patient, number: int, side: int, rng: np.random.Generator
) -> tuple[Points, Points, Points]:
    """One rib from the spine round the side to its cartilage, falling as it goes."""
    s = patient.size
    top = vertebra_top(patient, number) + 2 * s + rng.normal(0, 0.8)
    end = np.deg2rad(min(150.0, 128 + 3.0 * number) if number < 8 else 150 - 16.0 * (number - 7))
    phi = np.linspace(np.deg2rad(10), end, 90)
    fall = (46 + 8.0 * min(number, 7)) * s * patient.rib_slope * rng.uniform(0.96, 1.04)
    t = (phi - phi[0]) / (np.deg2rad(140) - phi[0])
    z = top + fall * (0.6 * t + 0.4 * t * t) - 4.0 * s * np.sin(np.clip(t / 0.35, 0, 1) * np.pi)
    side_z = np.float32(top + 0.45 * fall)
    wide = float(lung_wall(patient, np.asarray(side_z))) + 4.5
    if number <= len(_UPPER_RIBS):
        wide = min(wide, _UPPER_RIBS[number - 1] * s * patient.lung_width / (135 * s))
    deep = (patient.lung_depth + 4) * min(1.0, 0.5 + 0.14 * number)
    x = side * wide * np.sin(phi) ** 0.92
    y = deep * np.cos(phi) + (0 if number > 3 else 10)
    turn_in = np.abs(np.cos(phi))
    radius = s * (4.3 + 2.2 * turn_in + 0.7 * (phi > np.pi / 2)) * (1.15 if number == 1 else 1.0)
    depth = (0.66 - 0.26 * np.clip((phi - 1.4) / 0.5, 0, 1)) * (0.6 if number == 1 else 1.0)
    return np.stack([x, y, z], axis=1), radius * rng.uniform(0.95, 1.05), depth


def _curve(*knots: tuple[float, float, float], samples: int = 40) -> Points:
    """A smooth curve through the knots (cubic through chord positions)."""
    points = np.asarray(knots, dtype=np.float64)
    position = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    spline = CubicSpline(position, points)
    return np.asarray(spline(np.linspace(0, position[-1], samples)))


def _girdle(patient: Patient, rng: np.random.Generator) -> list[tuple[Tubes, float]]:
    bones = []
    for side in (-1, 1):
        for points, radius, wall in _girdle_parts(patient, side, rng):
            bones.append((along(turned(points, patient.rotation), radius, 0.9), wall))
    return bones


def _girdle_parts(
    patient: Patient, side: int, rng: np.random.Generator
) -> list[tuple[Points, Points | float, float]]:
    """Clavicle, borders and spine of the scapula, coracoid, glenoid, shaft of the humerus."""
    s, drop = patient.size, patient.shoulder
    (ax, az), (bx, bz) = arm_axis(patient, side)
    medial_z = (26 + rng.normal(0, 2)) * s
    end_z = medial_z - patient.clavicle_rise * s + 0.5 * drop
    clavicle = _curve(
        (side * 14 * s, -62.0, medial_z),
        (side * 50 * s, -74.0, medial_z - 0.42 * patient.clavicle_rise * s),
        (side * 105 * s, -48.0, end_z + 2),
        (side * 150 * s, -18.0, end_z - 3),
    )
    ends = 5.6 + 1.8 * np.abs(np.linspace(-1, 1, len(clavicle))) ** 3
    sup, inferior, glenoid = scapula_corners(patient, side)
    spine = _curve(
        (sup[0], 90.0, sup[1] + 26 * s),
        (side * 125 * s, 75.0, az - 14 * s),
        (ax, 30.0, az - 27 * s),
    )
    shaft = np.array([[ax + 0.03 * (bx - ax), 0, az + 0.05 * (bz - az)], [bx, 0, bz]])
    return [
        (clavicle, ends * s, 2.0),
        (_curve((*_at(glenoid, 60.0),), (*_at(inferior, 95.0, side * 3),)), 3.4 * s, 1.3),
        (_curve((*_at(sup, 95.0),), (*_at(inferior, 100.0, -side * 4),)), 1.9 * s, 0.9),
        (spine, np.linspace(2.4, 5.0, 40) * s, 1.0),
        (
            _curve(
                (ax - side * 22 * s, -10.0, az - 12 * s),
                (ax - side * 34 * s, 0.0, az - 20 * s),
                (ax - side * 30 * s, 25.0, az - 4 * s),
            ),
            5.0 * s,
            1.0,
        ),
        (
            _curve(
                (glenoid[0], 30.0, glenoid[1] - 16 * s),
                (glenoid[0] + side * 3, 30.0, glenoid[1]),
                (glenoid[0], 30.0, glenoid[1] + 16 * s),
            ),
            3.2 * s,
            1.2,
        ),
        (np.linspace(shaft[0], shaft[1], 80), (11.0 + 8.0 * np.exp(-np.arange(80) / 7.0)) * s, 2.6),
    ]


def _at(corner: tuple[float, float], y: float, dx: float = 0.0) -> tuple[float, float, float]:
    return corner[0] + dx, y, corner[1]


def scapula_corners(
    patient: Patient, side: int
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Upper medial corner, lower corner and glenoid, (x, z) mm; rolled outwards in a PA view."""
    s = patient.size
    (ax, az), _ = arm_axis(patient, side)
    out = 24 * s if patient.view == "PA" else 4 * s
    upper = (side * (86 * s + out), az - 20 * s)
    lower = (side * (110 * s + 0.9 * out), az + 128 * s)
    return upper, lower, (ax - side * 27 * s, az + 4 * s)


def _blades(patient: Patient, grid: Grid) -> Floats:
    """The thin plates of the shoulder blades, cortical mm."""
    scale = 2
    canvas = Image.new("L", (grid.columns * scale, grid.rows * scale), 0)
    draw = ImageDraw.Draw(canvas)
    for side in (-1, 1):
        corners = [
            (
                (x - grid.left_mm) / grid.spacing_mm * scale,
                (z - grid.top_mm) / grid.spacing_mm * scale,
            )
            for x, z in scapula_corners(patient, side)
        ]
        draw.polygon(corners, fill=255)
    small = canvas.resize((grid.columns, grid.rows), Image.Resampling.BOX)
    plate = np.asarray(small, dtype=np.float32) / 255
    return np.asarray(2.4 * gaussian_filter(plate, 3.0 / grid.spacing_mm), dtype=np.float32)


def _humeral_heads(patient: Patient, grid: Grid) -> Skeleton:
    cortical, whole = grid.zeros(), grid.zeros()
    radius = 23.0 * patient.size
    for side in (-1, 1):
        (ax, az), _ = arm_axis(patient, side)
        away = np.hypot(grid.x - ax, grid.z - az)
        outer = 2 * np.sqrt(np.clip(radius**2 - away**2, 0, None))
        inner = 2 * np.sqrt(np.clip((radius - 0.35) ** 2 - away**2, 0, None))
        cortical += outer - inner
        whole += inner
    return Skeleton(cortical, 0.8 * whole)


def _spine(patient: Patient, grid: Grid, rng: np.random.Generator) -> Skeleton:
    """Vertebral bodies with endplates, pedicles and spinous processes."""
    total = Skeleton(grid.zeros(), grid.zeros())
    bend = rng.normal(0, 2.5)
    offset = 0.6 * patient.lung_depth * np.sin(np.deg2rad(patient.rotation))
    for number in range(-4, 16):
        centre = offset + bend * np.sin(vertebra_top(patient, number) / 120)
        _add_vertebra(total, patient, grid, number, float(centre))
    return total


def _add_vertebra(
    total: Skeleton, patient: Patient, grid: Grid, number: int, centre: float
) -> None:
    """One vertebra between two endplates, added in place to its rows only."""
    top, bottom = vertebra_top(patient, number), vertebra_top(patient, number + 1)
    first = int(np.clip((top - 12 - grid.top_mm) / grid.spacing_mm, 0, grid.rows))
    last = int(np.clip((bottom + 14 - grid.top_mm) / grid.spacing_mm, 0, grid.rows))
    if first >= last:
        return
    rows = slice(first, last)
    x, z = grid.x - np.float32(centre), grid.z[rows]
    wide = patient.size * (13.5 + 0.5 * max(number, 0))
    gap = patient.size * (4.0 if number > 0 else 3.0)
    lower = bottom - gap
    waist = 1 - 0.10 * np.sin(np.pi * np.clip((z - top) / (lower - top), 0, 1))
    soft = max(0.8, grid.spacing_mm)
    tall = smooth_step(top - soft, top + soft, z) * smooth_step(lower + soft, lower - soft, z)
    chord = 2 * 15.0 * np.sqrt(np.clip(1 - (x / (wide * waist)) ** 2, 0, None))
    plate = _line(z, top, soft) + _line(z, lower, soft)
    total.spongy[rows] += 0.35 * tall * chord
    total.cortical[rows] += 0.010 * chord * plate + 0.008 * chord * tall * (
        np.abs(x) > 0.93 * wide * waist
    )
    middle = (top + lower) / 2
    for side in (-1, 1):
        u = np.hypot((x - side * 0.62 * wide) / 4.2, (z - middle + 2) / 6.0)
        total.cortical[rows] += 1.6 * _line(u, 0.85, 0.18) + 0.5 * smooth_step(1.0, 0.7, u)
    drop = np.hypot(x / 3.0, (z - lower - 2) / 7.5)
    total.cortical[rows] += 1.5 * _line(drop, 0.85, 0.25) + 0.7 * smooth_step(1.0, 0.7, drop)
    wing = np.exp(-(((z - middle + 0.15 * np.abs(x)) / 5.0) ** 2)) * smooth_step(
        26, 20, np.abs(x) * 15 / wide
    )
    total.cortical[rows] += (0.9 * wing * (np.abs(x) > 0.8 * wide)).astype(np.float32)


def _line(value: Floats, at: float, width: float) -> Floats:
    return np.asarray(np.exp(-(((value - at) / width) ** 2)), dtype=np.float32)
