"""What is drawn of the session, made anew only where it changed."""

from collections import deque

from radsal.app.viewer.contours import Outline, outlines
from radsal.app.viewer.film import Film
from radsal.app.viewer.heat import HeatMap
from radsal.app.viewer.marks import Marks
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.planes import Ink
from radsal.app.viewer.prepared import Preparing
from radsal.core.results import Analysis, SaliencyMap
from radsal.core.rules import DisplayRule, Shown
from radsal.session import Scene

FILMS = 3  # going back to a case finds its film at view resolution; about 10 MB each


class Layers:
    """Caches by identity: another image, map or analysis can never be drawn from an old one."""

    def __init__(self, session: Scene) -> None:
        self._session = session
        self.preparing = Preparing()
        self._films: deque[Film] = deque(maxlen=FILMS)
        self._heat: HeatMap | None = None
        self._shown: Shown | None = None
        self._shown_of: tuple[SaliencyMap, Analysis, DisplayRule] | None = None
        self._ink: Ink | None = None
        self._marks = Marks(1.0)
        self._outlines: tuple[Outline, ...] = ()
        self._outlined: tuple[Analysis | None, str | None, Placement, float] | None = None

    def film(self) -> Film | None:
        """The film of the image on screen."""
        radiograph = self._session.reading.radiograph
        if radiograph is None:
            return None
        for film in self._films:
            if film.radiograph is radiograph:
                return film
        self._films.append(self.preparing.take(radiograph) or Film(radiograph))
        return self._films[-1]

    def saliency(self) -> SaliencyMap | None:
        """The map of the selected finding, or its preview, whether it is drawn or not."""
        return self._session.reading.shown_saliency if self._source() else None

    def shown(self) -> Shown | None:
        """What the display rule makes of the map of the selected finding."""
        saliency, source = self.saliency(), self._source()
        if saliency is None or source is None:
            return None
        key = saliency, source, self._session.view.rule
        if self._shown is None or self._shown_of != key:
            self._shown = key[2].applied(saliency, source.maps)
            self._shown_of = key
        return self._shown

    def _source(self) -> Analysis | None:
        """The analysis of the image on screen that the map is of."""
        reading = self._session.reading
        source = reading.analysis if reading.saliency else reading.preview
        if source is None or reading.radiograph is None:
            return None
        return source if source.image == reading.radiograph.identity else None

    def heat(self) -> HeatMap | None:
        """The heat map to draw: None while it is switched off."""
        saliency = self.saliency() if self._session.view.heatmap else None
        if saliency is None:
            return None
        if self._heat is None or self._heat.saliency is not saliency:
            self._heat = HeatMap(saliency)
        return self._heat

    def ink(self) -> Ink | None:
        """The overlay planes to draw: None while they are switched off."""
        radiograph = self._session.reading.radiograph
        if radiograph is None or not radiograph.overlays:
            self._ink = None
        elif self._ink is None or self._ink.radiograph is not radiograph:
            self._ink = Ink(radiograph)
        return self._ink if self._session.view.overlays else None

    def outlines(self, placement: Placement, ratio: float) -> tuple[Outline, ...]:
        """Outlines of the hot spots to draw: none while they are switched off."""
        reading = self._session.reading
        if not self._session.view.contours or self.saliency() is None:
            return ()
        key = (reading.analysis, reading.finding, placement, ratio)
        if self._outlined != key:
            self._outlines = outlines(reading.spots, placement, ratio)
            self._outlined = key
        return self._outlines

    def marks(self, ratio: float) -> Marks:
        """The picture of heat map and outlines for a screen of this pixel ratio."""
        if self._marks.ratio != ratio:
            self._marks = Marks(ratio)
        return self._marks
