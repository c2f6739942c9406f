"""The line above a pane: which method, how far it is, and what can be done with the pane."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
)

from radsal.app.panels.progress_box import show_share
from radsal.app.widgets.chooser import menu_button
from radsal.app.widgets.observe import Observer, set_property
from radsal.app.windows.choosers import follow_methods
from radsal.session import Reading

BAR_WIDTH = 56


class PaneBar(QFrame):
    """Names the method of a reading, and shows the work on its map with a way to stop it.

    Parameters
    ----------
    choose, cancel:
        Called with the method that was picked; called to stop the work.
    judged:
        The reading is the one that verdicts are given on.
    """

    def __init__(
        self,
        reading: Reading,
        choose: Callable[[str], None],
        cancel: Callable[[], None],
        *,
        judged: bool = False,
    ) -> None:
        super().__init__()
        self._reading = reading
        self.setProperty("role", "panebar")
        set_property(self, "active", judged)
        self.methods = menu_button("The method of this pane", "bar")
        follow_methods(self.methods, reading, choose, made_of_maps=not judged)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(4, 2, 4, 2)
        self.row.setSpacing(4)
        self.row.addWidget(self.methods)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(BAR_WIDTH)
        self.cancel = quiet_button("Cancel", "Stop the work on this map")
        self.cancel.clicked.connect(cancel)
        self.row.addStretch(1)
        for part in (self._bar, self.cancel):
            self.row.addWidget(part)
        asking = reading.asking.events
        Observer(self).watch(self._follow, asking.progress)
        self._follow()

    @property
    def working(self) -> bool:
        """The map is waited for."""
        return self._reading.asking.progress is not None

    def _follow(self) -> None:
        progress = self._reading.asking.progress
        for part in (self._bar, self.cancel):
            part.setVisible(progress is not None)
        if progress is not None:
            show_share(self._bar, progress)


def quiet_button(text: str, tip: str) -> QPushButton:
    """A button that does not shout."""
    button = QPushButton(text)
    button.setProperty("role", "quiet")
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
