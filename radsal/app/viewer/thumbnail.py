"""A small picture of a radiograph, as it is displayed."""

from PySide6.QtGui import QImage

from radsal.app.viewer.film import Film
from radsal.app.viewer.placement import Placement
from radsal.core.radiograph import LookupTable, Radiograph, VoiWindow


def thumbnail(
    radiograph: Radiograph,
    voi: VoiWindow | LookupTable | None,
    *,
    size: tuple[int, int] = (80, 96),
    inverted: bool = False,
) -> QImage:
    """The whole image, upright as stored, within ``size`` (width, height)."""
    placement = Placement.of(radiograph.shape, (size[1], size[0]), aspect=radiograph.spacing.aspect)
    return Film(radiograph).image(placement, voi, inverted=inverted).copy()
