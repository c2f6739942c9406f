"""Which outputs of a convolution or pooling a part of its input reaches, and what they look at.

Rectangles are pairs along (rows, columns); those of one batch have the same size, so that they
can be computed together: where one would hang over the border it is moved inside instead.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Pair = tuple[int, int]
Corners = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Sliding:
    """How a kernel moves over a map, along (rows, columns)."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair

    @property
    def reach(self) -> Pair:
        """From the first to the last input that one output looks at."""
        (rows, columns), (d, e) = self.kernel, self.dilation
        return (rows - 1) * d, (columns - 1) * e

    def outputs(self, sides: Pair) -> Pair:
        """Shape of the output of a map."""
        (r, c), (p, q), (s, t) = self.reach, self.padding, self.stride
        return (sides[0] + 2 * p - r - 1) // s + 1, (sides[1] + 2 * q - c - 1) // t + 1

    def touched(self, frame: Pair, sides: Pair) -> Pair:
        """The most outputs, of a map of ``sides``, that look into a rectangle of the input."""
        (r, c), (s, t) = self.reach, self.stride
        return (
            min((frame[0] - 1 + r) // s + 1, sides[0]),
            min((frame[1] - 1 + c) // t + 1, sides[1]),
        )

    def first(self, corner: Pair) -> Pair:
        """The first output that looks at a corner, which may lie beyond the border."""
        (r, c), (p, q), (s, t) = self.reach, self.padding, self.stride
        return -((r - p - corner[0]) // s), -((c - q - corner[1]) // t)

    def looked_at(self, corner: Pair) -> Pair:
        """The first input of an output, on the padded map."""
        return corner[0] * self.stride[0], corner[1] * self.stride[1]

    def extent(self, frame: Pair) -> Pair:
        """How much of the input a rectangle of outputs looks at."""
        (r, c), (s, t) = self.reach, self.stride
        return (frame[0] - 1) * s + r + 1, (frame[1] - 1) * t + c + 1


def inside(corners: Iterable[Pair], frame: Pair, sides: Pair) -> Corners:
    """Corners of rectangles that are moved inside the map where they hang over."""
    most_r, most_c = sides[0] - frame[0], sides[1] - frame[1]
    return tuple((min(max(r, 0), most_r), min(max(c, 0), most_c)) for r, c in corners)


def shared_frame(given: Sequence[tuple[Corners, Pair]], sides: Pair) -> tuple[Corners, Pair]:
    """Rectangles of one size that hold, for each input of a batch, those of several maps.

    Parameters
    ----------
    given:
        For each map the corners of its rectangles, one for each input, and their size.
    """
    axes = []
    for axis in (0, 1):
        firsts = [min(places) for places in zip(*(_along(c, axis) for c, _ in given), strict=True)]
        ends = [max(places) for places in zip(*_ends(given, axis), strict=True)]
        axes.append((firsts, max(end - first for first, end in zip(firsts, ends, strict=True))))
    (rows, h), (columns, w) = axes
    return inside(zip(rows, columns, strict=True), (h, w), sides), (h, w)


def _along(corners: Corners, axis: int) -> list[int]:
    return [corner[axis] for corner in corners]


def _ends(given: Sequence[tuple[Corners, Pair]], axis: int) -> list[list[int]]:
    return [[start + size[axis] for start in _along(corners, axis)] for corners, size in given]
