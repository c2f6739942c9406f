"""What stands in the four corners: words only, and only what the file states."""

from dataclasses import dataclass

from radsal.app.widgets.words import BASIS, clock, day, exam, number, patient
from radsal.core.radiograph import (
    ImageHeader,
    LookupTable,
    PixelSpacing,
    Radiograph,
    SpacingBasis,
    VoiWindow,
)

#: Laterality (0020,0060) and Image Laterality (0020,0062) in words where the letter is none.
_LATERALITY = {"U": "unpaired", "B": "both sides"}


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines of each corner from top to bottom; ``badges`` stand below the last corner's lines."""

    top_left: tuple[str, ...]
    top_right: tuple[str, ...]
    bottom_left: tuple[str, ...]
    bottom_right: tuple[str, ...]
    badges: tuple[str, ...]


def corners(
    radiograph: Radiograph,
    voi: VoiWindow | LookupTable | None,
    zoom: float,
    *,
    inverted: bool = False,
) -> Corners:
    """The texts around an image as it is displayed now. ``zoom`` in device pixels per pixel."""
    header = radiograph.header
    return Corners(
        _who(header),
        _where(header),
        _display(radiograph, voi, zoom, inverted=inverted),
        _which(header),
        badges(radiograph),
    )


def badges(radiograph: Radiograph) -> tuple[str, ...]:
    """What a reader must not overlook about this file."""
    header = radiograph.header
    found = []
    if header.lossy:
        found.append("lossy compression")
    if header.burned_in.upper() == "YES":
        found.append("burned-in annotation")
    if radiograph.spacing.basis is SpacingBasis.PIXELS_ONLY:
        found.append("uncalibrated")
    return tuple(found)


def _who(header: ImageHeader) -> tuple[str, ...]:
    born = " · ".join(part for part in (day(header.birth_date), header.sex) if part)
    name = patient(header)
    return _stated(name, born, header.patient_id if header.patient_id != name else "")


def _where(header: ImageHeader) -> tuple[str, ...]:
    when = f"{day(header.study_date)} {clock(header.study_time)}".strip()
    return _stated(header.institution, exam(header), when)


def _display(
    radiograph: Radiograph,
    voi: VoiWindow | LookupTable | None,
    zoom: float,
    *,
    inverted: bool,
) -> tuple[str, ...]:
    place = f"Frame {radiograph.identity.frame}/{radiograph.header.frames} · Zoom {zoom:.2f}×"
    turned = " · inverted" if inverted else ""
    return _stated(place, window_text(voi) + turned, spacing_text(radiograph.spacing))


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
        return "No spacing stated: pixels only"
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
