"""The transforms that move pixels: MONAI's own numbers, and where every cell of the result lies.

Each comes as two functions: the shape that it gives, known before any memory is spent, and the
work itself, with the mapping from the new grid back to image pixels.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from monai.networks.layers import GaussianFilter
from torch import Tensor
from torch.nn.functional import interpolate, pad

from radsal.core.errors import KnownError
from radsal.core.geometry import GridMapping
from radsal.inference.components import Component

Shape = tuple[int, int]
Moved = tuple[Tensor, GridMapping]

_TORCH_PADDING = {
    "constant": "constant",
    "edge": "replicate",
    "replicate": "replicate",
    "reflect": "reflect",
    "wrap": "circular",
    "circular": "circular",
}


def shape_after(step: Component, old: Shape) -> Shape:
    """(H, W) that a step of :data:`SPATIAL` gives for an array of (H, W)."""
    return SPATIAL[step.name][0](step, old)


def move_values(step: Component, values: Tensor, mapping: GridMapping) -> Moved:
    """One step on (C, H, W) float32, and the mapping of its grid to image pixels."""
    return SPATIAL[step.name][1](step, values, mapping)


def _asked(step: Component, argument: str, old: Shape) -> Shape:
    """A size as MONAI reads it: one number for both axes; -1 keeps an axis as it is."""
    size = step.get(argument)
    h, w = (size, size) if isinstance(size, int) else size
    return (h if h > 0 else old[0]), (w if w > 0 else old[1])


# resize -----------------------------------------------------------------------------------------


def _resized_shape(step: Component, old: Shape) -> Shape:
    if step.get("size_mode", "all") == "longest":
        factor = step.get("spatial_size") / max(old)
        return round(old[0] * factor), round(old[1] * factor)
    return _asked(step, "spatial_size", old)


def _resize(step: Component, values: Tensor, mapping: GridMapping) -> Moved:
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
    return out, _after_resize(mapping, old, new, mode, bool(corners))


def _blur(step: Component, old: Shape, new: Shape) -> list[float]:
    """Standard deviation of the anti-aliasing Gaussian along each axis, in pixels."""
    factors = torch.div(torch.Tensor(list(old)), torch.Tensor(new))
    given = step.get("anti_aliasing_sigma")
    if given is None:
        sigma: list[float] = torch.maximum(torch.zeros(2), (factors - 1) / 2).tolist()
        return sigma
    pair = given if isinstance(given, tuple) else (given, given)
    return [value * int(factor > 1) for value, factor in zip(pair, factors, strict=True)]


def _after_resize(
    mapping: GridMapping, old: Shape, new: Shape, mode: str, corners: bool
) -> GridMapping:
    """Where the new grid lies on the old one, along each axis."""
    axes = []
    for o, n in zip(old, new, strict=True):
        scale, offset = o / n, 0.0
        if corners:  # the outermost centres stay where they were
            scale = (o - 1) / (n - 1) if n > 1 and o > 1 else 1.0
            offset = (1 - scale) / 2
        elif mode == "nearest":
            offset = _nearest_offset(o, n)
        axes.append((scale, offset))
    (row_scale, row_offset), (column_scale, column_offset) = axes
    return mapping.within((row_scale, column_scale), (row_offset, column_offset))


def _nearest_offset(old: int, new: int) -> float:
    """``nearest`` takes pixel floor(i * old / new), which lies up and to the left of the cell.

    The cell's place is the mean over the axis; a single one is off by less than half a pixel of
    the larger of the two grids.
    """
    taken = np.floor(np.arange(new) * (old / new)) + 0.5
    return float(np.mean(taken - (np.arange(new) + 0.5) * (old / new)))


# crop and pad -----------------------------------------------------------------------------------


def _cropped_shape(step: Component, old: Shape, argument: str = "roi_size") -> Shape:
    asked = _asked(step, argument, old)
    return min(asked[0], old[0]), min(asked[1], old[1])


def _crop(
    step: Component, values: Tensor, mapping: GridMapping, argument: str = "roi_size"
) -> Moved:
    """``CenterSpatialCrop``: an odd pixel more stays below and on the right."""
    old = (values.shape[1], values.shape[2])
    asked = _asked(step, argument, old)
    top, left = (max(o // 2 - a // 2, 0) for o, a in zip(old, asked, strict=True))
    out = values[:, top : top + asked[0], left : left + asked[1]]
    return out.contiguous(), mapping.within((1.0, 1.0), (float(top), float(left)))


def _padded_shape(step: Component, old: Shape) -> Shape:
    asked = _asked(step, "spatial_size", old)
    return max(asked[0], old[0]), max(asked[1], old[1])


def _pad(step: Component, values: Tensor, mapping: GridMapping) -> Moved:
    """``SpatialPad``: the smaller half above and on the left, or all below and on the right."""
    old = (values.shape[1], values.shape[2])
    missing = [n - o for o, n in zip(old, _padded_shape(step, old), strict=True)]
    if not any(missing):
        return values, mapping
    before = [0 if step.get("method", "symmetric") == "end" else m // 2 for m in missing]
    widths = [(b, m - b) for b, m in zip(before, missing, strict=True)]
    shift = (-float(before[0]), -float(before[1]))
    return _filled(step, values, widths), mapping.within((1.0, 1.0), shift)


def _filled(step: Component, values: Tensor, widths: list[Shape]) -> Tensor:
    """Torch's padding, as MONAI prefers it; ``symmetric`` is only NumPy's."""
    mode = step.get("mode", "constant")
    if mode == "symmetric":
        return torch.from_numpy(np.pad(values.numpy(), [(0, 0), *widths], mode="symmetric"))
    options: dict[str, Any] = {}
    if mode == "constant":
        options["value"] = step.get("value", step.get("constant_values", 0.0))
    (top, bottom), (left, right) = widths
    try:
        out = pad(values[None], [left, right, top, bottom], mode=_TORCH_PADDING[mode], **options)
    except RuntimeError as error:  # reflect and circular need an image as large as the padding
        raise KnownError(
            f"the image is too small to be padded by {mode}",
            code="model-input",
            remedy='Use "mode": "constant" in the package, or a Resize before the padding.',
        ) from error
    return out[0]


def _crop_and_pad(step: Component, values: Tensor, mapping: GridMapping) -> Moved:
    """``ResizeWithPadOrCrop``: cropped along the axes that are too long, then padded."""
    return _pad(step, *_crop(step, values, mapping, "spatial_size"))


SPATIAL: dict[
    str,
    tuple[Callable[[Component, Shape], Shape], Callable[[Component, Tensor, GridMapping], Moved]],
] = {
    "Resize": (_resized_shape, _resize),
    "CenterSpatialCrop": (_cropped_shape, _crop),
    "SpatialPad": (_padded_shape, _pad),
    "ResizeWithPadOrCrop": (lambda step, old: _asked(step, "spatial_size", old), _crop_and_pad),
}
"""Transforms that move pixels: the shape that each gives, and its work."""
