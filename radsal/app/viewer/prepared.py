"""Images at view resolution before they come on screen."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radsal.app.viewer.placement import Placement
from radsal.app.viewer.stored import StoredValues
from radsal.core.decoded import Decoded
from radsal.core.radiograph import Radiograph

KEPT = 2  # the image that is chosen and the next one; about 10 MB each


class Where(NamedTuple):
    """What the values at view resolution depend on."""

    placement: Placement
    smooth: bool
    shutter: bool


class Outlook(NamedTuple):
    """How the next image will be seen: upright and whole in a view of ``size`` device pixels."""

    size: tuple[int, int]
    smooth: bool
    shutter: bool


class Prepared(NamedTuple):
    """Table indices of ``stored`` as :class:`~radsal.app.viewer.stored.StoredValues` gives them."""

    stored: NDArray[np.integer]
    where: Where
    indices: NDArray[np.intp]


class Preparing:
    """Made beside the GUI's thread, taken in it.

    The GUI's thread says how images will be seen; both replace whole values, so that neither waits
    for the other. Where the view changed meanwhile the work was in vain, and is done again.
    """

    def __init__(self) -> None:
        self.outlook: Outlook | None = None
        self._made: tuple[Prepared, ...] = ()

    def prepare(self, decoded: Decoded) -> None:
        """Bring an image to view resolution, in the thread of the caller."""
        outlook = self.outlook
        if outlook is None or decoded.is_colour:
            return
        placement = Placement.of(decoded.shape, outlook.size, aspect=decoded.spacing.aspect)
        where = Where(placement, outlook.smooth, outlook.shutter)
        indices = StoredValues(decoded).at(placement, smooth=where.smooth, shutter=where.shutter)
        self._made = (*self._made[1 - KEPT :], Prepared(decoded.stored, where, indices))

    def take(self, radiograph: Radiograph) -> Prepared | None:
        """What was made of exactly these pixels, once."""
        for made in self._made:
            if made.stored is radiograph.stored:
                self._made = tuple(other for other in self._made if other is not made)
                return made
        return None
