"""How the image is looked at. Nothing in here changes what a model is given."""

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor

from radsal.core.geometry import UPRIGHT, Turn
from radsal.core.radiograph import LookupTable, VoiWindow
from radsal.core.rules import DisplayRule, Scale, Sign


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
        Share of what the end of the colours stands for below which nothing is drawn, 0 to 1.
    scale, sign:
        What the end of the colours stands for, and which evidence is drawn.
    zoom:
        Screen pixels per image pixel; None fits the image into the view.
    center:
        Image point (row, column) in the middle of the view; None is the image's middle. It is a
        point of the image as stored, however that is turned.
    turn:
        How the image is laid on the screen, with everything that lies over it.
    smooth:
        Interpolate between pixels above 1:1; without it each pixel is a plain rectangle.
    overlays, shutter:
        Whether the file's overlay planes are drawn, and its shutter covers what lies outside.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    voi: VoiWindow | LookupTable | None = None
    inverted: bool = False
    heatmap: bool = True
    contours: bool = True
    native_grid: bool = False
    opacity: float = 0.45
    threshold: float = 0.25
    scale: Scale = Scale.MAP
    sign: Sign = Sign.POSITIVE
    colormap: str = "inferno"
    zoom: float | None = None
    center: tuple[float, float] | None = None
    turn: Turn = UPRIGHT
    smooth: bool = False
    overlays: bool = True
    shutter: bool = True

    @property
    def rule(self) -> DisplayRule:
        """By which maps are turned into colours."""
        return DisplayRule(self.scale, self.sign)

    def fit(self) -> None:
        """Show the whole image."""
        self.zoom, self.center = None, None
