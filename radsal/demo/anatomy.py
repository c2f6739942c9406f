"""A patient projected onto a detector: the path through each tissue behind every pixel.

Anatomy depends on the seed and the grid only. Lesions, tags and noise are laid on later, so one
projection serves many radiographs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import fft

from radsal.demo.devices import ecg_leads
from radsal.demo.grid import Floats, Grid, Mask
from radsal.demo.patient import Patient
from radsal.demo.skeleton import make_skeleton
from radsal.demo.thorax import make_thorax
from radsal.demo.tubes import thickness
from radsal.demo.vessels import airways, pulmonary_vessels


@dataclass(frozen=True)
class Projection:
    """Paths in mm, float32 ``(rows, columns)``, by tissue: see :data:`radsal.demo.xray.MU_PER_MM`.

    ``chest`` is the path through the inside of the rib cage, ``lung`` through air-holding lung
    before any lesion. ``lungs`` marks the visible lung fields (beside the heart, above the domes).
    """

    patient: Patient
    grid: Grid
    paths: Mapping[str, Floats]
    chest: Floats
    lung: Floats
    lungs: Mask
    heart: Mask
    body: Mask
    device: Mask


def project(patient: Patient, grid: Grid, rng: np.random.Generator) -> Projection:
    """Arrange the body on the grid and integrate each tissue along the beam."""
    thorax = make_thorax(patient, grid)
    bones = make_skeleton(patient, grid, rng)
    blood = thickness(pulmonary_vessels(patient, rng), grid)
    interstitium = _texture(grid, rng) * thorax.lung
    filled = np.clip(blood + interstitium, 0, thorax.lung)
    wind = np.clip(thickness(airways(patient), grid), 0, 0.95 * thorax.lean)
    inside = thorax.body > 0
    lung = thorax.lung * inside
    fat = np.maximum(thorax.body - thorax.lean, 0) + 0.6 * thorax.breast
    soft = np.maximum(thorax.lean - lung, 0) + filled - wind - thorax.gas + 0.4 * thorax.breast
    metal = ecg_leads(patient, grid, rng)
    paths = {
        "fat": fat,
        "soft": np.maximum(soft, 0),
        "lung": lung - filled,
        "cortical": bones.cortical * inside,
        "spongy": bones.spongy * inside,
        "metal": metal,
    }
    return Projection(
        patient=patient,
        grid=grid,
        paths=paths,
        chest=thorax.chest,
        lung=lung,
        lungs=thorax.lung_field & inside,
        heart=thorax.heart & inside,
        body=inside,
        device=metal > 0.05,
    )


def _texture(grid: Grid, rng: np.random.Generator) -> Floats:
    """Share of the lung that is interstitium and small vessels: 1/f noise from 3 mm to 25 mm."""
    return np.asarray(
        0.028 * np.clip(1 + 0.8 * noise(grid, rng, 3.0, 25.0), 0, 4), dtype=np.float32
    )


def noise(
    grid: Grid, rng: np.random.Generator, finest_mm: float, coarsest_mm: float, slope: float = 1.3
) -> Floats:
    """Random field of unit spread with a power-law spectrum between two wavelengths."""
    white = rng.standard_normal(grid.shape, dtype=np.float32)
    across = fft.rfftfreq(grid.columns, grid.spacing_mm)[None, :]
    frequency = np.hypot(fft.fftfreq(grid.rows, grid.spacing_mm)[:, None], across)
    band = np.exp(-((frequency * finest_mm) ** 2)) / (frequency + 1 / coarsest_mm) ** slope
    band[0, 0] = 0
    field = fft.irfft2(fft.rfft2(white) * band.astype(np.float32), s=grid.shape)
    return np.asarray(field / max(float(field.std()), 1e-9), dtype=np.float32)
