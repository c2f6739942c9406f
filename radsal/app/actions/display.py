"""Changes of the display. None of them reaches the model."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from radsal.app.actions.workstation import Workstation
from radsal.core.colormaps import NAMES
from radsal.core.geometry import UPRIGHT
from radsal.core.radiograph import LookupTable, VoiWindow
from radsal.core.rules import Scale, Sign
from radsal.dicom.gray.grayscale import Preset, default_voi, presets
from radsal.dicom.gray.windowing import automatic_window

T = TypeVar("T")


def choices(workstation: Workstation) -> tuple[Preset, ...]:
    """Window presets by key: 0 is the automatic window, 1 … the file's own, then the settings'."""
    radiograph = workstation.session.reading.radiograph
    if radiograph is None or radiograph.is_colour:
        return ()
    own = (
        Preset(wanted.name, VoiWindow(wanted.center, wanted.width, explanation=wanted.name))
        for wanted in workstation.services.settings.window_presets
    )
    return (*presets(radiograph), *own)


def preset(workstation: Workstation, number: int) -> None:
    """Apply a window preset, numbered as :func:`choices` gives them."""
    found = choices(workstation)
    if number < len(found):
        workstation.session.view.voi = found[number].voi


def toggle_lut(workstation: Workstation) -> None:
    """Leave the file's VOI LUT aside, or take it up again.

    Some LUTs turn the image white. Without one the file's first window holds, or the automatic.
    """
    radiograph, view = workstation.session.reading.radiograph, workstation.session.view
    if radiograph is None or not radiograph.chain.luts:
        return
    if isinstance(view.voi, LookupTable):
        plain = default_voi(replace(radiograph.chain, luts=()))
        view.voi = plain or automatic_window(radiograph)
    else:
        view.voi = radiograph.chain.luts[0]


def invert(workstation: Workstation) -> None:
    """Turn the polarity round."""
    workstation.session.view.inverted = not workstation.session.view.inverted


def rotate(workstation: Workstation, quarters: int) -> None:
    """Turn the film, and all that lies over it, clockwise by quarters."""
    workstation.session.view.turn = workstation.session.view.turn.rotated(quarters)


def flip(workstation: Workstation, *, vertically: bool = False) -> None:
    """Exchange left and right, or top and bottom, on the screen."""
    turn = workstation.session.view.turn
    workstation.session.view.turn = turn.flipped(vertically=vertically)


def upright(workstation: Workstation) -> None:
    """As stored in the file."""
    workstation.session.view.turn = UPRIGHT


def toggle_overlays(workstation: Workstation) -> None:
    """Overlay planes of the file on or off."""
    workstation.session.view.overlays = not workstation.session.view.overlays


def toggle_shutter(workstation: Workstation) -> None:
    """The file's display shutter on or off."""
    workstation.session.view.shutter = not workstation.session.view.shutter


def toggle_smooth(workstation: Workstation) -> None:
    """Interpolate above 1:1, or show plain pixels."""
    workstation.session.view.smooth = not workstation.session.view.smooth


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
    view.colormap = _after(view.colormap, NAMES)


def next_scale(workstation: Workstation) -> None:
    """The next rule for what the end of the colours stands for."""
    view = workstation.session.view
    view.scale = _after(view.scale, tuple(Scale))


def next_sign(workstation: Workstation) -> None:
    """Evidence for the finding, against it, or both."""
    view = workstation.session.view
    view.sign = _after(view.sign, tuple(Sign))


def _after(choice: T, choices: Sequence[T]) -> T:
    """The choice after this one, round and round."""
    return choices[(choices.index(choice) + 1) % len(choices)]
