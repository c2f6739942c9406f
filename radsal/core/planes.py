"""Bit planes that lie over an image: overlays and the display shutter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.frozen import Rebuilt


@dataclass(frozen=True, slots=True, eq=False)
class Overlay(Rebuilt):
    """One overlay plane, group 60xx (PS3.3 C.9.2), of the frame that is shown.

    Attributes
    ----------
    plane:
        bool, (rows, columns) of the overlay itself, read only: where it is drawn.
    origin:
        (row, column) in the image of the plane's top left pixel, counted from 0; the file's
        Overlay Origin (60xx,0050) less 1. The plane may reach beyond the image.
    group:
        Group number, 0x6000 to 0x601E.
    region:
        Overlay Type (60xx,0040) is R, a region of interest, and not G, graphics.
    label:
        Overlay Label (60xx,1500), else Overlay Description (60xx,0022); may be empty.
    """

    plane: NDArray[np.bool_]
    origin: tuple[int, int] = (0, 0)
    group: int = 0x6000
    region: bool = False
    label: str = ""

    def __post_init__(self) -> None:
        if self.plane.ndim != 2 or self.plane.dtype != np.bool_ or self.plane.size == 0:
            raise ValueError("an overlay is a plane of booleans")
        self.plane.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Shutter(Rebuilt):
    """What the file says shall not be seen (Display Shutter, PS3.3 C.7.6.11, C.7.6.15).

    It changes the display alone; a model is given all of the image.

    Attributes
    ----------
    hidden:
        bool, (rows, columns) of the image, read only: True outside of the shutter.
    gray:
        What is shown there, 0 (black) to 1: Shutter Presentation Value (0018,1622) / 65535.
    """

    hidden: NDArray[np.bool_]
    gray: float = 0.0

    def __post_init__(self) -> None:
        if self.hidden.ndim != 2 or self.hidden.dtype != np.bool_:
            raise ValueError("a shutter is a plane of booleans")
        if not 0 <= self.gray <= 1:
            raise ValueError(f"a shutter's gray lies between 0 and 1, got {self.gray}")
        self.hidden.setflags(write=False)
