"""Draw one frame of the view, from the film up."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from radsal.app.theme.tokens import DARK
from radsal.app.viewer.annotations import corners
from radsal.app.viewer.banner import banner_text, paint_banner, waiting_text
from radsal.app.viewer.colorbar import paint_colorbar
from radsal.app.viewer.corners import blocks, paint_blocks
from radsal.app.viewer.film import Film
from radsal.app.viewer.heat import HeatLook, HeatMap
from radsal.app.viewer.layers import Layers
from radsal.app.viewer.orientation import edge_letters, paint_letters
from radsal.app.viewer.placement import Placement
from radsal.session import Scene

RING = 9.0  # radius in logical pixels


class Frame:
    """One frame: its painter works in logical pixels, the film in device pixels."""

    def __init__(
        self,
        painter: QPainter,
        session: Scene,
        layers: Layers,
        placement: Placement,
        ratio: float,
    ) -> None:
        self._painter = painter
        self._session = session
        self._layers = layers
        self._placement = placement
        self._ratio = ratio

    def paint(self, film: Film, view: QRectF) -> None:
        """Film, heat map, overlays, outlines, letters, colour bar."""
        self._paint_film(film)
        self._paint_marks()
        letters = edge_letters(film.radiograph.header.orientation)
        paint_letters(self._painter, self._placement.turn.edges(letters), self.film_box())
        self._paint_bar(view)

    def film_box(self) -> QRectF:
        """The visible part of the film in logical pixels."""
        y0, x0, y1, x1 = (n / self._ratio for n in self._placement.visible)
        return QRectF(x0, y0, x1 - x0, y1 - y0)

    def _paint_film(self, film: Film) -> None:
        view = self._session.view
        image = film.image(
            self._placement,
            view.voi,
            inverted=view.inverted,
            smooth=view.smooth,
            shutter=view.shutter,
        )
        image.setDevicePixelRatio(self._ratio)
        self._painter.drawImage(self.film_box().topLeft(), image)

    def _paint_marks(self) -> None:
        self._layers.marks(self._ratio).paint(
            self._painter,
            self._placement,
            self._heat(),
            self._layers.ink(),
            self._layers.outlines(self._placement, self._ratio),
            self._session.reading.spot,
        )

    def _heat(self) -> tuple[HeatMap, HeatLook, bool] | None:
        heat, shown, view = self._layers.heat(), self._layers.shown(), self._session.view
        if heat is None or shown is None:
            return None
        look = HeatLook(view.colormap, view.opacity, view.threshold, shown.top, view.sign)
        return heat, look, view.native_grid

    def _paint_bar(self, view: QRectF) -> None:
        self._paint_line(view)
        display, saliency = self._session.view, self._layers.saliency()
        shown = self._layers.shown() if display.heatmap else None
        if saliency is not None and shown is not None and shown.top > 0:
            paint_colorbar(
                self._painter,
                view,
                saliency,
                shown,
                display,
                outlined=bool(self._layers.outlines(self._placement, self._ratio)),
                preview=self._session.reading.saliency is None,
            )

    def _paint_line(self, view: QRectF) -> None:
        display, saliency = self._session.view, self._layers.saliency()
        text = waiting_text(self._session.reading)
        if not text and saliency is not None:
            shown = self._layers.shown() if display.heatmap else None
            text = banner_text(saliency, shown, display.threshold)
        if text:
            paint_banner(self._painter, view, text)

    def paint_pointer(self, place: tuple[float, float]) -> None:
        """A ring around an image point, to be seen on black and on white."""
        y, x = (n / self._ratio for n in self._placement.to_view(*place))
        self._painter.save()
        self._painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        for width, colour in ((3.5, QColor(0, 0, 0, 160)), (1.5, QColor(DARK.accent))):
            self._painter.setPen(QPen(colour, width))
            self._painter.drawEllipse(QPointF(x, y), RING, RING)
        self._painter.restore()

    def paint_corners(self, film: Film, view: QRectF, mouse: QPointF | None) -> None:
        """The texts in the corners, which yield to the image and to the mouse."""
        shown = self._session.view
        texts = corners(film.radiograph, shown, self._placement.zoom)
        paint_blocks(self._painter, blocks(texts, view), self.film_box(), mouse)
