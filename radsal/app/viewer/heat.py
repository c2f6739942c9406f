"""The heat layer: uniform opacity where the map reaches the threshold, nothing below."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.raster import as_image, extent
from radsal.core import colormaps
from radsal.core.results import SaliencyMap
from radsal.core.rules import Sign

STEPS = 1000
"""On each side of zero: a threshold of whole percents, or tenths of them, lies on a step's edge."""

_FAR = 1e15  # what lies beyond the top has its colour, and must not lie beyond an integer


@dataclass(frozen=True, slots=True)
class HeatLook:
    """How a map is coloured.

    Attributes
    ----------
    colormap:
        Of positive evidence where nothing else is drawn; both signs have colours of their own.
    opacity, threshold:
        As in ``session.View``; the threshold is a share of ``top``.
    sign:
        Which evidence is drawn.
    top:
        The size of evidence that the last colour stands for; 0 draws nothing.
    """

    colormap: str
    opacity: float
    threshold: float
    top: float
    sign: Sign = Sign.POSITIVE


def tables(sign: Sign, colormap: str) -> tuple[str | None, str | None]:
    """Names of the tables for evidence against and for the finding; None draws nothing."""
    return {
        Sign.POSITIVE: (None, colormap),
        Sign.NEGATIVE: (colormaps.COLD, None),
        Sign.BOTH: (colormaps.COLD, colormaps.WARM),
    }[sign]


def heat_colours(look: HeatLook) -> NDArray[np.uint32]:
    """Premultiplied 0xAARRGGBB for each step from -``STEPS`` to ``STEPS``, zero in the middle."""
    against, favour = (_half(look, name) for name in tables(look.sign, look.colormap))
    return np.concatenate([against[:0:-1], favour])


def _half(look: HeatLook, name: str | None) -> NDArray[np.uint32]:
    """From zero to the top: uniform opacity from the threshold on, nothing below it or at zero."""
    steps = np.arange(STEPS + 1)
    if name is None or look.top <= 0:
        return np.zeros(STEPS + 1, np.uint32)
    rgb = colormaps.table(name)[np.rint(steps * (255 / STEPS)).astype(np.intp)].astype(np.float64)
    shows = (steps >= look.threshold * STEPS - 1e-9) & (steps > 0)
    alpha = np.where(shows, look.opacity, 0.0)
    red, green, blue = np.rint(rgb * alpha[:, None]).astype(np.uint32).T
    opaque = np.rint(alpha * 255).astype(np.uint32)
    return np.asarray(opaque << 24 | red << 16 | green << 8 | blue, dtype=np.uint32)


def steps_at(
    saliency: SaliencyMap, placement: Placement, top: float, *, native_grid: bool
) -> NDArray[np.intp]:
    """Steps of the map under the visible pixels of the film as it is turned.

    ``STEPS`` is zero, ``2 * STEPS`` is ``top``; what lies beyond goes further. With ``native_grid``
    each pixel has the value of the grid cell that it lies in.
    """
    rows, columns = placement.sample_points()
    scaled = np.clip(saliency.values * (STEPS / np.float64(top)), -_FAR, _FAR).astype(np.float32)
    if native_grid:
        values = saliency.mapping.cells(scaled, rows, columns)
    else:
        values = saliency.mapping.sample(scaled, rows, columns)
    # rounded towards zero: a value below the threshold never reaches the step that shows
    values += np.copysign(np.float32(1e-3), values)
    steps = values.astype(np.intp)
    steps += STEPS
    return placement.on_screen(steps)


class HeatMap:
    """One saliency map on screen: its steps at view resolution and the pixels made of them."""

    def __init__(self, saliency: SaliencyMap) -> None:
        self.saliency = saliency
        self._where: tuple[Placement, bool, float] | None = None
        self._steps = np.empty((0, 0), np.intp)
        self._look: HeatLook | None = None
        self._pixels = np.empty((0, 0), np.uint32)
        self._image = QImage()
        self._corner = (0, 0)

    def image(
        self, placement: Placement, look: HeatLook, *, native_grid: bool
    ) -> tuple[QImage, tuple[int, int]]:
        """The part of the map that shows, and its corner (y, x) in device pixels of the view."""
        if look.top <= 0:
            return QImage(), (0, 0)
        where = placement, native_grid, look.top
        moved = self._where != where
        if moved:
            self._steps = steps_at(self.saliency, placement, look.top, native_grid=native_grid)
            self._where = where
        if moved or look != self._look:
            self._look = look
            self._colour(placement, look)
        return self._image, self._corner

    def _colour(self, placement: Placement, look: HeatLook) -> None:
        """Look up only the rectangle in which anything shows."""
        colours = heat_colours(look)
        r0, c0, r1, c1 = extent(_shows(colours, self._steps))
        self._pixels = np.take(colours, self._steps[r0:r1, c0:c1], mode="clip")
        self._image = as_image(self._pixels, QImage.Format.Format_ARGB32_Premultiplied)
        self._corner = placement.visible[0] + r0, placement.visible[1] + c0


def _shows(colours: NDArray[np.uint32], steps: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    """Where a step has a colour: beyond the first one that has, on either side of zero."""
    against, favour = np.flatnonzero(colours[: STEPS + 1]), np.flatnonzero(colours[STEPS:])
    shown = [steps >= STEPS + favour[0]] if favour.size else []
    shown += [steps <= against[-1]] if against.size else []
    return np.logical_or.reduce(shown) if len(shown) > 1 else next(iter(shown), None)
