"""Soft organs of the trunk as intervals of depth: body, lungs, heart, great vessels, diaphragm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from radsal.demo.grid import Floats, Grid, Mask, smooth_step
from radsal.demo.intervals import Interval, around, clipped, ellipsoid, length, union_length
from radsal.demo.patient import Patient

_APEX_X = 37.0


@dataclass(frozen=True)
class Thorax:
    """Paths (float32 images, mm) and silhouettes of one body without its bones.

    ``body`` and ``lean`` are the whole body and the body within its layer of fat, ``breast`` is
    added in front of it, ``lung`` the air-holding lung, ``chest`` the path through the rib cage's
    inside had it no other contents, ``gas`` the bubble in the stomach.
    """

    body: Floats
    lean: Floats
    breast: Floats
    lung: Floats
    chest: Floats
    gas: Floats
    heart: Mask
    lung_field: Mask


def make_thorax(patient: Patient, grid: Grid) -> Thorax:
    """Arrange the organs and integrate along the beam."""
    x, z = _warped(patient, grid)
    chest = _chest(patient, x, z)
    heart = _heart(patient, x, z)
    vessels = _great_vessels(patient, x, z)
    belly = [_under_diaphragm(patient, x, z, side) for side in (-1, 1)]
    inside = length(chest)
    lung = np.maximum(inside - union_length([*heart, *vessels, *belly], chest), 0.0)
    silhouette = np.max([length(clipped(part, chest)) for part in heart], axis=0) > 4.0
    under = np.max([length(part) for part in belly], axis=0) > 0.0
    field = (lung > 20.0 * patient.size) & ~silhouette & ~under
    body, lean = 2 * _half_body(patient, x, z, 0.0), 2 * _half_body(patient, x, z, patient.fat)
    return Thorax(
        body=body,
        lean=lean,
        breast=_breasts(patient, x, z) * (body > 0),
        lung=lung,
        chest=inside,
        gas=_stomach_gas(patient, x, z),
        heart=silhouette & ~under,
        lung_field=field,
    )


def lung_depth_range(patient: Patient, x: Floats, z: Floats) -> Interval:
    """Front and back of the rib cage's inside at points, for placing things in the lungs."""
    return _chest(patient, x, z)


def _warped(patient: Patient, grid: Grid) -> tuple[Floats, Floats]:
    """Pixel positions moved by a few mm by long waves, so that no organ is a perfect solid."""
    rng = np.random.default_rng(patient.warp)
    x, z = np.broadcast_arrays(grid.x, grid.z)
    dx, dz = np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32)
    for _ in range(7):
        wavelength, angle = rng.uniform(55, 240), rng.uniform(0, np.pi)
        size = rng.uniform(0.2, 1.0) * wavelength / 110
        phase = (x * np.cos(angle) + z * np.sin(angle)) * (2 * np.pi / wavelength)
        dx += size * np.sin(phase + rng.uniform(0, 6.28)).astype(np.float32)
        dz += size * np.sin(phase + rng.uniform(0, 6.28)).astype(np.float32)
    return x + dx, z + dz


def lung_wall(patient: Patient, z: Floats) -> Floats:
    """Half-width of the rib cage's inside at height ``z``, mm."""
    t = np.clip(z / (185.0 * patient.size), 0.0, 1.0)
    rise = (1.0 - (1.0 - t) ** 2.0) ** (1 / 2.0)
    low = np.clip((z - 185.0 * patient.size) / 100.0, 0.0, 1.0)
    width = _APEX_X + (patient.lung_width - _APEX_X) * rise - 5.0 * low * low
    return np.asarray(width, dtype=np.float32)


def _chest(patient: Patient, x: Floats, z: Floats) -> Interval:
    """Both halves of the rib cage's inside; each lung has its own rounded apex."""
    wall = lung_wall(patient, z)
    t = np.clip(z / (130.0 * patient.size), 0.0, 1.0)
    centre = _APEX_X * (1.0 - t) ** 1.5
    v = (np.abs(x) - centre) / np.maximum(wall - centre, 1e-3)
    depth = patient.lung_depth * (0.42 + 0.58 * np.sqrt(t)) * (z > 0)
    half = depth * np.clip(1.0 - np.abs(v) ** 2.3, 0.0, None) ** (1 / 2.1)
    return around(0.0, np.asarray(half, dtype=np.float32))


def _shift(patient: Patient, y: float) -> float:
    """How far a solid at depth ``y`` moves sideways when the patient is turned."""
    return float(y * np.sin(np.deg2rad(patient.rotation)))


