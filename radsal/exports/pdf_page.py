"""The sheet: colours, type sizes, and what stands on every page of a report."""

from typing import Any, BinaryIO

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from radsal.exports.fonts import BOLD, ITALIC, PLAIN, drawable
from radsal.review.read import Read, ReadState

NOTICE = "RadSal · research use only · not for diagnostic use"

INK = HexColor(0x1B2430)
MUTED = HexColor(0x5B6675)
RULE = HexColor(0xCBD2DA)
SHADE = HexColor(0xF2F4F7)
FILM = HexColor(0x0B0D10)
ACCENT = HexColor(0x1F5F8B)
GREEN = HexColor(0x1E6B3A)
AMBER = HexColor(0x8A5A00)
RED = HexColor(0xA32020)
_AMBER_BAND = HexColor(0xFFE9B8)
_RED_BAND = HexColor(0xF8D5D5)

MARGIN = 17 * mm
WIDTH = A4[0] - 2 * MARGIN
_TOP = 15 * mm
_BAND = 7 * mm

BODY = ParagraphStyle("body", fontName=PLAIN, fontSize=8.5, leading=12, textColor=INK)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7, leading=9.6, textColor=MUTED)
LABEL = ParagraphStyle("label", parent=BODY, textColor=MUTED)
NUMBER = ParagraphStyle("number", parent=BODY, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", parent=BODY, fontName=BOLD, fontSize=7.5, leading=10, textColor=MUTED)
HEAD_RIGHT = ParagraphStyle("head-right", parent=HEAD, alignment=TA_RIGHT)
ASIDE = ParagraphStyle("aside", parent=BODY, fontName=ITALIC, textColor=MUTED)
TITLE = ParagraphStyle("title", parent=BODY, fontName=BOLD, fontSize=18, leading=22)
SECTION = ParagraphStyle(
    "section",
    parent=BODY,
    fontName=BOLD,
    fontSize=11.5,
    leading=15,
    textColor=ACCENT,
    spaceBefore=12,
    spaceAfter=4,
)
FINDING = ParagraphStyle(
    "finding", parent=BODY, fontName=BOLD, fontSize=9.5, leading=13, spaceBefore=8, spaceAfter=3
)


class _NumberedCanvas(Canvas):
    """Knows the number of pages before it writes the first one."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - ReportLab's name
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont(PLAIN, 7)
            self.setFillColor(MUTED)
            place = f"Page {number} of {len(self._pages)}"
            self.drawRightString(A4[0] - MARGIN, 9.5 * mm, place)
            Canvas.showPage(self)
        super().save()


def build(file: BinaryIO, read: Read, patient: str, story: list[Flowable]) -> None:
    """Lay out a story on A4 pages; the same story gives the same bytes.

    Parameters
    ----------
    patient:
        Who the report is about, on every page.
    """
    band = _band_of(read)
    top = _TOP + 5 * mm + (_BAND + 2 * mm if band else 0)
    frame = Frame(MARGIN, 16 * mm, WIDTH, A4[1] - top - 16 * mm, 0, 0, 0, 0, id="page")

    def decorate(canvas: Canvas, document: object) -> None:
        del document
        _draw_header(canvas, patient)
        if band:
            _draw_band(canvas, *band)
        _draw_footer(canvas, read)

    document = BaseDocTemplate(
        file,
        pagesize=A4,
        title=f"RadSal read {read.id[:12]}",
        author=drawable(read.reader),
        subject="Research use only. Not for diagnostic use.",
        creator="RadSal",
        lang="en",
        invariant=1,
    )
    document.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=decorate))
    document.build(story, canvasmaker=_NumberedCanvas)


def _band_of(read: Read) -> tuple[str, Color, Color] | None:
    if read.state is ReadState.DRAFT:
        return "DRAFT · not signed · verdicts may still change", AMBER, _AMBER_BAND
    if read.state is ReadState.AMENDED:
        return "AMENDED · a later signed read replaces this one", RED, _RED_BAND
    return None


def _draw_header(canvas: Canvas, patient: str) -> None:
    y = A4[1] - 12 * mm
    canvas.setFont(BOLD, 7.5)
    canvas.setFillColor(INK)
    canvas.drawString(MARGIN, y, NOTICE)
    canvas.setFont(PLAIN, 7.5)
    canvas.setFillColor(MUTED)
    room = WIDTH - stringWidth(NOTICE, BOLD, 7.5) - 6 * mm
    canvas.drawRightString(A4[0] - MARGIN, y, _fitted(drawable(patient), room))
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, A4[1] - _TOP, A4[0] - MARGIN, A4[1] - _TOP)


def _draw_band(canvas: Canvas, words: str, ink: Color, paper: Color) -> None:
    y = A4[1] - _TOP - _BAND - 2 * mm
    canvas.setFillColor(paper)
    canvas.rect(MARGIN, y, WIDTH, _BAND, stroke=0, fill=1)
    canvas.setFillColor(ink)
    canvas.setFont(BOLD, 9)
    canvas.drawCentredString(A4[0] / 2, y + 2.3 * mm, words)


def _draw_footer(canvas: Canvas, read: Read) -> None:
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN, 13 * mm, A4[0] - MARGIN, 13 * mm)
    canvas.setFont(PLAIN, 7)
    canvas.setFillColor(MUTED)
    words = (
        f"Read {read.id} · revision {read.revision} · {read.state.value} · {drawable(read.reader)}"
    )
    canvas.drawString(MARGIN, 9.5 * mm, _fitted(words, WIDTH - 30 * mm))


def _fitted(text: str, room: float) -> str:
    """Text cut with an ellipsis where it is too wide; it stands in full on the first page."""
    if stringWidth(text, PLAIN, 7.5) <= room:
        return text
    while text and stringWidth(f"{text}...", PLAIN, 7.5) > room:
        text = text[:-1]
    return f"{text}..."
