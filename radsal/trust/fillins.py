"""What stands in an erased region: several ways, because each leaves traces of its own.

A network may react to the trace instead of to what is missing. That is why there are several
fill-ins, why the control regions are filled in the same way, and why a plain dark patch, which no
radiograph has, is marked as out of distribution.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from radsal.core.erasure import USUAL, fill_in_named
from radsal.core.geometry import Box
from radsal.trust.membrane import biharmonic, harmonic
from radsal.trust.regions import Region

Image = NDArray[np.float32]
Work = Callable[[NDArray[np.float64], NDArray[np.bool_], Image, Box], NDArray[np.float64]]
_MARGIN = 12  # pixels round a region that its filling may look at, at least
_RING = 3  # pixels round a region that a copied patch must fit to
_TRIES = 64  # places that a patch may come from


def fill_in(image: Image, region: Region, how: str = USUAL) -> Image:
    """The image with a region filled in.

    Parameters
    ----------
    image:
        float32, (rows, columns). Not changed.

    Returns
    -------
    float32, (rows, columns), different from the image in the region only. Values stay within
    those of the image.
    """
    filled = image.copy()
    box, crop = patch(image, region, how)
    filled[box.r0 : box.r1, box.c0 : box.c1] = crop
    return filled


def patch(image: Image, region: Region, how: str) -> tuple[Box, Image]:
    """The part of :func:`fill_in` round the region, and where it lies."""
    work = WORK[fill_in_named(how).name]
    box = _around(region)
    crop = image[box.r0 : box.r1, box.c0 : box.c1]
    hole = np.zeros(crop.shape, np.bool_)
    top, left = region.box.r0 - box.r0, region.box.c0 - box.c0
    h, w = region.mask.shape
    hole[top : top + h, left : left + w] = region.mask
    values = work(crop.astype(np.float64), hole, image, box)
    bounded = np.clip(values, float(image.min()), float(image.max()))
    return box, np.where(hole, bounded, crop).astype(np.float32)


def _around(region: Region) -> Box:
    """The region's box with a margin, within the image."""
    box, (rows, columns) = region.box, region.image
    margin = max(_MARGIN, max(region.mask.shape) // 4)
    return Box(
        max(box.r0 - margin, 0),
        max(box.c0 - margin, 0),
        min(box.r1 + margin, rows),
        min(box.c1 + margin, columns),
    )


def _diffusion(
    crop: NDArray[np.float64], hole: NDArray[np.bool_], _image: Image, _box: Box
) -> NDArray[np.float64]:
    """Surrounding values spread inwards."""
    return harmonic(crop, hole)


def _thin_plate(
    crop: NDArray[np.float64], hole: NDArray[np.bool_], _image: Image, _box: Box
) -> NDArray[np.float64]:
    """The surface that bends least."""
    return biharmonic(crop, hole)


def _copied(
    crop: NDArray[np.float64], hole: NDArray[np.bool_], image: Image, box: Box
) -> NDArray[np.float64]:
    """A patch from nearby whose surroundings fit best, its values shifted to meet the border.

    The shift is a membrane (Pérez et al., SIGGRAPH 2003, membrane interpolation). Where no place
    of the image has room for the patch, the surrounding values are spread inwards.
    """
    ring = ndimage.binary_dilation(hole, iterations=_RING) & ~hole
    best: tuple[float, NDArray[np.float64]] | None = None
    points = np.argwhere(ring)
    points = points[:: max(len(points) // 400, 1)]
    wanted = crop[points[:, 0], points[:, 1]]
    for r, c in _places(box, image.shape, hole):
        there = image[r + points[:, 0], c + points[:, 1]]
        shift = there - there.mean() - (wanted - wanted.mean())
        cost = float(np.mean(shift**2))
        if best is None or cost < best[0]:
            h, w = crop.shape
            best = cost, image[r : r + h, c : c + w].astype(np.float64)
    if best is None:
        return harmonic(crop, hole)
    return best[1] + harmonic(crop - best[1], hole)


def _places(box: Box, shape: tuple[int, ...], hole: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Corners for the crop elsewhere, the nearest first, where it does not meet the hole."""
    h, w = hole.shape
    rows, columns = (np.flatnonzero(hole.any(axis)) for axis in (1, 0))
    size = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    step = max(size[0] // 2, 4), max(size[1] // 2, 4)
    found = []
    for i in range(-8, 9):
        for j in range(-8, 9):
            down, right = i * step[0], j * step[1]
            r, c = box.r0 + down, box.c0 + right
            apart = abs(down) >= size[0] or abs(right) >= size[1]
            if apart and 0 <= r <= shape[0] - h and 0 <= c <= shape[1] - w:
                found.append((down * down + right * right, r, c))
    return [(r, c) for _, r, c in sorted(found)[:_TRIES]]


def _blurred(
    crop: NDArray[np.float64], hole: NDArray[np.bool_], _image: Image, _box: Box
) -> NDArray[np.float64]:
    """The image itself, so blurred that nothing in the region can be told apart."""
    depth = float(ndimage.distance_transform_edt(np.pad(hole, 1)).max())
    blurred = crop
    for _ in range(
        3
    ):  # three means in a row are a Gaussian, at a cost that its width does not change
        blurred = ndimage.uniform_filter(blurred, 2 * int(max(depth, 2.0)) + 1, mode="nearest")
    return blurred


def _zero(
    crop: NDArray[np.float64], _hole: NDArray[np.bool_], image: Image, _box: Box
) -> NDArray[np.float64]:
    """The darkest value of the image."""
    return np.full_like(crop, float(image.min()))


WORK: Mapping[str, Work] = {
    "diffusion": _diffusion,
    "biharmonic": _thin_plate,
    "patch": _copied,
    "blur": _blurred,
    "zero": _zero,
}
"""From a crop of the image (float64) and the hole in it to the crop with the hole filled; with the
whole image and the crop's box for those that look further. One for each of the fill-ins."""