def _heart(patient: Patient, x: Floats, z: Floats) -> list[Interval]:
    """Left ventricle, right atrium and the base with the pulmonary trunk."""
    h = patient.heart
    floor = (patient.dome_right + patient.dome_left) / 2
    y, deep = -0.12 * patient.lung_depth, 0.82 * patient.lung_depth
    mid = _shift(patient, y)
    tilt = patient.heart_tilt
    return [
        ellipsoid(x, z, (mid + 25 * h, y, floor - 16 * h), (72 * h, deep, 44 * h), tilt),
        ellipsoid(x, z, (mid - 8 * h, y, floor - 30 * h), (37 * h, 0.8 * deep, 58 * h), -6),
        ellipsoid(x, z, (mid + 6 * h, y, floor - 76 * h), (38 * h, 0.75 * deep, 52 * h), 10),
        ellipsoid(x, z, (mid + 8 * h, y, floor - 18 * h), (46 * h, deep, 48 * h), 20),
        ellipsoid(x, z, (mid + 21 * h, y, floor - 92 * h), (19 * h, 26 * h, 30 * h), 0),
    ]


def _great_vessels(patient: Patient, x: Floats, z: Floats) -> list[Interval]:
    """Mediastinum, spine with its muscles, aortic knob, descending aorta, superior vena cava."""
    s, m, depth = patient.size, patient.mediastinum, patient.lung_depth
    back = _shift(patient, 0.6 * depth)
    flare = m * (1.08 + 0.16 * np.clip(1 - z / 60, 0, 1.6) + 0.4 * smooth_step(70, 200, z))
    middle = around(
        0.0, (depth * np.clip(1 - np.abs(x / flare) ** 2.4, 0, None)).astype(np.float32)
    )
    bulge = np.clip(1 - ((x - back) / (33 * s)) ** 2, 0, None)
    spine = around(0.85 * depth, (0.34 * depth * bulge).astype(np.float32))
    knob_z = (52 + 0.05 * patient.age) * s
    k = patient.knob
    knob = ellipsoid(x, z, (22 * s + _shift(patient, 10), 10, knob_z), (k * 1.15, 38, k * 1.25))
    lean = 0.03 * np.clip(z - knob_z, 0, None)
    aorta_x = 27 * s + _shift(patient, 0.7 * depth) - lean
    aorta = around(
        0.7 * depth, _chord((x - aorta_x) / (12.5 * s), 12.5 * s) * _rise(z - knob_z + 6, 22)
    )
    cava = around(-5.0, _chord((x + 21 * s) / (10 * s), 10 * s) * _rise(z - 5, 30))
    return [middle, spine, knob, aorta, cava]


def _chord(u: Floats, half_depth: float) -> Floats:
    return np.asarray(half_depth * np.sqrt(np.clip(1 - u * u, 0, None)), dtype=np.float32)


def _under_diaphragm(patient: Patient, x: Floats, z: Floats, side: int) -> Interval:
    """What lies below one dome: at each pixel the depths where the dome is higher than the ray."""
    top = patient.dome_right if side < 0 else patient.dome_left
    across = (side * x - 0.46 * patient.lung_width) / (0.54 * patient.lung_width)
    lateral = 34 * patient.dome_drop * np.clip(across, 0, None) ** 2.7
    medial = 15 * patient.dome_drop * np.clip(-across, 0, None) ** 2.2
    reach = np.clip((z - top - lateral - medial) / 0.0075, 0, None)
    half = np.where(side * x > 0, np.sqrt(reach), 0.0).astype(np.float32)
    return around(-0.12 * patient.lung_depth, half)


def _half_body(patient: Patient, x: Floats, z: Floats, layer: float) -> Floats:
    """Half thickness of trunk, neck, shoulders and arms, less a layer of ``layer`` mm, mm."""
    trunk = _half_trunk(patient, x, z, layer)
    girdle = _half_girdle(patient, x, z, layer)
    neck_half = (54 + 0.35 * patient.fat) * patient.size - layer
    neck = _chord(x / neck_half, neck_half) * (z < 0)
    arms = np.maximum(_arm(patient, x, z, -1, layer), _arm(patient, x, z, 1, layer))
    torso = (trunk**4 + girdle**4 + neck**4) ** 0.25
    return np.asarray(np.maximum(torso, arms), dtype=np.float32)


def _thick(patient: Patient, layer: float) -> float:
    return patient.lung_depth + patient.wall + patient.fat - layer


