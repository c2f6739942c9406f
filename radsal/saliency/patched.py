"""A batch of inputs that differ from one input in a small part each, sent through a network.

What a convolution makes of such an input differs from what it makes of the original only around
that part. A :class:`Patched` is given to a module in place of a tensor and holds the parts alone:
convolutions and poolings take what lies around a part from the original, everything that works
place by place is done on the parts. At the first function that looks at the whole map (pooling
over all of it, attention), or once the parts are most of it, it becomes the plain batch and the
network goes on as usual. Nothing is approximated, and nothing of the module is touched.

The idea is Krypton's: Nakandala, Kumar and Papakonstantinou, SIGMOD 2019.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from radsal.saliency.sliding import Corners, Pair, Sliding, inside, shared_frame

MOST = 0.5
"""Share of a map above which the whole map is computed: moving parts about costs too."""

Function = Callable[..., Any]


class Original:
    """What is taken from the original's maps on the way, in the order in which it is asked for.

    The first run through the network records it, later ones with other parts read it: they run
    through the same functions.
    """

    def __init__(self) -> None:
        self._kept: list[Tensor] = []
        self._at = 0
        self.complete = False

    def rewind(self) -> None:
        """Before a run. What a run that failed has recorded is forgotten."""
        self._at = 0
        if not self.complete:
            self._kept.clear()

    def take(self, make: Callable[[], Tensor]) -> Tensor:
        """The next one."""
        if not self.complete:
            self._kept.append(make())
        self._at += 1
        return self._kept[self._at - 1]


class Patched:
    """Maps (B, C, H, W) that differ from one map within a rectangle each.

    Attributes
    ----------
    base:
        (1, C, H, W), the original's map; None where the originals are recorded.
    parts:
        (B, C, h, w), what lies in the rectangles.
    corners:
        (row, column) of the top left cell of each rectangle, which lies within the map.
    sides:
        (H, W).
    """

    known: ClassVar[dict[Function, Function]] = {}
    """What to do at a function of torch; it says NotImplemented where it needs the whole batch."""

    def __init__(
        self, base: Tensor | None, parts: Tensor, corners: Corners, sides: Pair, original: Original
    ) -> None:
        self.base, self.parts, self.corners, self.sides = base, parts, corners, sides
        self.original = original

    @classmethod
    def __torch_function__(
        cls, function: Function, _types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Torch calls this in place of its own function."""
        named = kwargs or {}
        mine = cls.known.get(function)
        answer = mine(*args, **named) if mine else NotImplemented
        if answer is not NotImplemented:
            return answer
        return function(
            *map(_whole, args), **{name: _whole(value) for name, value in named.items()}
        )

    def __getattr__(self, name: str) -> Any:
        """Whatever else a tensor can do, the whole batch does."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.whole(), name)

    @property
    def shape(self) -> torch.Size:
        """(B, C, H, W)."""
        return torch.Size((*self.parts.shape[:2], *self.sides))

    def size(self, axis: int | None = None) -> Any:
        """See :meth:`torch.Tensor.size`."""
        return self.shape if axis is None else self.shape[axis]

    def dim(self) -> int:
        """Four, as of every batch of maps."""
        return 4

    def __add__(self, other: Any) -> Any:
        return torch.add(self, other)  # type: ignore[call-overload]

    def __iadd__(self, other: Any) -> Any:
        total = self + other
        return self.become(total) if isinstance(total, Patched) else total

    @property
    def frame(self) -> Pair:
        """(h, w) of the rectangles."""
        return self.parts.shape[2], self.parts.shape[3]

    def become(self, other: "Patched") -> "Patched":
        """Take another one's maps: what a function does that works in place."""
        self.base, self.parts = other.base, other.parts
        self.corners, self.sides = other.corners, other.sides
        return self

    def whole(self) -> Tensor:
        """(B, C, H, W): the original's map with each part in its place."""
        return self._around(((0, 0),) * len(self.corners), self.sides)

    def at_each_place(self, work: Callable[[Tensor], Tensor]) -> "Patched":
        """What a function makes of it that looks at one place at a time."""
        base = None if self.base is None else work(self.base)
        return Patched(base, work(self.parts), self.corners, self.sides, self.original)

    def slid(
        self, work: Callable[[Tensor], Tensor], how: Sliding, beyond: float
    ) -> "Patched | Tensor":
        """What a convolution or pooling makes of it.

        Parameters
        ----------
        work:
            The function, which adds no padding of its own.
        beyond:
            The value beyond the border.
        """
        sides = how.outputs(self.sides)
        frame = how.touched(self.frame, sides)
        corners = inside((how.first(corner) for corner in self.corners), frame, sides)
        seen = tuple(how.looked_at(corner) for corner in corners)
        parts = work(self._around(seen, how.extent(frame), how.padding, beyond))
        base = None if self.base is None else work(_padded(self.base, how.padding, beyond))
        found = Patched(base, parts, corners, sides, self.original)
        most = MOST * sides[0] * sides[1]
        return found.whole() if frame[0] * frame[1] > most else found

    def _around(
        self, corners: Corners, frame: Pair, padding: Pair = (0, 0), beyond: float = 0.0
    ) -> Tensor:
        """(B, C, *frame) from those corners of the padded maps."""
        if corners == self.corners and frame == self.frame and not any(padding):
            return self.parts
        source = self.original.take(lambda: _padded(self.base, padding, beyond))
        moved = ((r + padding[0], c + padding[1]) for r, c in self.corners)
        return _filled(source, self.parts, tuple(moved), corners, frame)


