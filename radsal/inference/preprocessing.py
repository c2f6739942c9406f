"""From an image to a network's input, number for number as MONAI's transforms make it.

Written here rather than called, for two reasons: the geometry is followed exactly, and MONAI's
MetaTensor bookkeeping costs more than the arithmetic. The tests hold every step against MONAI's
own ``Compose``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from monai.networks.layers import GaussianFilter
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from radsal.core.errors import KnownError
from radsal.core.geometry import GridMapping
from radsal.inference.components import Component

LARGEST_INPUT = 4096 * 4096 * 4
"""Values of a network's input."""

_QUANTILE_LIMIT = 1_000_000  # above it MONAI leaves torch.quantile for NumPy (pytorch#64947)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A network's input and where its cells lie in the image.

    Attributes
    ----------
    tensor:
        float32, (1, C, H, W), on the CPU.
    mapping:
        From the H x W grid to image pixels.
    """

    tensor: Tensor
    mapping: GridMapping

    @property
    def grid(self) -> tuple[int, int]:
        """(H, W), the network's axes."""
        return self.tensor.shape[2], self.tensor.shape[3]


def prepare(steps: Sequence[Component], image: NDArray[np.float32]) -> Prepared:
    """Run a package's preprocessing.

    Parameters
    ----------
    image:
        float32, (rows, columns), after the modality stage, bone bright. Not changed.

    Notes
    -----
    The steps work in place on one copy of the image.

    Behind ``LoadImage`` the axes are those of MONAI's readers, column index first; without it
    the array is (1, rows, columns), whether or not an ``EnsureChannelFirst`` says so.
    """
    if image.ndim != 2 or image.dtype != np.float32:
        raise ValueError("an image is a 2-D array of float32")
    values = torch.from_numpy(np.array(image, order="C"))[None]
    columns_first = _columns_first(steps)
    mapping = GridMapping(1.0, 0.0, 1.0, 0.0, columns_first)
    if columns_first:
        values = values.transpose(1, 2).contiguous()
    for step in steps:
        values, mapping = _apply(step, values, mapping)
    if values.numel() > LARGEST_INPUT:
        raise KnownError("the network's input is too large", code="model-input", remedy=_RESIZE)
    return Prepared(values[None].contiguous(), mapping)


_RESIZE = "Add a Resize to the package's preprocessing."


def _columns_first(steps: Sequence[Component]) -> bool:
    """Whether the package's LoadImage hands the column index over first, as MONAI's readers do."""
    if not steps or steps[0].name != "LoadImage":
        return False
    load = steps[0]
    match load.get("reader"):
        case "NumpyReader":
            return False
        case "PILReader":
            return bool(load.get("reverse_indexing", True))
        case "PydicomReader":
            return bool(load.get("swap_ij", True))
        case _:
            return not load.get("reverse_indexing", False)


def _apply(step: Component, values: Tensor, mapping: GridMapping) -> tuple[Tensor, GridMapping]:
    if step.name == "Resize":
        return _resize(step, values, mapping)
    return _STEPS[step.name](step, values), mapping


def _resize(step: Component, values: Tensor, mapping: GridMapping) -> tuple[Tensor, GridMapping]:
    """``Resize``: torch's interpolation, after a Gaussian where anti-aliasing is asked for."""
    old = (values.shape[1], values.shape[2])
    new = _resized_shape(step, old)
    if new == old:
        return values, mapping
    if step.get("anti_aliasing", False) and (new[0] < old[0] or new[1] < old[1]):
        values = GaussianFilter(2, _blur(step, old, new), approx="erf")(values[None])[0]
    corners = step.get("align_corners")
    mode = step.get("mode", "area")
    out = interpolate(values[None], size=new, mode=mode, align_corners=corners)[0]
    return out, _after_resize(mapping, old, new, bool(corners))


def _resized_shape(step: Component, old: tuple[int, int]) -> tuple[int, int]:
    size = step.get("spatial_size")
    if step.get("size_mode", "all") == "longest":
        factor = size / max(old)
        return round(old[0] * factor), round(old[1] * factor)
    h, w = (size, size) if isinstance(size, int) else size
    return (h if h > 0 else old[0]), (w if w > 0 else old[1])


def _blur(step: Component, old: tuple[int, int], new: tuple[int, int]) -> list[float]:
    """Standard deviation of the anti-aliasing Gaussian along each axis, in pixels."""
    factors = torch.div(torch.Tensor(list(old)), torch.Tensor(new))
    given = step.get("anti_aliasing_sigma")
    if given is None:
        sigma: list[float] = torch.maximum(torch.zeros(2), (factors - 1) / 2).tolist()
        return sigma
    pair = given if isinstance(given, tuple) else (given, given)
    return [value * int(factor > 1) for value, factor in zip(pair, factors, strict=True)]


def _after_resize(
    mapping: GridMapping, old: tuple[int, int], new: tuple[int, int], corners: bool
) -> GridMapping:
    """Where the new grid lies. With ``align_corners`` outermost centres stay where they were."""
    if not corners:
        return mapping.refine(old, new)
    scale = [(o - 1) / (n - 1) if n > 1 else 1.0 for o, n in zip(old, new, strict=True)]
    if mapping.transposed:
        scale.reverse()
    return GridMapping(
        mapping.row_scale * scale[0],
        mapping.row_offset + mapping.row_scale * (1 - scale[0]) / 2,
        mapping.column_scale * scale[1],
        mapping.column_offset + mapping.column_scale * (1 - scale[1]) / 2,
        mapping.transposed,
    )


