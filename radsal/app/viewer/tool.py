"""What the left mouse button does."""

from enum import StrEnum


class Tool(StrEnum):
    """The middle button always pans, the right one always zooms."""

    WINDOW = "window"
    ZOOM = "zoom"
    PAN = "pan"
