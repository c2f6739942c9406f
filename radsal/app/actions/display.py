"""Changes of the display. None of them reaches the model."""

from radsal.app.actions.workstation import Workstation
from radsal.core.colormaps import NAMES
from radsal.core.radiograph import VoiWindow
from radsal.dicom.grayscale import presets


def preset(workstation: Workstation, number: int) -> None:
    """Apply a window preset: 0 is the automatic window, 1 … the file's own, then the settings'."""
    radiograph = workstation.session.reading.radiograph
    if radiograph is None:
        return
    own = [VoiWindow(w.center, w.width) for w in workstation.services.settings.window_presets]
    choices = [*(preset.voi for preset in presets(radiograph)), *own]
    if number < len(choices):
        workstation.session.view.voi = choices[number]


def invert(workstation: Workstation) -> None:
    """Turn the polarity round."""
    workstation.session.view.inverted = not workstation.session.view.inverted


def fit(workstation: Workstation) -> None:
    """Show the whole image."""
    workstation.session.view.fit()


def actual_size(workstation: Workstation) -> None:
    """One image pixel on one screen pixel."""
    workstation.session.view.zoom = 1.0


def toggle_heatmap(workstation: Workstation) -> None:
    """Heatmap on or off."""
    workstation.session.view.heatmap = not workstation.session.view.heatmap


def toggle_contours(workstation: Workstation) -> None:
    """Contours on or off."""
    workstation.session.view.contours = not workstation.session.view.contours


def toggle_native_grid(workstation: Workstation) -> None:
    """The network's own cells, or the interpolated map."""
    workstation.session.view.native_grid = not workstation.session.view.native_grid


def next_colormap(workstation: Workstation) -> None:
    """The next color map of the table."""
    view = workstation.session.view
    view.colormap = NAMES[(NAMES.index(view.colormap) + 1) % len(NAMES)]
