"""DejaVu Sans, which ships with RadSal: embedded in every report, drawn in every picture.

Latin, Greek and Cyrillic names are whole in it; it has no Chinese, Japanese or Korean.
"""

import unicodedata
from functools import cache
from xml.sax.saxutils import escape

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from radsal.core.resources import resource_path

PLAIN, BOLD, ITALIC = "RadSal-Plain", "RadSal-Bold", "RadSal-Italic"
_FILES = {
    PLAIN: "DejaVuSans.ttf",
    BOLD: "DejaVuSans-Bold.ttf",
    ITALIC: "DejaVuSans-Oblique.ttf",
}
_FOLDER = resource_path("fonts")


@cache
def register() -> TTFont:
    """Make the fonts known to ReportLab, once; give the plain one."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(_FOLDER / file)))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=ITALIC, boldItalic=BOLD)
    return pdfmetrics.getFont(PLAIN)  # type: ignore[return-value]


@cache
def typeface(size: float, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The font for Pillow, in pixels."""
    return ImageFont.truetype(str(_FOLDER / _FILES[BOLD if bold else PLAIN]), size)


def drawable(text: str) -> str:
    """Text with a visible code, such as [U+5C71], for each character that cannot be drawn.

    Nothing is left out in silence: a name that cannot be drawn must not look like another name.
    """
    composed = unicodedata.normalize("NFC", text)
    return "".join(c if _is_drawn(c) else f"[U+{ord(c):04X}]" for c in composed)


def _is_drawn(character: str) -> bool:
    """The font has it, it can be seen, and it is written from left to right: nothing is shaped."""
    if character in "\n\t":
        return True
    unseen = unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn")
    leftwards = unicodedata.bidirectional(character) in ("R", "AL")
    return not unseen and not leftwards and ord(character) in register().face.charToGlyph


def markup(text: str) -> str:
    """Plain text, safe inside a ReportLab paragraph; line ends are kept."""
    return escape(drawable(text.replace("\r\n", "\n"))).replace("\n", "<br/>")
