"""Where the demo cases lie: light, so that a window need not import how they are made."""

from pathlib import Path

from radsal.core.resources import resource_path


def demo_case_paths() -> tuple[Path, ...]:
    """The bundled DICOM files, in the order in which they are read."""
    return tuple(sorted(resource_path("demo").glob("*.dcm")))
