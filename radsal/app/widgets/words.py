"""How values are written for a reader, the same in every view and in every language of the system."""

from radsal.core.radiograph import ImageHeader, PixelSpacing, SpacingBasis

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

BASIS = {
    SpacingBasis.CALIBRATED: "calibrated",
    SpacingBasis.DETECTOR_PLANE: "detector plane",
    SpacingBasis.PIXELS_ONLY: "pixels only",
}


def day(date: str) -> str:
    """A DICOM DA value as ``9 Jan 2012``; anything else as it is in the file."""
    if len(date) != 8 or not date.isdigit() or not 1 <= int(date[4:6]) <= 12:
        return date
    return f"{int(date[6:])} {_MONTHS[int(date[4:6]) - 1]} {date[:4]}"


def clock(time: str) -> str:
    """A DICOM TM value as ``09:31``; anything else as it is in the file."""
    return f"{time[:2]}:{time[2:4]}" if len(time) >= 4 and time[:4].isdigit() else time


def patient(header: ImageHeader) -> str:
    """The patient's name as in the file, or its id, or that there is none.

    A picture states no patient: the name of its file tells it from others.
    """
    if not header.is_dicom:
        return header.path.name
    return header.patient_name.rstrip("^ ") or header.patient_id or "No name stated"


def exam(header: ImageHeader) -> str:
    """Modality, description and view in a few words: ``CR Chest AP``; of a picture its kind."""
    if not header.is_dicom:
        return picture(header)
    described = header.study_description or header.series_description or header.body_part
    view = header.view_position
    words = described.split()
    if view and view.upper() not in (word.upper() for word in words):
        words.append(view)
    return " ".join([header.modality, *words])


def picture(header: ImageHeader) -> str:
    """The kind of a picture that is no DICOM: ``PNG picture``."""
    return f"{header.media_type.rpartition('/')[2].upper()} picture"


def number(value: float) -> str:
    """Up to four figures, without an exponent where it can be avoided."""
    return f"{value:.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.3g}"


def area(pixels: float, spacing: PixelSpacing) -> str:
    """An area with the basis of its unit: ``24 cm² detector plane``, or in pixels."""
    if spacing.row_mm is None or spacing.column_mm is None:
        return f"{pixels:,.0f} px"
    square = pixels * spacing.row_mm * spacing.column_mm / 100
    figure = f"{square:.0f}" if square >= 10 else f"{square:.1f}"
    return f"{figure} cm² {BASIS[spacing.basis]}"
