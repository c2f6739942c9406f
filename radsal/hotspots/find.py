"""From a map to its hot spots.

The rule: the map's positive part is upsampled bilinearly to working pixels, a whole number of them
in each cell of its grid. The smallest set of highest values that holds ``mass`` of the positive
mass is taken, and falls into connected regions (working pixels that share an edge). A region that
holds less than ``minimum_share`` of the positive mass is left out. The contour of a region is the
line at the threshold round it; its peak is the centre of the native cell with its highest value, or
the middle of the highest working pixel where that cell's centre lies outside the region. Regions
are ranked by their share of the positive mass; regions with the same share by their place, top left
first.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from radsal.core.geometry import Box, GridMapping
from radsal.core.identity import ImageIdentity, ModelIdentity
from radsal.core.results import HotSpot, MapStatus, SaliencyMap
from radsal.hotspots.contours import Line, outline, simplify
from radsal.hotspots.parameters import HotSpotParameters
from radsal.hotspots.surface import Surface, threshold, upsample

DEFAULT = HotSpotParameters()

SHARED_EDGES = ndimage.generate_binary_structure(2, 1)

Parameters = Mapping[str, float | int | str | bool]


def find_hot_spots(
    saliency: SaliencyMap,
    image_shape: tuple[int, int],
    *,
    image: ImageIdentity,
    model: ModelIdentity,
    parameters: HotSpotParameters = DEFAULT,
    method_parameters: Parameters | None = None,
) -> tuple[HotSpot, ...]:
    """Hot spots of one map, the one with the largest share first.

    Parameters
    ----------
    image_shape:
        (rows, columns).
    method_parameters:
        What the map itself depends on; part of the ids.

    Returns
    -------
    Nothing for a map that is empty or failed.
    """
    if saliency.status is not MapStatus.OK:
        return ()
    surface = upsample(saliency, image_shape, parameters.working_size)
    if surface is None:
        return ()
    name = _Naming(saliency, image, model, {**parameters.plain(), **(method_parameters or {})})
    spots: list[HotSpot] = []
    for region in _largest(surface, parameters):
        rows, columns = (lines.at[w] for lines, w in zip(surface.axes, region.window, strict=True))
        line, area = outline(region.values, rows, columns, region.level)
        if area <= 0:
            continue
        peak, cell = _peak(saliency, surface, region)
        spots.append(
            HotSpot(
                id=name.of(cell),
                finding=saliency.finding,
                method=saliency.method,
                rank=len(spots) + 1,
                peak=peak,
                box=_box(line, image_shape),
                contour=_drawn(line, image_shape, parameters.most_points),
                share=region.share,
                area=area,
            )
        )
    return tuple(spots)


@dataclass(frozen=True, slots=True, eq=False)
class _Region:
    """A connected region with the lower values round it.

    Attributes
    ----------
    window:
        Of the surface: rows and columns.
    values:
        float32, the surface in that window, with zeros in place of other regions.
    level:
        That it lies above.
    """

    window: tuple[slice, slice]
    values: NDArray[np.float32]
    share: float
    level: float


def _largest(surface: Surface, parameters: HotSpotParameters) -> list[_Region]:
    """Regions by share, cut off at the smallest share and at the largest number."""
    level = threshold(surface.values, surface.masses, parameters.mass)
    if level <= 0:
        return []
    labels, count = ndimage.label(surface.values >= level, SHARED_EDGES)
    held = np.bincount(labels.ravel(), surface.masses.ravel(), count + 1)
    shares = held[1:] / held.sum()
    order = np.argsort(-shares, kind="stable")[: parameters.most]
    kept = [int(i) for i in order if shares[i] >= parameters.minimum_share]
    boxes = ndimage.find_objects(labels)
    regions = []
    for i in kept:
        window = _one_wider(boxes[i])
        around, number = labels[window], i + 1
        values = np.where((around == number) | (around == 0), surface.values[window], 0)
        regions.append(_Region(window, values, float(shares[i]), level))
    return regions


def _one_wider(box: tuple[slice, slice]) -> tuple[slice, slice]:
    """A window with a line more on every side; a surface's outermost lines are in no region."""
    rows, columns = box
    return slice(rows.start - 1, rows.stop + 1), slice(columns.start - 1, columns.stop + 1)


