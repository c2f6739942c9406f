"""What functions of torch make of a :class:`Patched`: the ones that need not see the whole map.

Each takes torch's own arguments, and says NotImplemented where it needs the whole batch after all.
A :class:`Patched` knows them once this module is imported: take it from here.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

from radsal.saliency.patched import Function, Patched, joined, together
from radsal.saliency.sliding import Pair, Sliding


def _conv2d(  # noqa: PLR0917 - torch's own signature, as below
    given: Any,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Any:
    if isinstance(padding, str):
        return NotImplemented
    kernel = (weight.shape[2], weight.shape[3])
    how = Sliding(kernel, _pair(stride), _pair(padding), _pair(dilation))
    return given.slid(
        lambda maps: torch.conv2d(maps, weight, bias, stride, 0, dilation, groups), how, 0.0
    )


def _max_pool2d(  # noqa: PLR0917
    given: Patched,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    if ceil_mode or return_indices:
        return NotImplemented
    stride = stride or kernel_size
    how = Sliding(_pair(kernel_size), _pair(stride), _pair(padding), _pair(dilation))
    return given.slid(
        lambda maps: F.max_pool2d(maps, kernel_size, stride, 0, dilation), how, float("-inf")
    )


def _avg_pool2d(  # noqa: PLR0917
    given: Patched,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    if ceil_mode or (any(_pair(padding)) and not count_include_pad):
        return NotImplemented
    stride = stride or kernel_size
    how = Sliding(_pair(kernel_size), _pair(stride), _pair(padding), (1, 1))
    return given.slid(
        lambda maps: F.avg_pool2d(maps, kernel_size, stride, divisor_override=divisor_override),
        how,
        0.0,
    )


def _batch_norm(  # noqa: PLR0917
    given: Patched,
    mean: Tensor | None,
    variance: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    if training:  # of the batch's own statistics
        return NotImplemented
    return given.at_each_place(
        lambda maps: F.batch_norm(maps, mean, variance, weight, bias, False, momentum, eps)
    )


def _dropout(given: Patched, *_: Any, training: bool = True, **_named: Any) -> Any:
    return NotImplemented if training else given


def _place_by_place(function: Function) -> Function:
    """For a function of each value, whatever its other arguments are."""

    def known(given: Patched, *args: Any, inplace: bool = False, **kwargs: Any) -> Patched:
        found = given.at_each_place(lambda maps: function(maps, *args, **kwargs))
        return given.become(found) if inplace else found

    return known


def _cat(maps: Sequence[Any], dim: int = 0) -> Any:
    same = together(maps) if dim == 1 else None
    return NotImplemented if same is None else joined(same, lambda tensors: torch.cat(tensors, 1))


def _add(one: Any, other: Any) -> Any:
    same = together([one, other])
    return NotImplemented if same is None else joined(same, lambda both: both[0] + both[1])


def _pair(value: Any) -> Pair:
    first, *rest = (value,) if isinstance(value, int) else value
    return int(first), int(rest[0] if rest else first)


_EACH_VALUE: tuple[Function, ...] = (F.relu, F.leaky_relu, F.elu, F.gelu, F.silu)

_KNOWN: dict[Function, Function] = {
    torch.conv2d: _conv2d,
    F.max_pool2d: _max_pool2d,
    F.avg_pool2d: _avg_pool2d,
    F.batch_norm: _batch_norm,
    F.dropout: _dropout,
    torch.cat: _cat,
    torch.add: _add,
    **{function: _place_by_place(function) for function in _EACH_VALUE},
}

Patched.known.update(_KNOWN)

__all__ = ["Patched"]
