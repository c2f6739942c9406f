"""Views observe models without outliving them, and no frame shows an old state."""

import gc
import weakref

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QLabel, QWidget

from radsal.app.panels import CasesPanel, FindingsPanel
from radsal.app.viewer import ImageCanvas
from radsal.app.widgets.observe import Observer, Refresh, set_property
from radsal.session import View


class Watcher(QWidget):
    """Counts what it is told, and refreshes."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.told = self.refreshed = 0
        self.refresh = Refresh(self, self.count)
        Observer(self).watch(self.note, view.events.heatmap, view.events.zoom)

    def note(self) -> None:
        self.told += 1
        self.refresh.later()

    def count(self) -> None:
        self.refreshed += 1


def destroy(widget: QObject) -> None:
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def connections(model) -> int:
    return sum(len(model.events[name]) for name in model.events)


def test_that_many_changes_in_one_turn_are_one_refresh(qtbot) -> None:
    view = View()
    watcher = Watcher(view)
    qtbot.addWidget(watcher)
    for zoom in (1.0, 2.0, 3.0):
        view.zoom = zoom
    assert (watcher.told, watcher.refreshed) == (3, 0)
    qtbot.waitUntil(lambda: watcher.refreshed == 1)
    view.heatmap = False
    qtbot.waitUntil(lambda: watcher.refreshed == 2)


def test_that_a_change_to_the_same_value_is_no_change(qtbot) -> None:
    view = View()
    watcher = Watcher(view)
    qtbot.addWidget(watcher)
    view.heatmap = view.heatmap
    assert watcher.told == 0


def test_that_a_destroyed_view_is_told_nothing_and_freed(qapp) -> None:
    view = View()
    watcher = Watcher(view)
    gone = weakref.ref(watcher)
    view.zoom = 2.0  # a refresh is due when the view goes
    destroy(watcher)
    view.heatmap = False
    assert connections(view) == 0
    del watcher
    gc.collect()
    assert gone() is None


def test_that_no_view_of_the_window_stays_connected_after_its_end(session, qapp) -> None:
    models = session.reading, session.view, session.worklist
    before = [connections(model) for model in models]
    for kind in (ImageCanvas, CasesPanel, FindingsPanel):
        made = kind(session)
        assert sum(connections(model) for model in models) > sum(before)
        destroy(made)
        assert [connections(model) for model in models] == before, kind.__name__


def test_that_a_property_of_the_style_is_set_once(qtbot) -> None:
    made = QLabel()
    qtbot.addWidget(made)
    set_property(made, "role", "amber")
    set_property(made, "role", "amber")
    assert made.property("role") == "amber"