def together(maps: Sequence[Any]) -> list[Patched] | None:
    """Those maps with the same rectangles, large enough for all; None where some are no parts."""
    if not all(isinstance(each, Patched) and each.sides == maps[0].sides for each in maps):
        return None
    corners, frame = shared_frame([(each.corners, each.frame) for each in maps], maps[0].sides)
    return [Patched(m.base, m._around(corners, frame), corners, m.sides, m.original) for m in maps]


def joined(maps: list[Patched], work: Callable[[list[Tensor]], Tensor]) -> Patched:
    """What a function makes of maps with the same rectangles, place by place."""
    first, bases = maps[0], [each.base for each in maps if each.base is not None]
    base = work(bases) if bases else None
    parts = work([each.parts for each in maps])
    return Patched(base, parts, first.corners, first.sides, first.original)


def _filled(
    source: Tensor, parts: Tensor, places: Corners, corners: Corners, frame: Pair
) -> Tensor:
    """(B, C, *frame) of a map (1, C, H, W) from those corners, with the parts in their places."""
    (m, n), (h, w) = frame, parts.shape[2:]
    shape = (len(corners), source.shape[1], m, n)
    form = torch.channels_last
    out = torch.empty(shape, dtype=source.dtype, device=source.device, memory_format=form)
    for number, ((r, c), (row, column)) in enumerate(zip(corners, places, strict=True)):
        out[number] = source[0, :, r : r + m, c : c + n]
        r0, r1 = max(row, r), min(row + h, r + m)
        c0, c1 = max(column, c), min(column + w, c + n)
        part = parts[number, :, r0 - row : r1 - row, c0 - column : c1 - column]
        out[number, :, r0 - r : r1 - r, c0 - c : c1 - c] = part
    return out


def _padded(base: Tensor | None, padding: Pair, beyond: float) -> Tensor:
    assert base is not None, "the run differs from the recorded one"
    rows, columns = padding
    return pad(base, (columns, columns, rows, rows), value=beyond) if any(padding) else base


def _whole(value: Any) -> Any:
    if isinstance(value, Patched):
        return value.whole()
    return type(value)(map(_whole, value)) if isinstance(value, tuple | list) else value
