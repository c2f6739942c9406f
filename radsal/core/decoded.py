"""A radiograph on its way: its pixels are there, their hash is not."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radsal.core.frozen import Rebuilt
from radsal.core.identity import ImageIdentity
from radsal.core.planes import Overlay, Shutter
from radsal.core.radiograph import GrayscaleChain, ImageHeader, PixelSpacing, Radiograph


@dataclass(frozen=True, slots=True, eq=False)
class Decoded(Rebuilt):
    """What a :class:`~radsal.core.radiograph.Radiograph` is made of, but for its identity.

    It may be prepared for the screen, never shown: nothing can be attached to pixels without a
    hash. Attributes are those of the radiograph.
    """

    header: ImageHeader
    stored: NDArray[np.integer]
    chain: GrayscaleChain
    spacing: PixelSpacing
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None

    def __post_init__(self) -> None:
        self.stored.setflags(write=False)

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return self.header.rows, self.header.columns

    @property
    def is_colour(self) -> bool:
        """Shown in its own colours: no window, no polarity."""
        return self.stored.ndim == 3

    def named(self, identity: ImageIdentity) -> Radiograph:
        """The radiograph. Raises ValueError where the identity is another image's."""
        parts = (self.stored, self.chain, self.spacing, self.overlays, self.shutter)
        return Radiograph(self.header, identity, *parts)


AnyRadiograph = Radiograph | Decoded  # what is drawn does not depend on the identity
