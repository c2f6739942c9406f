"""A region of an image: any set of pixels, held as a mask in its smallest box."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.errors import KnownError
from radsal.core.geometry import Box


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Pixels of an image.

    Attributes
    ----------
    box:
        The smallest box round them.
    mask:
        bool, shape of the box, read only; at least one pixel.
    image:
        (rows, columns) of the image that they belong to.
    """

    box: Box
    mask: NDArray[np.bool_]
    image: tuple[int, int]

    def __post_init__(self) -> None:
        box, (rows, columns) = self.box, self.image
        if self.mask.shape != (box.r1 - box.r0, box.c1 - box.c0) or self.mask.dtype != np.bool_:
            raise ValueError("a region's mask is bool and has the shape of its box")
        if box.r0 < 0 or box.c0 < 0 or box.r1 > rows or box.c1 > columns or not self.mask.any():
            raise ValueError("a region lies within its image and is not empty")
        self.mask.setflags(write=False)

    @classmethod
    def of_box(cls, box: Box, image: tuple[int, int]) -> "Region":
        """All pixels of a box. Raises KnownError where it reaches out of the image."""
        if box.r0 < 0 or box.c0 < 0 or box.r1 > image[0] or box.c1 > image[1]:
            raise KnownError(
                f"the box {box.as_list()} does not lie in an image of {image[0]} x {image[1]}",
                code="region-outside",
                remedy="Give R0,C0,R1,C1 in image pixels, rows first, half open.",
            )
        return cls(box, np.ones((box.r1 - box.r0, box.c1 - box.c0), np.bool_), image)

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> "Region":
        """The true pixels of a mask over the whole image. Raises KnownError where there is none."""
        rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
        if not rows.size:
            raise KnownError("the region has no pixel", code="region-empty")
        box = Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
        part = np.array(mask[box.r0 : box.r1, box.c0 : box.c1], dtype=np.bool_)
        return cls(box, part, (mask.shape[0], mask.shape[1]))

    @classmethod
    def of_contour(cls, contour: NDArray[np.float32], image: tuple[int, int]) -> "Region":
        """Pixels whose centre lies inside a closed polygon of (row, column), edge coordinates.

        Raises
        ------
        KnownError
            No pixel's centre does.
        """
        mask = np.zeros(image, np.bool_)
        low = np.clip(np.floor(contour.min(0)).astype(int), 0, image)
        high = np.clip(np.ceil(contour.max(0)).astype(int), 0, image)
        rows, columns = (np.arange(a, b) + 0.5 for a, b in zip(low, high, strict=True))
        mask[low[0] : high[0], low[1] : high[1]] = _inside(contour, rows, columns)
        return cls.of_mask(mask)

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.mask))

    def whole(self) -> NDArray[np.bool_]:
        """The region as a mask over the image: bool, (rows, columns)."""
        mask = np.zeros(self.image, np.bool_)
        mask[self.box.r0 : self.box.r1, self.box.c0 : self.box.c1] = self.mask
        return mask

    def moved(self, rows: int, columns: int) -> "Region":
        """The same shape elsewhere in the image."""
        box = self.box
        there = Box(box.r0 + rows, box.c0 + columns, box.r1 + rows, box.c1 + columns)
        return Region(there, self.mask, self.image)


def _inside(
    contour: NDArray[np.float32], rows: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Even-odd rule at ``rows x columns``: how often a ray along the row meets the polygon."""
    points = contour.astype(np.float64)
    start, end = points[:-1], points[1:]
    odd = np.zeros((rows.size, columns.size), np.bool_)
    for i, row in enumerate(rows):
        crossed = (start[:, 0] <= row) != (end[:, 0] <= row)
        a, b = start[crossed], end[crossed]
        at = np.sort(a[:, 1] + (row - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))
        odd[i] = np.searchsorted(at, columns) % 2 == 1
    return odd
