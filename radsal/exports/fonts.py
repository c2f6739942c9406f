"""Bitstream Vera, which ships inside ReportLab: embedded in every report, drawn in every picture."""

import unicodedata
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import reportlab
from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

PLAIN, BOLD, ITALIC = "RadSal-Plain", "RadSal-Bold", "RadSal-Italic"
_FILES = {PLAIN: "Vera.ttf", BOLD: "VeraBd.ttf", ITALIC: "VeraIt.ttf"}
_FOLDER = Path(reportlab.__file__).parent / "fonts"


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
    """Text with a visible code, such as [U+5C71], for each character that the font lacks.

    Nothing is left out in silence: a name that cannot be drawn must not look like another name.
    """
    glyphs = register().face.charToGlyph
    composed = unicodedata.normalize("NFC", text)
    return "".join(c if ord(c) in glyphs or c in "\n\t" else f"[U+{ord(c):04X}]" for c in composed)


def markup(text: str) -> str:
    """Plain text, safe inside a ReportLab paragraph; line ends are kept."""
    return escape(drawable(text.replace("\r\n", "\n"))).replace("\n", "<br/>")
