"""What a reader must not overlook about a file: the same words in the window and on the terminal."""

from radsal.core.radiograph import ImageHeader


def badges(header: ImageHeader) -> tuple[str, ...]:
    """The warnings that an image's header alone gives."""
    found = []
    if not header.is_dicom:
        found.append("no DICOM: no calibration, no identity")
    if header.lossy:
        found.append("lossy compression")
    if header.burned_in.upper() == "YES":
        found.append("burned-in annotation")
    return tuple(found)
