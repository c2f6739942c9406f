"""From stored values to gray: one lookup table over the stored range (PS3.3 C.11).

Order: Modality LUT or rescale, then VOI LUT or window, then polarity. Every stage is a function
of the stored value alone, so the whole chain is one table with an entry for each value that the
bits stored can hold: 65,536 at most, computed in float64 and rounded once, half up.
"""

from dataclasses import replace
from typing import Literal, NamedTuple, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from radsal.core.decoded import AnyRadiograph
from radsal.core.planes import Shutter
from radsal.core.radiograph import GrayscaleChain, LookupTable, Radiograph, VoiFunction, VoiWindow
from radsal.dicom.colour import luminance
from radsal.dicom.windowing import automatic_window, full_window

__all__ = [
    "ModelInput",
    "Preset",
    "Voi",
    "automatic_window",
    "default_voi",
    "display",
    "display_table",
    "initial_voi",
    "look_up",
    "modality_values",
    "model_input",
    "presets",
    "shutter_level",
]

Voi = VoiWindow | LookupTable
_DECIMALS = 9  # of a value on an edge: 45 x 0.7 is 31.5, which float64 misses by far less
_T = TypeVar("_T", bound=np.generic)
_Values = NDArray[np.float64]


#: What :func:`model_input` notes: facts about the input, and one that the reader is warned of.
POLARITY_TURNED = "polarity turned: low stored values are white"
PADDING_DARK = "padding set to the darkest value"
COLOUR_TO_GRAY = "colour turned to gray"
INPUT_FACTS = frozenset({POLARITY_TURNED, PADDING_DARK})


class Preset(NamedTuple):
    """A way to show the image, by name."""

    name: str
    voi: Voi


class ModelInput(NamedTuple):
    """What a model is given.

    Attributes
    ----------
    pixels:
        float32, (rows, columns), units after the modality stage, bone bright.
    notes:
        What was done to get there, for the result.
    """

    pixels: NDArray[np.float32]
    notes: tuple[str, ...]


# the stages --------------------------------------------------------------------------------------


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
    return _modality(stored.astype(np.float64), chain).astype(np.float32)


def _modality(stored: _Values, chain: GrayscaleChain) -> _Values:
    if isinstance(chain.modality, LookupTable):
        return _table_value(stored, chain.modality)
    return stored * chain.modality.slope + chain.modality.intercept


def _table_value(values: _Values, table: LookupTable) -> _Values:
    """LUT output (C.11.1.1.1): the first entry holds below, the last one above the table.

    A value between two integers, as a rescale may give, takes the entry of the nearest one, and
    halfway that of the upper one.
    """
    nearest = np.floor(np.round(values, _DECIMALS) + 0.5)
    index = np.clip(nearest - table.first_mapped, 0, table.data.size - 1)
    gray: _Values = table.data.astype(np.float64)[index.astype(np.intp)]
    return gray


def _voi(values: _Values, voi: Voi) -> _Values:
    """VOI stage (C.11.2), output 0 to 1."""
    if isinstance(voi, LookupTable):
        return _table_value(values, voi) / ((1 << voi.bits) - 1)
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


# tables ------------------------------------------------------------------------------------------


def display_table(
    chain: GrayscaleChain,
    voi: Voi,
    *,
    inverted: bool | None = None,
    bits: Literal[8, 16] = 8,
) -> NDArray[np.uint8 | np.uint16]:
    """The whole chain as one table.

    Parameters
    ----------
    inverted:
        Polarity at the end: True shows low values white. None: as the file says.
    bits:
        8 or 16 bits of gray.

    Returns
    -------
    uint8 or uint16, (2**bits_stored,): entry ``stored - chain.stored_range[0]`` is the gray of
    ``stored``: ``floor(gray * (2**bits - 1) + 0.5)``. Padding is black in either polarity: it is
    no image (C.7.5.1.1.2).
    """
    gray = _voi(_modality(_stored_axis(chain), chain), voi)
    if chain.inverted if inverted is None else inverted:
        gray = 1 - gray
    levels = np.floor(gray * ((1 << bits) - 1) + 0.5)
    table: NDArray[np.uint8 | np.uint16] = levels.astype(f"=u{bits // 8}")
    table[_padding_slice(chain)] = 0
    return table


def _stored_axis(chain: GrayscaleChain) -> _Values:
    low, high = chain.stored_range
    return np.arange(low, high + 1, dtype=np.float64)


def _padding_slice(chain: GrayscaleChain) -> slice:
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


# the whole chain ---------------------------------------------------------------------------------


def default_voi(chain: GrayscaleChain) -> Voi | None:
    """What the vendor displayed: the first VOI LUT, else the first window, else None."""
    choices: tuple[Voi, ...] = (*chain.luts, *chain.windows)
    return choices[0] if choices else None


