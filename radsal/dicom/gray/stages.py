"""The stages from a stored value to gray (PS3.3 C.11), each a function of the value alone.

So every table over the stored range has an entry for each value that the bits stored can hold:
65,536 at most. Computed in float64.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from radsal.core.radiograph import GrayscaleChain, LookupTable, VoiFunction, VoiWindow

Voi = VoiWindow | LookupTable
_DECIMALS = 9  # of a value on an edge: 45 x 0.7 is 31.5, which float64 misses by far less
_T = TypeVar("_T", bound=np.generic)
_Values = NDArray[np.float64]


def modality_values(stored: NDArray[np.integer], chain: GrayscaleChain) -> NDArray[np.float32]:
    """Modality LUT or rescale (C.11.1).

    Parameters
    ----------
    stored:
        Integers of any shape.

    Returns
    -------
    float32, the same shape, in the units of windows and VOI LUTs.
    """
    return modality(stored.astype(np.float64), chain).astype(np.float32)


def modality(stored: _Values, chain: GrayscaleChain) -> _Values:
    """The modality stage (C.11.1) in float64; the same shape."""
    if isinstance(chain.modality, LookupTable):
        return table_value(stored, chain.modality)
    return stored * chain.modality.slope + chain.modality.intercept


def table_value(values: _Values, table: LookupTable) -> _Values:
    """LUT output (C.11.1.1.1): the first entry holds below, the last one above the table.

    A value between two integers, as a rescale may give, takes the entry of the nearest one, and
    halfway that of the upper one.
    """
    nearest = np.floor(np.round(values, _DECIMALS) + 0.5)
    index = np.clip(nearest - table.first_mapped, 0, table.data.size - 1)
    gray: _Values = table.data.astype(np.float64)[index.astype(np.intp)]
    return gray


def voi_gray(values: _Values, voi: Voi) -> _Values:
    """VOI stage (C.11.2), output 0 to 1."""
    if isinstance(voi, LookupTable):
        return table_value(values, voi) / ((1 << voi.bits) - 1)
    with np.errstate(over="ignore"):  # a quotient beyond float64 is as good as infinity
        return _windowed(values, voi)


def _windowed(values: _Values, voi: VoiWindow) -> _Values:
    """C.11.2.1.2 and C.11.2.1.3."""
    if voi.function is VoiFunction.SIGMOID:
        gray: _Values = 1 / (1 + np.exp(-4 * ((values - voi.center) / voi.width)))
        return gray
    if voi.function is VoiFunction.LINEAR_EXACT:
        return np.clip((values - voi.center) / voi.width + 0.5, 0, 1)
    if voi.width == 1:  # C.11.2.1.2.1: a step
        return (np.round(values - voi.center, _DECIMALS) > -0.5).astype(np.float64)
    return np.clip((values - (voi.center - 0.5)) / (voi.width - 1) + 0.5, 0, 1)


def stored_axis(chain: GrayscaleChain) -> _Values:
    """Every value that the bits stored can hold, float64, from the lowest: where tables begin."""
    low, high = chain.stored_range
    return np.arange(low, high + 1, dtype=np.float64)


def padding_slice(chain: GrayscaleChain) -> slice:
    """Indices of the padding in a table over the stored range."""
    if chain.padding is None:
        return slice(0, 0)
    low, high = chain.stored_range
    first, last = max(chain.padding[0], low), min(chain.padding[1], high)
    return slice(first - low, last - low + 1) if first <= last else slice(0, 0)


def look_up(table: NDArray[_T], stored: NDArray[np.integer], chain: GrayscaleChain) -> NDArray[_T]:
    """``table[stored - chain.stored_range[0]]``, without widening the indices.

    Signed values index from the end of the table as NumPy does, so the table is turned once
    instead of moving every pixel.
    """
    return np.take(np.roll(table, chain.stored_range[0]), stored, mode="wrap")
