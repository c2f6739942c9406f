"""The random patient and the way in which he or she stood before the detector."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

Sex = Literal["F", "M"]
View = Literal["PA", "AP"]


@dataclass(frozen=True)
class Patient:
    """One body, in mm unless the name says otherwise; z is 0 at the lung apices.

    ``size`` scales the skeleton, ``lung_width`` and ``lung_depth`` are half axes of the rib cage's
    inside, ``dome_right`` and ``dome_left`` the heights of the diaphragm, ``rotation`` degrees about
    the vertical axis. ``warp`` seeds the smooth deformation of the soft organs.
    """

    sex: Sex
    age: int
    view: View
    size: float
    lung_width: float
    lung_depth: float
    dome_right: float
    dome_left: float
    dome_drop: float
    heart: float
    heart_tilt: float
    mediastinum: float
    knob: float
    wall: float
    fat: float
    breast: float
    rotation: float
    rib_slope: float
    clavicle_rise: float
    shoulder: float
    arm_angle: float
    mineral: float
    stomach_gas: float
    warp: int


def sample_patient(rng: np.random.Generator) -> Patient:
    """Draw a patient; the ranges are those of adults from slim to obese."""
    sex: Sex = "F" if rng.random() < 0.5 else "M"
    view: View = "AP" if rng.random() < 0.4 else "PA"
    age = int(rng.integers(24, 89))
    supine = view == "AP"
    size = float(np.clip(rng.normal(0.95 if sex == "F" else 1.03, 0.04), 0.86, 1.12))
    girth = float(np.clip(rng.normal(0.45, 0.3), 0.0, 1.2))
    breath = float(rng.uniform(-22, 2) if supine else rng.uniform(-8, 12))
    dome = 217 * size + breath
    return Patient(
        sex=sex,
        age=age,
        view=view,
        size=size,
        lung_width=size * rng.uniform(128, 142) + (4 if supine else 0),
        lung_depth=size * rng.uniform(76, 92) + 8 * girth,
        dome_right=dome,
        dome_left=dome + rng.uniform(4, 18),
        dome_drop=rng.uniform(0.8, 1.2),
        heart=size * rng.uniform(0.9, 1.12) * (1.08 if supine else 1.0) + 0.0008 * (age - 50),
        heart_tilt=rng.uniform(28, 48) - 0.4 * breath * supine,
        mediastinum=size * rng.uniform(23, 29) * (1.08 if supine else 1.0) + 4 * girth,
        knob=size * rng.uniform(13, 16) + 0.06 * (age - 40),
        wall=14 + 12 * girth + rng.uniform(0, 5),
        fat=6 + 22 * girth**1.5 + (4 if sex == "F" else 0),
        breast=(rng.uniform(10, 30) + 32 * girth) if sex == "F" else 0.0,
        rotation=float(rng.normal(0, 3.0 if supine else 1.5)),
        rib_slope=rng.uniform(0.85, 1.15) * (0.92 if supine else 1.0),
        clavicle_rise=rng.uniform(14, 32) + (8 if supine else 0),
        shoulder=rng.uniform(-8, 10) + (-6 if supine else 8),
        arm_angle=rng.uniform(8, 30),
        mineral=float(np.clip(1.1 - 0.004 * (age - 40) + rng.normal(0, 0.06), 0.75, 1.2)),
        stomach_gas=float(rng.uniform(0, 1)),
        warp=int(rng.integers(2**31)),
    )
