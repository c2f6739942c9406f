"""The transforms that change values and leave every pixel where it is: MONAI's own numbers."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from radsal.core.errors import KnownError
from radsal.inference.components import Component

_QUANTILE_LIMIT = 1_000_000  # above it MONAI leaves torch.quantile for NumPy (pytorch#64947)


def change_values(step: Component, values: Tensor) -> Tensor:
    """One step on (C, H, W) float32; may work in place."""
    return _STEPS[step.name](step, values)


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
    "ScaleIntensity": _scale,
    "ScaleIntensityRange": _scale_range,
    "ScaleIntensityRangePercentiles": _scale_percentiles,
    "NormalizeIntensity": _normalize,
    "RepeatChannel": _repeat,
}
