"""What lies under the mouse."""

from dataclasses import dataclass

import numpy as np

from radsal.app.viewer.values import modality_value
from radsal.core.radiograph import Radiograph
from radsal.core.results import SaliencyMap


@dataclass(frozen=True, slots=True)
class Hover:
    """One image pixel (row and column from 0) and its values; ``map_value`` is raw, or None."""

    row: int
    column: int
    stored: int
    value: float
    map_value: float | None


def hover_at(
    radiograph: Radiograph, saliency: SaliencyMap | None, point: tuple[float, float]
) -> Hover | None:
    """The pixel that an image point lies in; None outside of the film."""
    row, column = int(np.floor(point[0])), int(np.floor(point[1]))
    if not (0 <= row < radiograph.shape[0] and 0 <= column < radiograph.shape[1]):
        return None
    stored = int(radiograph.stored[row, column])
    heat = None
    if saliency is not None:
        at = saliency.mapping.sample(
            saliency.values, np.array([row + 0.5]), np.array([column + 0.5])
        )
        heat = float(at[0, 0])
    return Hover(row, column, stored, modality_value(radiograph.chain, stored), heat)
