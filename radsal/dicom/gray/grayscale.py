"""From stored values to gray: one lookup table over the stored range (PS3.3 C.11).

Order: Modality LUT or rescale, then VOI LUT or window, then polarity; rounded once, half up.
"""

from dataclasses import replace
from typing import Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from radsal.core.decoded import AnyRadiograph
from radsal.core.planes import Shutter
from radsal.core.radiograph import GrayscaleChain, Radiograph
from radsal.dicom.gray.stages import Voi, look_up, modality, padding_slice, stored_axis, voi_gray
from radsal.dicom.gray.windowing import automatic_window, full_window


class Preset(NamedTuple):
    """A way to show the image, by name."""

    name: str
    voi: Voi


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
    gray = voi_gray(modality(stored_axis(chain), chain), voi)
    if chain.inverted if inverted is None else inverted:
        gray = 1 - gray
    levels = np.floor(gray * ((1 << bits) - 1) + 0.5)
    table: NDArray[np.uint8 | np.uint16] = levels.astype(f"=u{bits // 8}")
    table[padding_slice(chain)] = 0
    return table


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
