"""From paths through tissue to a film: Beer-Lambert, scatter, blur, quanta, and the film's tones.

One effective energy of 60 keV stands for a filtered 120 kVp beam. Mass attenuation coefficients are
those of the NIST tables (Hubbell and Seltzer, NISTIR 5632) for ICRU-44 tissues and copper at 60 keV,
times density.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from radsal.demo.grid import Floats, Grid, Mask

#: Linear attenuation at 60 keV, per mm: mass coefficient (cm2/g) * density (g/cm3) / 10.
MU_PER_MM: Mapping[str, float] = {
    "fat": 0.1974 * 0.95 / 10,
    "soft": 0.2048 * 1.06 / 10,
    "lung": 0.2053 * 0.26 / 10,
    "cortical": 0.3148 * 1.92 / 10,
    "metal": 1.593 * 8.96 / 10,
    "spongy": (0.2048 * 0.95 + 0.3148 * 0.25) / 10,
}
#: Bone lies where soft tissue was counted, so it attenuates by what it has more.
_DISPLACES_SOFT = frozenset({"cortical", "spongy"})


@dataclass(frozen=True)
class Exposure:
    """How the film was taken and developed.

    ``quanta_per_mm2`` behind air, ``scatter`` scattered over primary fluence behind the grid,
    ``heel`` relative fall of the fluence down the film, ``gamma`` and
    ``shoulder`` the bend of the tone curve in the darks and in the lights,
    ``equalise`` share of the coarse contrast that the processing removes, ``edge`` gain of the
    fine contrast.
    """

    quanta_per_mm2: float
    scatter: float
    heel: float
    blur_mm: float
    gamma: float
    shoulder: float
    equalise: float
    edge: float
    floor: float
    ceiling: float


def sample_exposure(rng: np.random.Generator) -> Exposure:
    """Draw an exposure between a good PA film and a hazy portable one."""
    return Exposure(
        quanta_per_mm2=float(np.exp(rng.uniform(np.log(1.5e6), np.log(6e6)))),
        scatter=rng.uniform(0.15, 0.7),
        heel=rng.uniform(-0.15, 0.2),
        blur_mm=rng.uniform(0.16, 0.34),
        gamma=rng.uniform(0.95, 1.4),
        shoulder=rng.uniform(0.3, 1.8),
        equalise=rng.uniform(0.3, 0.6),
        edge=rng.uniform(0.2, 1.0),
        floor=rng.uniform(0.02, 0.10),
        ceiling=rng.uniform(0.86, 0.97),
    )


def line_integral(paths: Mapping[str, Floats]) -> Floats:
    """Attenuation along each ray: sum of mu * path (no unit). Bone replaces soft tissue."""
    total = np.zeros(next(iter(paths.values())).shape, dtype=np.float32)
    for tissue, path in paths.items():
        mu = MU_PER_MM[tissue] - (MU_PER_MM["soft"] if tissue in _DISPLACES_SOFT else 0.0)
        total += np.float32(mu) * path
    return total


def transmitted(integral: Floats) -> Floats:
    """Primary fluence behind the patient over that in air (Beer-Lambert), 0-1."""
    return np.asarray(np.exp(-integral), dtype=np.float32)


def fluence(integral: Floats, grid: Grid, exposure: Exposure) -> Floats:
    """Expected fluence on the detector relative to air: primary with its blur, plus scatter."""
    primary = transmitted(integral) * _heel(grid, exposure)
    sharp = gaussian_filter(primary, exposure.blur_mm / grid.spacing_mm)
    haze = coarse_blur(primary * np.minimum(integral, 6.0) / 3.0, 32.0 / grid.spacing_mm)
    return np.asarray(sharp + exposure.scatter * haze, dtype=np.float32)


def counted(expected: Floats, grid: Grid, exposure: Exposure, rng: np.random.Generator) -> Floats:
    """The fluence with Poisson noise and the blur of the phosphor."""
    per_pixel = exposure.quanta_per_mm2 * grid.spacing_mm**2
    mean = expected * per_pixel
    # Above some hundreds of quanta a Poisson count is a normal one, and much faster to draw.
    spread = np.sqrt(np.maximum(mean, 1.0)) * rng.standard_normal(mean.shape, dtype=np.float32)
    spread = gaussian_filter(spread, max(0.17 / grid.spacing_mm, 0.05))
    return np.asarray(np.maximum(mean + spread, 1.0) / per_pixel, dtype=np.float32)


def film(signal: Floats, exposed: Mask, grid: Grid, exposure: Exposure) -> Floats:
    """Logarithmic response and the tones of a film for presentation: 0 black (air) to 1 (bone)."""
    dense = -np.log(np.maximum(signal, 1e-6))
    coarse = coarse_blur(dense, 26.0 / grid.spacing_mm)
    fine = dense - gaussian_filter(dense, 1.6 / grid.spacing_mm)
    shown = (
        dense - exposure.equalise * (coarse - float(coarse[exposed].mean())) + exposure.edge * fine
    )
    tissue = exposed & (dense > 0.9)
    low, high = np.percentile(shown[tissue if tissue.any() else exposed], [1.0, 99.3])
    t = (shown - low) / max(float(high - low), 1e-3)
    return np.asarray(_tone(t, exposure) * exposed, dtype=np.float32)


def _tone(t: Floats, exposure: Exposure) -> Floats:
    """S-shaped curve: a toe for air, nearly straight for lung to bone, a shoulder above."""
    low, high = exposure.floor + 0.07, exposure.ceiling
    c = exposure.shoulder
    bent = (1 - np.exp(-c * np.clip(t, 0, None) ** exposure.gamma)) / (1 - np.exp(-c))
    straight = low + (high - low) * bent
    toe = low * np.exp(np.minimum(t, 0) * 4.0)
    value = np.where(t > 0, straight, toe)
    return np.asarray(
        np.where(value > high, high + (1 - high) * np.tanh((value - high) / (1 - high)), value),
        dtype=np.float32,
    )


def coarse_blur(image: Floats, sigma: float) -> Floats:
    """A Gaussian blur so wide that a smaller image carries it; ``sigma`` in pixels."""
    step = max(int(sigma / 4), 1)
    if step == 1:
        return np.asarray(gaussian_filter(image, sigma, mode="nearest"), dtype=np.float32)
    rows, columns = image.shape
    padded = np.pad(image, ((0, -rows % step), (0, -columns % step)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // step, step, padded.shape[1] // step, step)
    small = gaussian_filter(blocks.mean(axis=(1, 3)), sigma / step, mode="nearest")
    large = zoom(small, step, order=1, mode="nearest", grid_mode=True)
    return np.asarray(large[:rows, :columns], dtype=np.float32)


def _heel(grid: Grid, exposure: Exposure) -> Floats:
    """Heel effect down the film and the inverse square law from a focus 1.8 m away."""
    x = (grid.x - float(grid.x.mean())) / 1800.0
    z = (grid.z - float(grid.z.mean())) / 1800.0
    slope = 1 - exposure.heel * z * 1800.0 / 400.0
    return np.asarray(slope / (1 + x * x + z * z), dtype=np.float32)
