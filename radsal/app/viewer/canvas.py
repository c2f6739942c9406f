"""The image view."""

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from radsal.app.viewer.contours import hit
from radsal.app.viewer.drags import Drag, begin_drag
from radsal.app.viewer.hover import Hover, hover_at
from radsal.app.viewer.layers import Layers
from radsal.app.viewer.navigation import Point, zoom_about
from radsal.app.viewer.painting import Frame
from radsal.app.viewer.placement import Placement
from radsal.app.viewer.prepared import Outlook
from radsal.app.viewer.states import ViewState
from radsal.app.viewer.tool import Tool
from radsal.app.widgets.observe import Observer, Refresh
from radsal.core.decoded import Decoded
from radsal.session import Scene

CLICK = 4.0  # logical pixels that a click may wander
WHEEL_STEP = 1.15
_LEFT, _MIDDLE, _RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)


class ImageCanvas(QWidget):
    """Shows ``session.reading`` under ``session.view``.

    Parameters
    ----------
    beside:
        It stands beside another canvas of the same image, which has the corner texts.

    Signals
    -------
    hovered(Hover | None):
        The pixel under the mouse.
    spotClicked(str):
        A click on a hot spot, by id.
    frameStepped(int):
        One frame on (+1) or back (-1).
    openRequested(), demoRequested():
        The buttons of the empty state.
    """

    hovered = Signal(object)
    spotClicked = Signal(str)  # noqa: N815
    frameStepped = Signal(int)  # noqa: N815
    openRequested = Signal()  # noqa: N815
    demoRequested = Signal()  # noqa: N815

    def __init__(
        self, session: Scene, parent: QWidget | None = None, *, beside: bool = False
    ) -> None:
        super().__init__(parent)
        self._beside = beside
        self.tool = Tool.WINDOW
        self._session = session
        self._layers = Layers(session)
        self._mouse: QPointF | None = None
        self._pointed: Point | None = None
        self._pressed: QPointF | None = None
        self._drag: Drag | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image")
        self._state = ViewState(self)
        self._state.openRequested.connect(self.openRequested)
        self._state.demoRequested.connect(self.demoRequested)
        self._observe()

    def _observe(self) -> None:
        reading, view = self._session.reading.events, self._session.view.events
        asking = self._session.reading.asking.events
        self._refresh = Refresh(self, self._follow_state)
        observer = Observer(self)
        watched = [view[name] for name in view]
        watched += [reading.analysis, reading.preview, reading.finding, reading.spot]
        watched += [asking[name] for name in asking]
        observer.watch(self._repaint, *watched)
        observer.watch(self._end_drag, view.turn)
        observer.watch(self._follow_later, reading.radiograph, reading.header, reading.refusal)
        self._state.follow(self._session.reading)

    # what it shows ---------------------------------------------------------------------------

    def placement(self) -> Placement | None:
        """Where the film lies now, in device pixels; None without an image."""
        radiograph = self._session.reading.radiograph
        if radiograph is None:
            return None
        view = self._session.view
        return Placement.of(
            radiograph.shape,
            self._size(),
            view.zoom,
            view.center,
            turn=view.turn,
            aspect=radiograph.spacing.aspect,
        )

    def prepare(self, decoded: Decoded) -> None:
        """Bring an image to view resolution before it is on screen; beside the GUI's thread."""
        self._layers.preparing.prepare(decoded)

    def point_at(self, place: Point | None) -> None:
        """Mark an image point (row, column), such as the one under the mouse in another pane."""
        if place != self._pointed:
            self._pointed = place
            self.update()

    def zoom_by(self, factor: float) -> None:
        """Zoom about the middle of the view."""
        placement = self.placement()
        if placement is not None:
            middle = placement.view[0] / 2, placement.view[1] / 2
            zoom_about(self._session.view, placement, placement.zoom * factor, middle)

    def actual_size(self) -> None:
        """One image pixel on one pixel of the screen, the middle of the view kept."""
        placement = self.placement()
        if placement is not None:
            self.zoom_by(1 / placement.zoom)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as there is room."""
        return QSize(1044, 980)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Small windows are usable."""
        return QSize(160, 120) if self._beside else QSize(320, 240)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw black, and on it the frame."""
        view = self._session.view
        self._layers.preparing.outlook = Outlook(self._size(), view.smooth, view.shutter)
        painter = QPainter(self)
        film, placement = self._layers.film(), self.placement()
        if film is None or placement is None or not _covers(placement):
            painter.fillRect(self.rect(), QColor(0, 0, 0))
        if film is not None and placement is not None:
            ratio = self.devicePixelRatioF()
            frame = Frame(painter, self._session, self._layers, placement, ratio)
            frame.paint(film, QRectF(self.rect()))
            if not self._beside:
                frame.paint_corners(film, QRectF(self.rect()), self._mouse)
            if self._pointed is not None:
                frame.paint_pointer(self._pointed)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The state covers all of the view."""
        self._state.resize(event.size())
        super().resizeEvent(event)

    # the mouse -------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin a drag; it may still turn out to be a click."""
        tools = {_LEFT: self.tool, _MIDDLE: Tool.PAN, _RIGHT: Tool.ZOOM}
        placement, radiograph = self.placement(), self._session.reading.radiograph
        tool = tools.get(event.button())
        if placement is None or radiograph is None or tool is None or self._drag is not None:
            return
        self._pressed = event.position()
        at = self._device(event.position())
        self._drag = begin_drag(tool, self._session.view, radiograph, placement, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag, or tell what is under the mouse."""
        self._mouse = event.position()
        if self._drag is not None and not self._is_click(event.position()):
            self._pressed = None
            self._drag.move(self._device(event.position()))
        elif self._drag is None:
            self._hover(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End the drag; without one, a left click may be on a hot spot."""
        clicked = event.button() == _LEFT and self._pressed is not None
        self._drag = self._pressed = None
        spot = self._spot_at(event.position()) if clicked else None
        if spot is not None:
            self.spotClicked.emit(spot)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Fit the image into the view, unless the click is on a hot spot."""
        if event.button() == _LEFT and self._spot_at(event.position()) is None:
            self._session.view.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the mouse; with Shift the next or previous frame."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            turned = event.angleDelta().y() or event.angleDelta().x()  # Qt may turn it sideways
            if turned:
                self.frameStepped.emit(-1 if turned > 0 else 1)
            event.accept()
            return
        placement, steps = self.placement(), event.angleDelta().y() / 120
        if placement is not None and steps:
            at = self._device(event.position())
            zoom_about(self._session.view, placement, placement.zoom * WHEEL_STEP**steps, at)
            event.accept()

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802
        """Nothing is under the mouse."""
        self._mouse = None
        self.hovered.emit(None)
        self.update()

    # inside ----------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        """(height, width) in device pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.height() * ratio), round(self.width() * ratio)

    def _repaint(self) -> None:
        self.update()

    def _end_drag(self) -> None:
        """What was grabbed lies elsewhere now."""
        self._drag = self._pressed = None

    def _follow_later(self) -> None:
        self._end_drag()
        self._refresh.later()
        self.update()

    def _follow_state(self) -> None:
        self._state.follow(self._session.reading)
        self.update()

    def _device(self, point: QPointF) -> Point:
        ratio = self.devicePixelRatioF()
        return point.y() * ratio, point.x() * ratio

    def _is_click(self, point: QPointF) -> bool:
        return self._pressed is not None and (point - self._pressed).manhattanLength() <= CLICK

    def _spot_at(self, point: QPointF) -> str | None:
        placement = self.placement()
        if placement is None:
            return None
        return hit(self._layers.outlines(placement, self.devicePixelRatioF()), point)

    def _hover(self, point: QPointF) -> None:
        found: Hover | None = None
        placement, radiograph = self.placement(), self._session.reading.radiograph
        if placement is not None and radiograph is not None:
            # the middle of the device pixel: its corner lies in another image pixel when turned
            y, x = (math.floor(n) + 0.5 for n in self._device(point))
            place = placement.to_image(y, x)
            found = hover_at(radiograph, self._layers.saliency(), place)
        over_spot = self._spot_at(point) is not None
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if over_spot else Qt.CursorShape.ArrowCursor
        )
        self.hovered.emit(found)
        self.update()


def _covers(placement: Placement) -> bool:
    """The film reaches all edges of the view: nothing black is seen."""
    return placement.visible == (0, 0, *placement.view)
