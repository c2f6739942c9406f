"""From a method's raw numbers to a :class:`SaliencyMap` that says whether it may be read."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus, SaliencyMap
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CATALOGUE

NOT_FINITE = "The map holds values that are not numbers."
CONSTANT = "The map has the same value everywhere: it points nowhere."
BLANK = "The image is blank: there is nothing to point at."
NO_EFFECT = "The map is zero everywhere: nothing that it looks at has a part in the finding."
OPAQUE = "The model is TorchScript: its layers cannot be watched, and this method needs one."
NO_ATTENTION = "The method {method} does not apply to {network}: it has no attention."
NOTHING_POSITIVE = "Nothing in the image speaks for the finding."


def is_blank(prepared: Prepared) -> bool:
    """Whether every channel of the input has one value only."""
    tensor = prepared.tensor
    return bool((tensor.amax((0, 2, 3)) == tensor.amin((0, 2, 3))).all())


def saliency_map(finding: str, method: str, values: Tensor, prepared: Prepared) -> SaliencyMap:
    """Status, reason and mapping of one raw map, (h, w). See :func:`saliency_maps`."""
    return saliency_maps([finding], method, values[None], prepared)[0]


def saliency_maps(
    findings: Sequence[str],
    method: str,
    values: Tensor,
    prepared: Prepared,
    mapping: GridMapping | None = None,
) -> tuple[SaliencyMap, ...]:
    """Status, reason and mapping of the raw maps of one image.

    Parameters
    ----------
    values:
        float, (findings, h, w), signed, on the network's axes.
    mapping:
        Where the grid lies in the image; None: it is stretched over the network's input.

    Notes
    -----
    ``failed``: not finite, or the same positive value everywhere. ``empty``: nothing positive,
    or a blank image, in which any pattern is the network's padding. Of the maps that are not
    ``ok`` one keeps its values: that of a real image with nothing positive, which are what speaks
    against the finding. The others are zeros.
    """
    raw = np.array(values.detach().to("cpu").numpy(), dtype=np.float32, order="C")
    blank = is_blank(prepared)
    mapping = mapping or prepared.mapping.refine(prepared.grid, (raw.shape[1], raw.shape[2]))
    return tuple(
        _judged(finding, method, one.copy(), mapping, blank)
        for finding, one in zip(findings, raw, strict=True)
    )


def _judged(
    finding: str, method: str, raw: NDArray[np.float32], mapping: GridMapping, blank: bool
) -> SaliencyMap:
    info = CATALOGUE.get(method)
    status, reason = _judge(raw, blank, info.signed if info else True)
    if status is not MapStatus.OK and reason != NOTHING_POSITIVE:
        raw = np.zeros_like(raw)
    return SaliencyMap(finding, method, raw, mapping, status, reason)


def failed_map(finding: str, method: str, prepared: Prepared, reason: str) -> SaliencyMap:
    """The failed map of a method that does not apply to the network."""
    raw = np.zeros((1, 1), np.float32)
    mapping = prepared.mapping.refine(prepared.grid, (1, 1))
    return SaliencyMap(finding, method, raw, mapping, MapStatus.FAILED, reason)


def _judge(raw: NDArray[np.float32], blank: bool, signed: bool) -> tuple[MapStatus, str]:
    if not np.isfinite(raw).all():
        return MapStatus.FAILED, NOT_FINITE
    if signed and not raw.any():
        return MapStatus.EMPTY, NO_EFFECT
    if blank:
        return MapStatus.EMPTY, BLANK
    if not (raw > 0).any():
        return MapStatus.EMPTY, NOTHING_POSITIVE
    if (raw == raw.flat[0]).all():
        return MapStatus.FAILED, CONSTANT
    return MapStatus.OK, ""
