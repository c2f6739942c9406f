"""How the image is looked at. Nothing in here changes what a model is given."""

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.radiograph import LookupTable, VoiWindow


@dataclass(eq=False)
class View:
    """Display state; ``view.events.<field>`` is emitted with the new value when a field changes.

    Attributes
    ----------
    voi:
        Window or VOI LUT that is applied, in units after the modality stage; None is full range.
    inverted:
        The reader turned the polarity round, on top of what the file states.
    heatmap, contours:
        Whether they are drawn. ``native_grid`` draws the map's own cells, without interpolation.
    opacity:
        Of the heatmap above the threshold, 0 to 1.
    threshold:
        Share of the map's maximum below which nothing is drawn, 0 to 1.
    zoom:
        Screen pixels per image pixel; None fits the image into the view.
    center:
        Image point (row, column) in the middle of the view; None is the image's middle.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    voi: VoiWindow | LookupTable | None = None
    inverted: bool = False
    heatmap: bool = True
    contours: bool = True
    native_grid: bool = False
    opacity: float = 0.45
    threshold: float = 0.25
    colormap: str = "inferno"
    zoom: float | None = None
    center: tuple[float, float] | None = None

    def fit(self) -> None:
        """Show the whole image."""
        self.zoom, self.center = None, None
