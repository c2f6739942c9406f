"""ECG electrodes and their wires, which lie on many a portable film."""

from __future__ import annotations

import numpy as np

from radsal.demo.grid import Floats, Grid
from radsal.demo.patient import Patient
from radsal.demo.tubes import Points, Tubes, along, joined, thickness

_WIRE_RADIUS_MM = 0.4
_SPOTS = ((-0.62, 45.0), (0.62, 45.0), (-0.78, 205.0), (0.78, 205.0), (0.15, 120.0))


def ecg_leads(patient: Patient, grid: Grid, rng: np.random.Generator) -> Floats:
    """Path through the metal of wires and snaps, float32 mm; all zero on most PA films."""
    leads = [_lead(patient, spot, rng) for spot in _SPOTS if rng.random() < 0.75]
    if not leads or rng.random() > (0.55 if patient.view == "AP" else 0.06):
        return grid.zeros()
    return np.maximum(thickness(joined(leads), grid), 0)


def _lead(patient: Patient, spot: tuple[float, float], rng: np.random.Generator) -> Tubes:
    """A snap (a small ring with a knob) and a wire that wanders off the film."""
    x = spot[0] * patient.lung_width + rng.normal(0, 14)
    start = np.array([x, -120.0, spot[1] + rng.normal(0, 16)])
    side = float(np.sign(x) or 1.0)
    end = np.array([side * rng.uniform(110, 230), -120.0, rng.choice([-110.0, 340.0])])
    wire = along(_wander(start, end, rng), _WIRE_RADIUS_MM, 0.8)
    angle = np.linspace(0, 2 * np.pi, 25)[:, None]
    ring = start + 4.0 * (np.cos(angle) * [1, 0, 0] + np.sin(angle) * [0, 0, 1])
    knob = np.stack([start, start + np.array([0.0, 0.0, 0.6])])
    return joined([wire, along(ring, 1.1, 0.35), along(knob, 1.9, 0.8)])


def _wander(start: Points, end: Points, rng: np.random.Generator) -> Points:
    """A smooth loose line between two points: straight plus a few slow waves."""
    t = np.linspace(0, 1, 80)[:, None]
    line = start + (end - start) * t
    for harmonic in (1, 2, 3):
        line = line + rng.normal(0, 22 / harmonic, 3) * np.sin(harmonic * np.pi * t)
    return np.asarray(line)
