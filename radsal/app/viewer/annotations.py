"""What stands in the four corners: words only, and only what the file states."""

from dataclasses import dataclass

from radsal.app.widgets.words import BASIS, clock, day, exam, number, patient
from radsal.core.badges import badges as header_badges
from radsal.core.geometry import Turn
from radsal.core.radiograph import (
    ImageHeader,
    LookupTable,
    PixelSpacing,
    Radiograph,
    SpacingBasis,
    VoiWindow,
)
from radsal.session.view import View

#: Laterality (0020,0060) and Image Laterality (0020,0062) in words where the letter is none.
_LATERALITY = {"U": "unpaired", "B": "both sides"}
_TURNS = {
    Turn(1): "Rotated 90° right",
    Turn(2): "Rotated 180°",
    Turn(3): "Rotated 90° left",
    Turn(0, mirrored=True): "Mirrored left to right",
    Turn(1, mirrored=True): "Mirrored, then rotated 90° right",
    Turn(2, mirrored=True): "Mirrored top to bottom",
    Turn(3, mirrored=True): "Mirrored, then rotated 90° left",
}
_LABEL = 32  # characters of the overlays' labels


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines of each corner from top to bottom.

    ``badges``, which warn, and ``notes``, which do not, stand below the last corner's lines.
    """

    top_left: tuple[str, ...]
    top_right: tuple[str, ...]
    bottom_left: tuple[str, ...]
    bottom_right: tuple[str, ...]
    badges: tuple[str, ...]
    notes: tuple[str, ...] = ()


def corners(radiograph: Radiograph, view: View, zoom: float) -> Corners:
    """The texts around an image as it is displayed now. ``zoom`` in device pixels per pixel."""
    header = radiograph.header
    mirrored = ("mirrored",) if view.turn.mirrored else ()
    return Corners(
        _who(header),
        _where(header),
        _display(radiograph, view, zoom),
        _which(header),
        (*mirrored, *badges(radiograph)),
        notes(radiograph, view),
    )


def badges(radiograph: Radiograph) -> tuple[str, ...]:
    """What a reader must not overlook about this file."""
    header = radiograph.header
    plain = header.is_dicom and radiograph.spacing.basis is SpacingBasis.PIXELS_ONLY
    return (*header_badges(header), *(("uncalibrated",) if plain else ()))


def notes(radiograph: Radiograph, view: View) -> tuple[str, ...]:
    """What of the file lies over the image, or would."""
    found = []
    if radiograph.shutter is not None:
        found.append("shutter on" if view.shutter else "shutter off")
    if radiograph.overlays:
        found.append(_overlay_text(radiograph) if view.overlays else "overlay hidden")
    return tuple(found)


def _overlay_text(radiograph: Radiograph) -> str:
    labels = dict.fromkeys(overlay.label.strip() for overlay in radiograph.overlays)
    named = ", ".join(label for label in labels if label)
    short = named if len(named) <= _LABEL else f"{named[: _LABEL - 1]}…"
    return f"overlay {short}".strip()


def _who(header: ImageHeader) -> tuple[str, ...]:
    born = " · ".join(part for part in (day(header.birth_date), header.sex) if part)
    name = patient(header)
    return _stated(name, born, header.patient_id if header.patient_id != name else "")


def _where(header: ImageHeader) -> tuple[str, ...]:
    when = f"{day(header.study_date)} {clock(header.study_time)}".strip()
    return _stated(header.institution, exam(header), when)


def _display(radiograph: Radiograph, view: View, zoom: float) -> tuple[str, ...]:
    place = f"Frame {radiograph.identity.frame}/{radiograph.header.frames} · Zoom {zoom:.2f}×"
    smooth = " · smooth" if view.smooth and zoom > 1 else ""
    return _stated(
        turn_text(view.turn),
        place + smooth,
        _look(radiograph, view),
        spacing_text(radiograph.spacing),
    )


def _look(radiograph: Radiograph, view: View) -> str:
    if radiograph.is_colour:
        return "Colour"
    return window_text(view.voi) + (" · inverted" if view.inverted else "")


def turn_text(turn: Turn) -> str:
    """How the film is turned against the file; nothing while it is upright."""
    return _TURNS.get(turn, "")


def window_text(voi: VoiWindow | LookupTable | None) -> str:
    """The present VOI stage: ``W 1023 L 511 · LINEAR``."""
    if voi is None:
        return "Full range"
    if isinstance(voi, LookupTable):
        return f"VOI LUT {voi.explanation}".strip()
    return f"W {number(voi.width)} L {number(voi.center)} · {voi.function.value}"


def spacing_text(spacing: PixelSpacing) -> str:
    """Millimetres per pixel and what they refer to."""
    if spacing.row_mm is None or spacing.column_mm is None:
        tall = "" if spacing.aspect == 1 else f", {spacing.aspect:.3g} times as high as wide"
        return f"No spacing stated: pixels only{tall}"
    rows, columns = _figure(spacing.row_mm), _figure(spacing.column_mm)
    figure = rows if rows == columns else f"{rows} × {columns}"
    factor = f", magnified {spacing.magnification:.3g}×" if spacing.magnification else ""
    return f"{figure} mm {BASIS[spacing.basis]}{factor}"


def _figure(millimetres: float) -> str:
    return f"{millimetres:.2f}" if millimetres == round(millimetres, 2) else f"{millimetres:.4g}"


def _which(header: ImageHeader) -> tuple[str, ...]:
    series = "" if header.series_number is None else f"Series {header.series_number}"
    image = "" if header.instance_number is None else f"Image {header.instance_number}"
    laterality = _LATERALITY.get(header.laterality, header.laterality)
    side = f"Laterality {laterality}" if laterality else "Laterality not stated"
    return _stated(" · ".join(part for part in (series, image) if part), side)


def _stated(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
