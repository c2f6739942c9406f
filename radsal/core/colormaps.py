"""Perceptually uniform colour maps, the same for the window, the pictures and the reports.

Origin: the tables *inferno* and *viridis* (Nathaniel J. Smith, Stefan van der Walt and Eric
Firing, CC0) and *cividis* (Nuñez, Anderton and Renslow, doi:10.1371/journal.pone.0199239, made to
look alike with and without red-green deficiency), in the 8 bits that Matplotlib gives.
They are packed here as differences along the table, deflated, in base 85.

*cold* and *warm* are our own, made by a formula: for evidence against and for a finding in one
picture. Both rise from the same dark gray with the same lightness; only the hue tells the sign, blue
from orange, which the usual forms of colour blindness leave apart.
"""

import zlib
from base64 import b85decode
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

_PACKED = {
    "inferno": (
        "c-oCp(H4au2m|r{{~uci#t3}6I7X%}z(hnH>Ihr##j$R0==ArC3OT;OZ-+CNN=)EFLgJ3_X%9TW0TMyIA-^z"
        "7xzbfAY6?+Jc)D%Vi|#PzTCHZsdv&Ak_2FvgxDZf<@zm|x=3ukcLepZ+l8j_r!AT^A<g5L6^B?kaT>#0El-%"
        "r$cm|ywYT|-<rTM$AD#J^#aI=l!_S-buFAIiip8"
    ),
    "viridis": (
        "c-oCp2@b>{2*moeeM0~L6zPJ41J-1hIY1MsrhG)2)5RpBOj9b8fmBxHRP0rP>tnb;GZ+z<(P4B&bgEYzna$6"
        "%)!IQGRh{{dkRR)PLk^|Tmq9^TLD-3RJi9)8y9m3dhMbyxbY6=bx|f`=Iy(w8x~3t<@?nI15jJYV0o8fA`0o"
        "#b6o?4"
    ),
    "cividis": (
        "c-oax2M&NB3~Z|}@jw3mH&jNY3t~KO;fS#cu*P{F6;y$ZeKm@iRKTi(PZzMe`zL6>r&wq@wfDUGbHT6*wEEN"
        "W!q3g}z`iE=5^do*(`3O8=N{j8NF3!K;Azfd?Z8w~9aSUH^bB^%UWQ_Gy(Sd1D8kZMxDMa}4RS;r"
    ),
}

ColormapName = Literal["inferno", "viridis", "cividis", "gray"]
NAMES: tuple[str, ...] = get_args(ColormapName)

COLD, WARM = "cold", "warm"
_HUES = {COLD: (280.0, 230.0), WARM: (40.0, 75.0)}  # at zero and at the end, degrees
_DARKEST, _LIGHTEST, _CHROMA = 20.0, 80.0, 78.0

_TO_XYZ = np.array(  # IEC 61966-2-1, linear sRGB to XYZ under D65
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)


@cache
def table(name: str) -> NDArray[np.uint8]:
    """Colours from the lowest to the highest value.

    Parameters
    ----------
    name:
        One of :data:`NAMES`, :data:`COLD` or :data:`WARM`.

    Returns
    -------
    uint8, (256, 3), red, green and blue, read only.

    Raises
    ------
    KeyError
        There is no map of that name.
    """
    if name == "gray":
        colours = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    elif name in _HUES:
        colours = _signed(*_HUES[name])
    else:
        steps = np.frombuffer(zlib.decompress(b85decode(_PACKED[name])), np.uint8).reshape(3, 256)
        colours = np.ascontiguousarray(np.cumsum(steps, axis=1, dtype=np.uint8).T)
    colours.setflags(write=False)
    return colours


def _signed(first: float, last: float) -> NDArray[np.uint8]:
    """From dark gray to a light colour in CIELAB: as much of the hue as the screen can show."""
    share = np.linspace(0, 1, 256)
    lightness = _DARKEST + (_LIGHTEST - _DARKEST) * share
    hue = np.deg2rad(first + (last - first) * share)
    low, high = np.zeros(256), _CHROMA * np.sqrt(share)
    for _ in range(20):  # halve towards the edge of what sRGB holds
        middle = (low + high) / 2
        held = _srgb(lightness, middle, hue)
        inside = ((held >= 0) & (held <= 1)).all(axis=1)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return np.rint(_srgb(lightness, low, hue) * 255).astype(np.uint8)


def _srgb(
    lightness: NDArray[np.float64], chroma: NDArray[np.float64], hue: NDArray[np.float64]
) -> NDArray[np.float64]:
    """CIELAB under D65 (CIE 15) as sRGB, below 0 or above 1 where no screen shows it."""
    y = (lightness + 16) / 116
    f = np.stack([y + chroma * np.cos(hue) / 500, y, y - chroma * np.sin(hue) / 200], axis=1)
    edge = 6 / 29
    xyz = np.where(f > edge, f**3, 3 * edge**2 * (f - 4 / 29)) * _TO_XYZ.sum(axis=1)
    linear = xyz @ np.linalg.inv(_TO_XYZ).T
    curved = 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, curved))
