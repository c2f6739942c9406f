"""Where the detector's pixels lie in the patient's millimetres."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """A detector of square pixels perpendicular to the beam.

    ``left_mm`` and ``top_mm`` are the outer edges of pixel (0, 0); x grows with the column and z
    with the row.
    """

    rows: int
    columns: int
    spacing_mm: float
    left_mm: float
    top_mm: float

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1 or self.spacing_mm <= 0:
            raise ValueError(f"not a detector: {self}")

    @property
    def shape(self) -> tuple[int, int]:
        """``(rows, columns)``."""
        return self.rows, self.columns

    @property
    def x(self) -> Floats:
        """Pixel centres, float32 ``(1, columns)``, mm."""
        steps = np.arange(self.columns, dtype=np.float32) + 0.5
        return (self.left_mm + self.spacing_mm * steps).astype(np.float32)[None, :]

    @property
    def z(self) -> Floats:
        """Pixel centres, float32 ``(rows, 1)``, mm."""
        steps = np.arange(self.rows, dtype=np.float32) + 0.5
        return (self.top_mm + self.spacing_mm * steps).astype(np.float32)[:, None]

    def zeros(self) -> Floats:
        """A float32 image of zeros."""
        return np.zeros(self.shape, dtype=np.float32)


def smooth_step(low: float, high: float, value: Floats) -> Floats:
    """Cubic 0-1 ramp between ``low`` and ``high`` (either order)."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)