def _unchanged(_step: Component, values: Tensor) -> Tensor:
    """Steps that only bring an array into the form that it has here already."""
    return values


def _by_channel(step: Component, values: Tensor, work: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply to the whole array, or to each channel on its own."""
    if step.get("channel_wise", False):
        return torch.stack([work(channel) for channel in values])
    return work(values)


def _scale(step: Component, values: Tensor) -> Tensor:
    """``ScaleIntensity``: lowest to ``minv``, highest to ``maxv``; or times ``1 + factor``."""
    low, high = step.get("minv", 0.0), step.get("maxv", 1.0)
    if low is None and high is None:
        factor = step.get("factor")
        return values if factor is None else values * (1 + factor)

    def work(part: Tensor) -> Tensor:
        least, most = part.min(), part.max()
        if least == most:
            return part * low if low is not None else part
        norm = part.sub_(least).div_(most - least)
        return norm if low is None or high is None else norm.mul_(high - low).add_(low)

    return _by_channel(step, values, work)


Bound = float | Tensor


def _to_range(
    values: Tensor, a: tuple[Bound, Bound], b: tuple[float | None, float | None], clip: bool
) -> Tensor:
    """The arithmetic of ``ScaleIntensityRange``; an empty range only shifts, as in MONAI."""
    low, high = b
    if a[1] - a[0] == 0.0:
        return values.sub_(a[0]).add_(low or 0.0)
    out = values.sub_(a[0]).div_(a[1] - a[0])
    if low is not None and high is not None:
        out.mul_(high - low).add_(low)
    return out.clamp_(low, high) if clip and (low is not None or high is not None) else out


def _scale_range(step: Component, values: Tensor) -> Tensor:
    a = (step.get("a_min"), step.get("a_max"))
    b = (step.get("b_min"), step.get("b_max"))
    return _to_range(values, a, b, step.get("clip", False))


def _scale_percentiles(step: Component, values: Tensor) -> Tensor:
    """``ScaleIntensityRangePercentiles``, with ``relative`` as MONAI means it."""
    ends = (step.get("lower"), step.get("upper"))
    low, high = step.get("b_min"), step.get("b_max")
    if step.get("relative", False) and low is not None and high is not None:
        low, high = (((high - low) * (end / 100.0)) + low for end in ends)

    def work(part: Tensor) -> Tensor:
        return _to_range(part, _percentiles(part, ends), (low, high), step.get("clip", False))

    return _by_channel(step, values, work)


def _percentiles(values: Tensor, ends: tuple[float, float]) -> tuple[Tensor, Tensor]:
    """Linear percentiles: torch's for small arrays, NumPy's for large ones, as MONAI does."""
    if values.numel() > _QUANTILE_LIMIT:
        low, high = np.percentile(values.numpy(), np.asarray(ends, dtype=np.float64))
        return torch.tensor(low, dtype=values.dtype), torch.tensor(high, dtype=values.dtype)
    asked = torch.tensor([end / 100.0 for end in ends], dtype=values.dtype)
    low_t, high_t = torch.quantile(values, asked)
    return low_t, high_t


def _normalize(step: Component, values: Tensor) -> Tensor:
    """``NormalizeIntensity``: subtract and divide, by given numbers or by mean and deviation."""
    subtrahend, divisor = step.get("subtrahend"), step.get("divisor")
    nonzero = step.get("nonzero", False)
    if not step.get("channel_wise", False):
        return _normalized(values, _numbers(subtrahend), _numbers(divisor), nonzero)
    parts = [
        _normalized(channel, _entry(subtrahend, i), _entry(divisor, i), nonzero)
        for i, channel in enumerate(values)
    ]
    return torch.stack(parts)


def _numbers(given: float | tuple[float, ...] | None) -> float | None:
    """One number for the whole array; several only make sense channel by channel."""
    if isinstance(given, tuple):
        if len(given) != 1:
            raise KnownError(
                "NormalizeIntensity has several numbers without channel_wise",
                code="model-input",
                remedy='Add "channel_wise": true to the package, or give one number.',
            )
        return given[0]
    return given


def _entry(given: float | tuple[float, ...] | None, channel: int) -> float | None:
    return given[channel] if isinstance(given, tuple) else given


def _normalized(values: Tensor, sub: float | None, div: float | None, nonzero: bool) -> Tensor:
    mask = values != 0 if nonzero else None
    counted = values if mask is None else values[mask]
    if not counted.numel():
        return values
    shift = counted.mean().item() if sub is None else sub
    scale = counted.std(unbiased=False).item() if div is None else div
    if mask is None:
        return values.sub_(shift).div_(scale if scale != 0.0 else 1.0)
    values[mask] = (counted - shift) / (scale if scale != 0.0 else 1.0)
    return values


def _repeat(step: Component, values: Tensor) -> Tensor:
    return torch.repeat_interleave(values, step.get("repeats"), 0)


_STEPS: dict[str, Callable[[Component, Tensor], Tensor]] = {
    "LoadImage": _unchanged,
    "EnsureChannelFirst": _unchanged,
    "EnsureType": _unchanged,
    "ScaleIntensity": _scale,
    "ScaleIntensityRange": _scale_range,
    "ScaleIntensityRangePercentiles": _scale_percentiles,
    "NormalizeIntensity": _normalize,
    "RepeatChannel": _repeat,
}
