"""The pointing game: how often the strongest point of a map lies in a box that a reader drew.

Zhang et al., IJCV 2018, without the tolerance of 15 pixels. A rate means something only beside what
a blind finger reaches, so that the baselines come with it. Knows no torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from radsal.core.geometry import Box
from radsal.core.results import MapStatus, SaliencyMap

Point = tuple[float, float]
Boxes = Sequence[Box]
_BLUR = 1 / 64


def strongest(saliency: SaliencyMap, shape: tuple[int, int]) -> Point | None:
    """The pixel centre, (row, column), with the highest value; None for a map not to be read."""
    if saliency.status is not MapStatus.OK:
        return None
    return _highest(saliency.mapping.resample(saliency.values, shape))


def brightest(pixels: NDArray[np.float32]) -> Point:
    """The brightest place of a film, (row, column), blurred by 1/64 of its longer side."""
    return _highest(gaussian_filter(pixels, max(pixels.shape) * _BLUR))


def centre(shape: tuple[int, int]) -> Point:
    """The middle of the film."""
    return shape[0] / 2, shape[1] / 2


def best_places(boxes: Sequence[Boxes], shape: tuple[int, int]) -> list[Point]:
    """For each film, the place that lies in the boxes of most of the other films.

    A strong finger that never looks: it knows where opacities usually lie. Of many such places
    their middle is taken, or the one nearest to it.
    """
    covers = np.stack([_covered(own, shape) for own in boxes])
    total = covers.sum(0, dtype=np.int32)
    return [_middle_of_highest(total - cover) for cover in covers]


def covered_share(boxes: Boxes, shape: tuple[int, int]) -> float:
    """Share of the film inside the boxes: how often a random point hits."""
    return float(_covered(boxes, shape).mean())


def hits(point: Point | None, boxes: Boxes) -> bool:
    """Whether a point lies in one of the boxes."""
    return point is not None and any(
        box.r0 <= point[0] < box.r1 and box.c0 <= point[1] < box.c1 for box in boxes
    )


def near_edge(point: Point | None, shape: tuple[int, int], part: float = 1 / 7) -> bool:
    """Whether a point lies in the outermost seventh of the film along one of its edges."""
    return point is not None and any(
        not side * part <= value <= side * (1 - part)
        for value, side in zip(point, shape, strict=True)
    )


def _covered(boxes: Boxes, shape: tuple[int, int]) -> NDArray[np.bool_]:
    out = np.zeros(shape, dtype=np.bool_)
    for box in boxes:
        out[box.r0 : box.r1, box.c0 : box.c1] = True
    return out


def _highest(values: NDArray[np.float32]) -> Point:
    row, column = np.unravel_index(int(np.argmax(values)), values.shape)
    return float(row) + 0.5, float(column) + 0.5


def _middle_of_highest(values: NDArray[np.int32]) -> Point:
    places = np.argwhere(values == values.max())
    nearest = np.argmin(((places - places.mean(0)) ** 2).sum(1))
    row, column = places[nearest]
    return float(row) + 0.5, float(column) + 0.5