def _peak(
    saliency: SaliencyMap, surface: Surface, region: _Region
) -> tuple[tuple[float, float], tuple[int, int]]:
    """The peak in image pixels, and its native cell (row, column) with rows along image rows."""
    r0, c0 = (part.start for part in region.window)
    i, j = divmod(int(region.values.argmax()), region.values.shape[1])
    point = float(surface.rows.at[r0 + i]), float(surface.columns.at[c0 + j])
    cell = _cell(saliency.mapping, saliency.grid, point)
    centre = _centre(saliency.mapping, cell)
    a, b = surface.rows.pixel(centre[0]) - r0, surface.columns.pixel(centre[1]) - c0
    h, w = region.values.shape
    within = 0 <= a < h and 0 <= b < w and bool(region.values[a, b] >= region.level)
    return (centre if within else point), cell


def _cell(
    mapping: GridMapping, grid: tuple[int, int], point: tuple[float, float]
) -> tuple[int, int]:
    """The native cell that an image point lies in."""
    row = floor((point[0] - mapping.row_offset) / mapping.row_scale)
    column = floor((point[1] - mapping.column_offset) / mapping.column_scale)
    return min(max(row, 0), grid[0] - 1), min(max(column, 0), grid[1] - 1)


def _centre(mapping: GridMapping, cell: tuple[int, int]) -> tuple[float, float]:
    """Image point of a native cell's centre."""
    return (
        mapping.row_scale * (cell[0] + 0.5) + mapping.row_offset,
        mapping.column_scale * (cell[1] + 0.5) + mapping.column_offset,
    )


def _box(line: Line, image: tuple[int, int]) -> Box:
    """The smallest box of whole pixels round a contour, within the image."""
    (r0, c0), (r1, c1) = line.min(0), line.max(0)
    top, left = min(max(floor(r0), 0), image[0] - 1), min(max(floor(c0), 0), image[1] - 1)
    bottom, right = min(ceil(r1), image[0]), min(ceil(c1), image[1])
    return Box(top, left, max(bottom, top + 1), max(right, left + 1))


def _drawn(line: Line, image: tuple[int, int], most: int) -> NDArray[np.float32]:
    """The contour as it is kept: within the image, exact to a 2048th of its longer side."""
    simple = simplify(line, max(image) / 2048, most)
    return np.clip(simple, 0, image).astype(np.float32)


class _Naming:
    """Stable ids: SHA-256 over what a hot spot belongs to and its peak cell, 12 digits."""

    def __init__(
        self,
        saliency: SaliencyMap,
        image: ImageIdentity,
        model: ModelIdentity,
        parameters: Parameters,
    ) -> None:
        self._belongs = {
            "image": [image.sop_instance_uid, image.frame, image.pixel_sha256],
            "model": model.sha256,
            "finding": saliency.finding,
            "method": saliency.method,
            "parameters": dict(parameters),
        }
        self._given: set[str] = set()

    def of(self, cell: tuple[int, int]) -> str:
        """The id of the region that peaks in a native cell; a second one there gets its own."""
        name = next(name for name in self._names(cell) if name not in self._given)
        self._given.add(name)
        return name

    def _names(self, cell: tuple[int, int]) -> Iterator[str]:
        for nth in range(1 << 16):
            content = {**self._belongs, "cell": list(cell), **({"nth": nth} if nth else {})}
            text = json.dumps(content, sort_keys=True, separators=(",", ":"))
            yield hashlib.sha256(text.encode()).hexdigest()[:12]