def _half_trunk(patient: Patient, x: Floats, z: Floats, layer: float) -> Floats:
    s = patient.size
    wide = lung_wall(patient, np.maximum(z, 90 * s)) + patient.wall + patient.fat - layer
    side = np.clip(1 - np.abs(x / (wide + 4)) ** 3.2, 0, None) ** (1 / 2.6)
    rise = smooth_step(-70 * s + layer, 110 * s, z)
    return np.asarray(_thick(patient, layer) * side * rise, dtype=np.float32)


def _half_girdle(patient: Patient, x: Floats, z: Floats, layer: float) -> Floats:
    """Shoulders and the muscles that fall from the neck to them."""
    s = patient.size
    tip = 168 * s + 0.4 * patient.fat
    slope = 0.30 * np.clip(np.abs(x) - 45 * s, 0, None)
    top = -62 * s + slope + patient.shoulder - 0.3 * patient.fat
    top = top + 0.012 * np.clip(np.abs(x) - 0.8 * tip, 0, None) ** 2 + layer
    reach = np.clip(1 - np.abs(x / (tip + 34 * s - layer)) ** 6, 0, None) ** 0.5
    nape = 1 + 0.3 * np.exp(-((x / 85) ** 2))
    rim = _rise(np.asarray(z - top, dtype=np.float32), 75 * s) * smooth_step(170 * s, 40 * s, z)
    depth = 0.74 * _thick(patient, layer) - layer / 3
    return np.asarray(depth * nape * reach * rim, dtype=np.float32)


def _rise(z: Floats, over: float) -> Floats:
    """0-1 quarter circle: the round upper rim of a solid."""
    t = np.clip(z / over, 0, 1)
    return np.asarray(np.sqrt(1 - (1 - t) ** 2), dtype=np.float32)


def arm_axis(patient: Patient, side: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Shoulder joint and a point far down the upper arm, (x, z) mm."""
    s = patient.size
    joint = (side * 166 * s, 22 * s + patient.shoulder)
    slope = np.tan(np.deg2rad(patient.arm_angle))
    outward = max(float(slope), (patient.wall + patient.fat) / 200)
    return joint, (joint[0] + side * outward * 320, joint[1] + 320)


def _arm(patient: Patient, x: Floats, z: Floats, side: int, layer: float) -> Floats:
    (ax, az), (bx, bz) = arm_axis(patient, side)
    dx, dz = bx - ax, bz - az
    t = np.clip(((x - ax) * dx + (z - az) * dz) / (dx * dx + dz * dz), 0, 1)
    distance = np.hypot(x - ax - t * dx, z - az - t * dz)
    radius = 38 * patient.size + 0.6 * (patient.fat - layer)
    return np.asarray(np.sqrt(np.clip(radius**2 - distance**2, 0, None)), dtype=np.float32)


def _breasts(patient: Patient, x: Floats, z: Floats) -> Floats:
    """Path through both breasts, mm: round below, running out above."""
    if patient.breast < 3:
        return np.zeros(np.broadcast_shapes(x.shape, z.shape), np.float32)
    total = np.zeros(np.broadcast_shapes(x.shape, z.shape), np.float32)
    centre_z = (165 + 0.5 * patient.breast) * patient.size
    for side in (-1, 1):
        u = (side * x - 0.62 * patient.lung_width) / (
            0.46 * patient.lung_width + 0.1 * patient.breast
        )
        below = 46 + 0.35 * patient.breast
        v = (z - centre_z) / np.where(z > centre_z, below, 1.9 * below)
        total += patient.breast * (np.clip(1 - u * u - v * v, 0, None) ** 0.8).astype(np.float32)
    return total


def _stomach_gas(patient: Patient, x: Floats, z: Floats) -> Floats:
    if patient.stomach_gas < 0.55:
        return np.zeros(np.broadcast_shapes(x.shape, z.shape), np.float32)
    wide = 10 + 30 * patient.stomach_gas
    centre = (
        (0.25 + 0.3 * (3 * patient.stomach_gas % 1)) * patient.lung_width,
        -5.0,
        patient.dome_left + 16 + 0.35 * wide,
    )
    bubble = ellipsoid(x, z, centre, (wide, 24.0, 0.5 * wide), 6.0)
    flat = 1.0 if patient.view == "AP" else smooth_step(centre[2] + 6, centre[2] + 2, z)
    return np.asarray(length(bubble) * flat, dtype=np.float32)
