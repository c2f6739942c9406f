"""The one family of fonts: Inter where it is installed, else the system's sans."""

from PySide6.QtGui import QFont

BASE = 13
SMALL = 12
TINY = 11
FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans", "sans-serif")


def ui_font(size: float = BASE, *, strong: bool = False) -> QFont:
    """A font of the interface in pixels, with tabular figures where the family has them."""
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPixelSize(round(size))
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def heading_font() -> QFont:
    """Small, spaced capitals above a section."""
    font = ui_font(TINY, strong=True)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    return font
