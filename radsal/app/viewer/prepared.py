"""Films that are made before their image comes on screen."""

from typing import NamedTuple

from radsal.app.viewer.film import Film
from radsal.app.viewer.placement import Placement
from radsal.core.decoded import Decoded
from radsal.core.radiograph import Radiograph
from radsal.dicom.gray.grayscale import initial_voi

KEPT = 2  # the image that is chosen and the next one; about 15 MB each


class Outlook(NamedTuple):
    """How the next image will be seen: upright and whole in a view of ``size`` device pixels."""

    size: tuple[int, int]
    smooth: bool
    shutter: bool


class Preparing:
    """Films are made beside the GUI's thread, and taken in it.

    The GUI's thread says how images will be seen; both replace whole values, so that neither waits
    for the other. Where the view changed meanwhile the work was in vain, and the film does it again.
    """

    def __init__(self) -> None:
        self.outlook: Outlook | None = None
        self._made: tuple[Film, ...] = ()

    def prepare(self, decoded: Decoded) -> None:
        """Make the film of an image as it will be seen first, in the thread of the caller."""
        if self.outlook is None:
            return
        size, smooth, shutter = self.outlook
        film = Film(decoded)
        placement = Placement.of(decoded.shape, size, aspect=decoded.spacing.aspect)
        film.image(placement, initial_voi(decoded), inverted=False, smooth=smooth, shutter=shutter)
        self._made = (*self._made[1 - KEPT :], film)

    def take(self, radiograph: Radiograph) -> Film | None:
        """The film that was made of exactly these pixels, once."""
        for film in self._made:
            if film.take(radiograph):
                self._made = tuple(other for other in self._made if other is not film)
                return film
        return None
