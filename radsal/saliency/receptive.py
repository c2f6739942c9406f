"""Where the cells of a feature map lie on the network's input, followed through one forward pass.

A cell of a convolution's output looks at the middle of its kernel: strides, paddings and kernels
say where that is, exactly, for any network made of them. Stretching the map over the input, as is
usual, is off by half a cell where strides look up and to the left (ResNets).
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

Pair = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Field:
    """Where cell (i, j) looks: its middle lies at ``first + (i, j) * jump``.

    In the input's pixels, (row, column) on the network's axes, edge coordinates: the middle of
    the first pixel lies at 0.5. Of what a cell sees it is the middle; how far it sees, and what it
    makes of it, is another matter.
    """

    jump: Pair
    first: Pair

    def moved(self, shift: Pair, stride: Pair = (1.0, 1.0)) -> "Field":
        """Cells so many of these cells further, and one for every ``stride`` of them."""
        (row, column), (down, right) = self.jump, shift
        first = self.first[0] + down * row, self.first[1] + right * column
        return Field((row * stride[0], column * stride[1]), first)


ONE_PIXEL = Field((1.0, 1.0), (0.5, 0.5))
"""The field of the input itself."""


class Fields(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Within the block every feature map that comes of the input is known with its field.

    Where it cannot be known (axes that change places, transposed convolutions), it is None.
    """

    def __init__(self, given: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._known: MutableMapping[Tensor, Field | None] = WeakTensorKeyDictionary()
        self._known[given] = ONE_PIXEL

    def of(self, tensor: Tensor) -> Field | None:
        """The field of a feature map, (1, C, h, w)."""
        return self._known.get(tensor)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operation and follow it."""
        given = _arguments(func, args, kwargs or {})
        sources = [(tensor, self.of(tensor)) for tensor in _tensors(args)]
        out = func(*args, **(kwargs or {}))
        result = out[0] if isinstance(out, tuple | list) and out else out
        if isinstance(result, Tensor) and result.ndim == 4:
            self._known[result] = _field(func, given, sources, result)
        return out


def _field(
    func: Any, given: Mapping[str, Any], sources: list[tuple[Tensor, Field | None]], result: Tensor
) -> Field | None:
    step = _STEPS.get(func.overloadpacket)
    if step is not None:
        field = sources[0][1]
        return None if field is None else step(field, given, sources[0][0], result)
    if torch.Tag.pointwise in func.tags or func.overloadpacket in _KEEP_PLACES:
        return _shared([f for tensor, f in sources if f and tensor.shape[2:] == result.shape[2:]])
    return None


def _shared(fields: list[Field]) -> Field | None:
    """Of maps that are joined cell by cell: the middle of theirs, where their cells are as large."""
    if not fields or any(field.jump != fields[0].jump for field in fields):
        return None
    rows, columns = zip(*(field.first for field in fields), strict=True)
    return Field(fields[0].jump, (sum(rows) / len(fields), sum(columns) / len(fields)))


def _window(field: Field, given: Mapping[str, Any], kernel: Pair) -> Field:
    stride, padding = _pair(given["stride"] or kernel), _pair(given["padding"])
    dilation = _pair(given.get("dilation", 1))
    middle = [(k - 1) * d / 2 - p for k, d, p in zip(kernel, dilation, padding, strict=True)]
    return field.moved((middle[0], middle[1]), stride)


def _convolved(
    field: Field, given: Mapping[str, Any], _source: Tensor, _result: Tensor
) -> Field | None:
    kernel = given["weight"].shape[2:]
    return None if given["transposed"] else _window(field, given, (kernel[0], kernel[1]))


def _pooled(field: Field, given: Mapping[str, Any], _source: Tensor, _result: Tensor) -> Field:
    return _window(field, given, _pair(given["kernel_size"]))


def _padded(
    field: Field, given: Mapping[str, Any], _source: Tensor, _result: Tensor
) -> Field | None:
    left, _, top, *_ = given.get("pad") or given["padding"]
    return field.moved((-top, -left))


def _adapted(
    field: Field, _given: Mapping[str, Any], source: Tensor, result: Tensor
) -> Field | None:
    """Adaptive pooling whose windows are all of the same size."""
    sizes = list(zip(source.shape[2:], result.shape[2:], strict=True))
    if any(old % new for old, new in sizes):
        return None
    (rows, columns) = (old / new for old, new in sizes)
    return field.moved(((rows - 1) / 2, (columns - 1) / 2), (rows, columns))


_aten = torch.ops.aten
_STEPS: Mapping[Any, Callable[[Field, Mapping[str, Any], Tensor, Tensor], Field | None]] = {
    _aten.convolution: _convolved,
    _aten.max_pool2d_with_indices: _pooled,
    _aten.avg_pool2d: _pooled,
    _aten.constant_pad_nd: _padded,
    _aten.reflection_pad2d: _padded,
    _aten.replication_pad2d: _padded,
    _aten._adaptive_avg_pool2d: _adapted,
}
_KEEP_PLACES = {
    _aten.cat, _aten.native_batch_norm, _aten.native_group_norm, _aten._prelu_kernel,
    _aten.hardswish, _aten.detach, _aten.alias, _aten._to_copy, _aten.view, _aten._unsafe_view,
    _aten.native_dropout, _aten.expand,
}  # fmt: skip
"""Besides what torch calls pointwise; a view counts where the last two axes stay."""


def _arguments(func: Any, args: Sequence[Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by their names, with the defaults of those that were not given."""
    names = func._schema.arguments
    given = {a.name: a.default_value for a in names if a.has_default_value()}
    given |= {argument.name: value for argument, value in zip(names, args, strict=False)}
    return given | dict(named)


def _tensors(args: Sequence[Any]) -> Iterator[Tensor]:
    """Feature maps among the arguments, those in lists too."""
    for value in args:
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, Tensor) and each.ndim == 4:
                yield each


def _pair(value: Any) -> Pair:
    numbers = list(value) if isinstance(value, Sequence) else [value]
    return numbers[0], numbers[-1]
