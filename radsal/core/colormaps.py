"""Perceptually uniform colour maps, the same for the window, the pictures and the reports.

Origin: the tables *inferno* and *viridis* (Nathaniel J. Smith, Stefan van der Walt and Eric
Firing, CC0) and *cividis* (Nuñez, Anderton and Renslow, doi:10.1371/journal.pone.0199239, made to
look alike with and without red-green deficiency), in the 8 bits that Matplotlib gives.
They are packed here as differences along the table, deflated, in base 85.
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


@cache
def table(name: str) -> NDArray[np.uint8]:
    """Colours from the lowest to the highest value.

    Parameters
    ----------
    name:
        One of :data:`NAMES`.

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
    else:
        steps = np.frombuffer(zlib.decompress(b85decode(_PACKED[name])), np.uint8).reshape(3, 256)
        colours = np.ascontiguousarray(np.cumsum(steps, axis=1, dtype=np.uint8).T)
    colours.setflags(write=False)
    return colours
