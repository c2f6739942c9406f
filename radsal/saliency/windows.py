"""Where the windows of an occlusion lie, and which cell of the map each one stands for. No torch."""

from dataclasses import dataclass, replace

from radsal.core.errors import KnownError
from radsal.core.geometry import GridMapping
from radsal.saliency.sliding import Pair

SHARE = 8
"""The window's default side is this part of the input's shorter side, its stride half of that."""

COARSE = 3
"""One window of so many along each axis makes the sketch: about a tenth of the work."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Square windows over an input, each in the middle of a cell; the cells tile the input.

    Windows at the border hang over it and are cut off there, so that a corner has a cell of its
    own: what lies there, such as a label, is hit as well as what lies in the middle.

    Attributes
    ----------
    sides:
        (H, W) of the input.
    size, stride:
        Of the windows, in pixels of the input. A cell is a square of ``stride``.
    """

    sides: Pair
    size: int
    stride: int

    @classmethod
    def over(cls, sides: Pair, size: int, stride: int) -> "Windows":
        """Those windows, or the default ones where size or stride is 0.

        Raises
        ------
        KnownError
            Parts of the image would lie under no window.
        """
        size = size or max(min(sides) // SHARE, 1)
        stride = stride or max(size // 2, 1)
        if stride > size:
            raise KnownError(
                f"windows of {size} pixels every {stride} pixels leave gaps",
                code="option-impossible",
                remedy="Give a stride that is not larger than the window.",
            )
        return cls(sides, size, stride)

    @property
    def overhang(self) -> int:
        """By how much the first window begins before the input."""
        return (self.size - self.stride + 1) // 2

    @property
    def margin(self) -> float:
        """Where the first cell begins: at the border, or half a pixel before it."""
        return (self.size - self.stride) / 2 - self.overhang

    @property
    def grid(self) -> Pair:
        """(h, w), how many cells there are."""
        rows, columns = (int(-((self.margin - side) // self.stride)) for side in self.sides)
        return rows, columns

    @property
    def cells(self) -> list[Pair]:
        """Every cell, row by row."""
        rows, columns = self.grid
        return [(row, column) for row in range(rows) for column in range(columns)]

    @property
    def coarse_grid(self) -> Pair:
        """(h, w), how many coarse cells there are, of 3 x 3 cells each."""
        rows, columns = (len(_middles(count)) for count in self.grid)
        return rows, columns

    @property
    def coarse_cells(self) -> list[Pair]:
        """The cell in the middle of each coarse cell, row by row."""
        rows, columns = (_middles(count) for count in self.grid)
        return [(row, column) for row in rows for column in columns]

    def corner(self, cell: Pair) -> Pair:
        """The top left pixel of a cell's window; negative where the window hangs over."""
        return cell[0] * self.stride - self.overhang, cell[1] * self.stride - self.overhang

    def mapping(self, of_input: GridMapping) -> GridMapping:
        """Where the cells lie in the image, from where the input's pixels lie."""
        return self._within(of_input, self.stride, (self.margin, self.margin))

    def coarse_mapping(self, of_input: GridMapping) -> GridMapping:
        """Where the coarse cells lie in the image."""
        row, column = (self.margin + (_middles(n)[0] - 1) * self.stride for n in self.grid)
        return self._within(of_input, self.stride * COARSE, (row, column))

    def _within(self, of_input: GridMapping, side: int, first: tuple[float, float]) -> GridMapping:
        """Cells may lie over the border; beyond it the network saw nothing."""
        upright = self.sides[::-1] if of_input.transposed else self.sides
        return replace(of_input.within((side, side), first), reach=of_input.reached(upright))


def _middles(count: int) -> range:
    """The middles of coarse cells that cover so many cells, and at most one more on each side."""
    return range(0 if count % COARSE == 1 else 1, count, COARSE)