def initial_voi(radiograph: AnyRadiograph) -> Voi | None:
    """What is shown first: the vendor's choice, else the automatic window; None of colours."""
    if radiograph.is_colour:
        return None
    return default_voi(radiograph.chain) or automatic_window(radiograph)


@overload
def display(
    radiograph: Radiograph,
    voi: Voi | None = None,
    bits: Literal[8] = 8,
    *,
    use_lut: bool = True,
    shutter: bool = True,
) -> NDArray[np.uint8]: ...


@overload
def display(
    radiograph: Radiograph,
    voi: Voi | None = None,
    *,
    bits: Literal[8, 16],
    use_lut: bool = True,
    shutter: bool = True,
) -> NDArray[np.uint8 | np.uint16]: ...


def display(
    radiograph: Radiograph,
    voi: Voi | None = None,
    bits: Literal[8, 16] = 8,
    *,
    use_lut: bool = True,
    shutter: bool = True,
) -> NDArray[np.uint8 | np.uint16]:
    """The displayed pixels at 1:1. Overlays are not drawn into them.

    Parameters
    ----------
    voi:
        None: the file's default, or the automatic window where it has none.
    use_lut:
        False leaves the file's VOI LUTs aside: its first window is the default.
    shutter:
        Whether the file's shutter hides what lies outside of it.

    Returns
    -------
    uint8 or uint16, (rows, columns); of a colour image its RGB, (rows, columns, 3), of which 16
    bits are ``value * 257``.
    """
    pixels = (
        _colours(radiograph, bits)
        if radiograph.is_colour
        else _grays(radiograph, voi, bits, use_lut=use_lut)
    )
    if shutter and radiograph.shutter is not None:
        pixels[radiograph.shutter.hidden] = shutter_level(radiograph.shutter, bits)
    return pixels


def _colours(radiograph: Radiograph, bits: int) -> NDArray[np.uint8 | np.uint16]:
    pixels = radiograph.stored.astype(f"=u{bits // 8}")
    return pixels if bits == 8 else pixels * np.uint16(257)


def _grays(
    radiograph: Radiograph, voi: Voi | None, bits: Literal[8, 16], *, use_lut: bool
) -> NDArray[np.uint8 | np.uint16]:
    chain = radiograph.chain
    if voi is None:
        voi = default_voi(chain if use_lut else replace(chain, luts=()))
    table = display_table(chain, voi or automatic_window(radiograph), bits=bits)
    return look_up(table, radiograph.stored, chain)


def shutter_level(shutter: Shutter, bits: Literal[8, 16] = 8) -> int:
    """Gray level outside of a shutter, rounded half up: a P-Value, so in either polarity."""
    return int(shutter.gray * ((1 << bits) - 1) + 0.5)


def presets(radiograph: Radiograph) -> tuple[Preset, ...]:
    """The automatic window, the file's VOI LUTs and windows by name, the full range.

    None of a colour image: it is shown as it is.
    """
    if radiograph.is_colour:
        return ()
    chain = radiograph.chain
    luts = [
        Preset(lut.explanation or f"LUT {number}", lut) for number, lut in enumerate(chain.luts, 1)
    ]
    windows = [
        Preset(window.explanation or f"Window {number}", window)
        for number, window in enumerate(chain.windows, 1)
    ]
    automatic = Preset("Automatic", automatic_window(radiograph))
    return (automatic, *luts, *windows, Preset("Full range", full_window(radiograph)))


# what a model is given ---------------------------------------------------------------------------


def model_input(radiograph: Radiograph) -> ModelInput:
    """Values after the modality stage, bone bright, independent of the display.

    Where low values are white (MONOCHROME1, INVERSE) the values are turned by
    ``low + high - value``, with low and high the modality image of the stored range, or the
    output range of a Modality LUT. Padding takes the darkest value, low. Colours become their
    luminance, 0 to 255.
    """
    if radiograph.is_colour:
        return ModelInput(luminance(radiograph.stored), (COLOUR_TO_GRAY,))
    chain = radiograph.chain
    table = _modality(_stored_axis(chain), chain)
    low, high = _output_range(table, chain)
    notes = []
    if chain.inverted:
        table = low + high - table
        notes.append(POLARITY_TURNED)
    padding = _padding_slice(chain)
    if padding.stop > padding.start:
        table[padding] = low
        notes.append(PADDING_DARK)
    pixels = look_up(table.astype(np.float32), radiograph.stored, chain)
    return ModelInput(pixels, tuple(notes))


def _output_range(table: _Values, chain: GrayscaleChain) -> tuple[float, float]:
    if isinstance(chain.modality, LookupTable):
        return 0.0, float((1 << chain.modality.bits) - 1)
    return float(table.min()), float(table.max())
