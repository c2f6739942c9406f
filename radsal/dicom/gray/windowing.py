"""Windows found in the pixels, where the file states none or the reader asks for one."""

import numpy as np
from numpy.typing import NDArray

from radsal.core.decoded import AnyRadiograph
from radsal.core.radiograph import GrayscaleChain, LookupTable, VoiWindow

_BLOCK = 8  # sampled pixels along each side of a block
_SAMPLES = 512  # sampled pixels along the longer side of the image
_TAILS = (0.5, 99.5)  # percentiles that are cut off
_LEAST = 0.05  # share of blocks that must look exposed


def automatic_window(radiograph: AnyRadiograph) -> VoiWindow:
    """A window from robust percentiles inside the exposed field.

    The image is sampled on a grid; padding is left out, and so are blocks without any texture
    (collimated border, direct exposure at the end of the range, labels' background): a detector
    always has noise where it was exposed through the body. Blocks beside them are left out too:
    the edge of the border or of a label may run through them. The window spans the 0.5th to 99.5th
    percentile of what is left. The same pixels always give the same window. Colours have none:
    theirs is the full window, which changes nothing that is shown.
    """
    if radiograph.is_colour:
        return full_window(radiograph)
    values = _exposed(_sampled(radiograph), radiograph.chain.padding)
    low, high = (float(end) for end in np.percentile(values, _TAILS))
    return _spanning(low, high, radiograph.chain, "Automatic")


def full_window(radiograph: AnyRadiograph) -> VoiWindow:
    """From the lowest to the highest value of the image, padding left out."""
    stored = radiograph.stored
    low, high = int(stored.min()), int(stored.max())
    if radiograph.chain.padding is not None:
        kept = _without_padding(stored.reshape(-1), radiograph.chain.padding)
        low, high = int(kept.min()), int(kept.max())
    return _spanning(low, high, radiograph.chain, "Full range")


def _sampled(radiograph: AnyRadiograph) -> NDArray[np.integer]:
    step = max(1, max(radiograph.shape) // _SAMPLES)
    return radiograph.stored[::step, ::step]


def _exposed(sampled: NDArray[np.integer], padding: tuple[int, int] | None) -> NDArray[np.integer]:
    """Sampled stored values, one row, of the blocks that have texture."""
    rows, columns = (side // _BLOCK * _BLOCK for side in sampled.shape)
    blocks = sampled[:rows, :columns].reshape(rows // _BLOCK, _BLOCK, columns // _BLOCK, _BLOCK)
    spread = blocks.max(axis=(1, 3)).astype(np.int32) - blocks.min(axis=(1, 3))
    textured = spread > max(1.0, 0.02 * float(np.median(spread))) if spread.size else spread > 0
    if spread.size == 0 or textured.mean() < _LEAST:
        return _without_padding(sampled.reshape(-1), padding)
    inner = _eroded(textured)
    inside = inner if inner.mean() >= _LEAST else textured
    kept = blocks.transpose(0, 2, 1, 3)[inside].reshape(-1)
    return _without_padding(kept, padding)


def _eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a block and its eight neighbours are set; outside the image counts as set."""
    padded = np.pad(mask, 1, constant_values=True)
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
    return np.asarray(around.all(axis=(2, 3)))


def _without_padding(
    values: NDArray[np.integer], padding: tuple[int, int] | None
) -> NDArray[np.integer]:
    """Values that are no padding; all of them where nothing else is there."""
    if padding is None:
        return values
    kept = values[(values < padding[0]) | (values > padding[1])]
    return kept if kept.size else values


def _spanning(low: float, high: float, chain: GrayscaleChain, name: str) -> VoiWindow:
    """The LINEAR window that maps two stored values to black and white."""
    ends = sorted(_modality_of(value, chain) for value in (low, high))
    span = ends[1] - ends[0]
    return VoiWindow((ends[0] + ends[1]) / 2 + 0.5, span + 1, explanation=name)


def _modality_of(stored: float, chain: GrayscaleChain) -> float:
    if isinstance(chain.modality, LookupTable):
        table = chain.modality
        index = round(stored) - table.first_mapped
        return float(table.data[min(max(index, 0), table.data.size - 1)])
    return stored * chain.modality.slope + chain.modality.intercept
