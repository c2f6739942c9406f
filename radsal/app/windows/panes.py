"""The image, or several of it side by side: one method's map in each."""

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from radsal.app.actions.workstation import Workstation
from radsal.app.viewer import Hover, ImageCanvas
from radsal.app.viewer.placement import fit_zoom
from radsal.app.viewer.tool import Tool
from radsal.app.widgets.labels import label
from radsal.app.widgets.observe import Observer, Refresh
from radsal.app.windows.pane import MainPane, OtherPane
from radsal.session import Pane

GAP = 1
REST = "Add method, or Shift+V, sets one more beside these."
_GRIDS = {1: ((1, 1),), 2: ((1, 2), (2, 1)), 3: ((2, 2), (1, 3), (3, 1)), 4: ((2, 2), (1, 4))}


class Panes(QWidget):
    """Arranges the panes, equally large, so that the image is as large as can be in each.

    Signals
    -------
    added(ImageCanvas):
        A canvas beside the main one, which wants its connections.
    """

    added = Signal(object)

    def __init__(self, workstation: Workstation) -> None:
        super().__init__()
        self._workstation = workstation
        self.setProperty("role", "panes")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.main = MainPane(workstation)
        self.main.setParent(self)
        self.others: tuple[OtherPane, ...] = ()
        self._rest = _rest(self)
        self._refresh = Refresh(self, self._arrange)
        self._link(self.main.canvas)
        observer, session = Observer(self), workstation.session
        observer.watch(self._follow, session.comparison.events.panes)
        observer.watch(self._refresh.later, session.reading.events.radiograph)
        self._follow()

    @property
    def canvases(self) -> tuple[ImageCanvas, ...]:
        """Every canvas, that of the reading that is judged first."""
        return self.main.canvas, *(other.canvas for other in self.others)

    @property
    def tool(self) -> Tool:
        """What the left button does, in every pane."""
        return self.main.canvas.tool

    @tool.setter
    def tool(self, tool: Tool) -> None:
        for canvas in self.canvases:
            canvas.tool = tool

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As large as there is room."""
        return self.main.canvas.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Small windows are usable."""
        return self.main.canvas.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Another shape may ask for another arrangement."""
        super().resizeEvent(event)
        self._arrange()

    def _follow(self) -> None:
        comparison = self._workstation.session.comparison
        known = {other.pane: other for other in self.others}
        self.others = tuple(known.get(pane) or self._make(pane) for pane in comparison.panes)
        for gone in set(known.values()) - set(self.others):
            gone.hide()
            gone.deleteLater()
        self.main.bar.setVisible(bool(self.others))
        self.main.more.setVisible(comparison.room)
        self._arrange()

    def _make(self, pane: Pane) -> OtherPane:
        made = OtherPane(pane, self._workstation)
        made.setParent(self)
        made.canvas.tool = self.tool
        made.show()
        self._link(made.canvas)
        self.added.emit(made.canvas)
        return made

    def _link(self, canvas: ImageCanvas) -> None:
        """What is under the mouse in one pane is marked in the others."""
        canvas.hovered.connect(lambda hover: self._point(canvas, hover))

    def _point(self, source: ImageCanvas, hover: Hover | None) -> None:
        place = None if hover is None else (hover.row + 0.5, hover.column + 0.5)
        for canvas in self.canvases:
            canvas.point_at(None if canvas is source else place)

    def _arrange(self) -> None:
        rows, columns = self._best_grid()
        shown = (self.main, *self.others)
        self._rest.setVisible(len(shown) < rows * columns)
        for place, widget in enumerate((*shown, self._rest)):
            widget.setGeometry(_cell(self.size(), (rows, columns), divmod(place, columns)))

    def _best_grid(self) -> tuple[int, int]:
        """(rows, columns) in which the whole image is seen the largest."""
        radiograph = self._workstation.session.reading.radiograph
        image = radiograph.shape if radiograph else (1, 1)
        room = self.height() or 1, self.width() or 1

        def zoom(grid: tuple[int, int]) -> float:
            return fit_zoom(image, (room[0] // grid[0], room[1] // grid[1]))

        return max(_GRIDS[1 + len(self.others)], key=zoom)


def _cell(size: QSize, grid: tuple[int, int], at: tuple[int, int]) -> QRect:
    """The cell of a grid at (row, column): all are equally large, with a line between them."""
    (rows, columns), (row, column) = grid, at
    height = (size.height() - GAP * (rows - 1)) // rows
    width = (size.width() - GAP * (columns - 1)) // columns
    return QRect(column * (width + GAP), row * (height + GAP), width, height)


def _rest(parent: QWidget) -> QWidget:
    """Where a pane could be: black, as the ground of the films."""
    text = label(REST, "rest", wrap=True)
    text.setParent(parent)
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return text
