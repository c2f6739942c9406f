"""What lies under the mouse."""

from dataclasses import dataclass

import numpy as np

from radsal.app.viewer.values import modality_value
from radsal.core.radiograph import Radiograph
from radsal.core.results import SaliencyMap


@dataclass(frozen=True, slots=True)
class Hover:
    """One image pixel and what it holds.

    Attributes
    ----------
    row, column:
        Of the image as stored, from 0.
    stored, value:
        The stored value, and the same after the modality stage; None of a colour image.
    map_value:
        The map's raw value, None without a map.
    colour:
        Red, green and blue of a colour image, 0 to 255.
    """

    row: int
    column: int
    stored: int | None
    value: float | None
    map_value: float | None
    colour: tuple[int, int, int] | None = None


def hover_at(
    radiograph: Radiograph, saliency: SaliencyMap | None, point: tuple[float, float]
) -> Hover | None:
    """The pixel that an image point lies in; None outside of the film."""
    row, column = int(np.floor(point[0])), int(np.floor(point[1]))
    if not (0 <= row < radiograph.shape[0] and 0 <= column < radiograph.shape[1]):
        return None
    heat = None if saliency is None else _map_value(saliency, row, column)
    if radiograph.is_colour:
        red, green, blue = (int(level) for level in radiograph.stored[row, column])
        return Hover(row, column, None, None, heat, (red, green, blue))
    stored = int(radiograph.stored[row, column])
    return Hover(row, column, stored, modality_value(radiograph.chain, stored), heat)


def _map_value(saliency: SaliencyMap, row: int, column: int) -> float:
    middle = np.array([row + 0.5]), np.array([column + 0.5])
    return float(saliency.mapping.sample(saliency.values, *middle)[0, 0])
