"""The menu of window presets: what the file brings, by name, and the key of each."""

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from radsal.app.actions import display
from radsal.app.actions.workstation import Workstation
from radsal.app.viewer.annotations import window_text
from radsal.app.widgets.observe import Observer
from radsal.core.radiograph import LookupTable, VoiWindow

NAME = 48  # characters of an explanation; a file may bring a thousand
KEYS = 9


class PresetMenu(Observer):
    """Fills a button's menu each time it opens: every image brings its own windows and LUTs."""

    def __init__(self, button: QToolButton, workstation: Workstation) -> None:
        super().__init__(button)
        self._button = button
        self._workstation = workstation
        button.menu().aboutToShow.connect(self.fill)
        self.watch(self.refresh, workstation.session.reading.events.radiograph)
        self.refresh()

    def refresh(self) -> None:
        """A colour image has no window, and without an image there is none to choose."""
        radiograph = self._workstation.session.reading.radiograph
        self._button.setEnabled(radiograph is not None and not radiograph.is_colour)

    def fill(self) -> None:
        """One line for each preset, a tick at the one that holds."""
        menu: QMenu = self._button.menu()
        menu.clear()
        group = QActionGroup(menu)
        now = self._workstation.session.view.voi
        for number, (name, voi) in enumerate(display.choices(self._workstation)):
            key = f"\t{number}" if number <= KEYS else ""
            action = menu.addAction(preset_text(name, voi) + key)
            action.setCheckable(True)
            action.setChecked(voi is now or (isinstance(voi, VoiWindow) and voi == now))
            action.setActionGroup(group)
            action.triggered.connect(
                lambda _checked=False, number=number: display.preset(self._workstation, number)
            )


def preset_text(name: str, voi: VoiWindow | LookupTable) -> str:
    """The file's explanation and the figures; an ampersand would underline a letter."""
    if isinstance(voi, LookupTable):
        said = f"VOI LUT, {voi.data.size:,} entries of {voi.bits} bits"
    else:
        said = window_text(voi)
    short = name if len(name) <= NAME else f"{name[: NAME - 1]}…"
    return f"{short} · {said}".replace("&", "&&")
