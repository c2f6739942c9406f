"""The parts of a report: identities, pictures, tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture
from reportlab.lib.colors import Color
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Paragraph, Spacer, Table, TableStyle

from radsal.core.colormaps import table
from radsal.core.figures import percent
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, Prediction, SaliencyMap
from radsal.exports import pdf_page as page
from radsal.exports.fonts import markup
from radsal.exports.method_words import method_rows
from radsal.exports.pictures import legend_text, marked_film
from radsal.review.read import Read, ReadState, Verdict
from radsal.review.vocabulary import Agreement

_GAP = 4 * mm
_TALLEST = 82 * mm
_TALL_ROW = 60 * mm  # a row below this height stays on one page
_MARKS = 2.2  # numbers and lines are read on paper, beside the table
_PIXELS = 1000  # of a picture's longer side: about 300 dpi

_AGREEMENTS: Mapping[Agreement, tuple[str, Color]] = {
    Agreement.AGREE: ("agree", page.GREEN),
    Agreement.PARTLY: ("partly", page.AMBER),
    Agreement.DISAGREE: ("disagree", page.RED),
    Agreement.CANNOT_ASSESS: ("cannot assess", page.MUTED),
}


#: What a report says of a film that is a plain picture.
NO_DICOM = "No DICOM: no identity, no calibration"


def words_of_date(value: str) -> str:
    """DICOM's DA as year-month-day; other text as it is."""
    if len(value) == 8 and value.isdigit():
        return f"{value[:4]}-{value[4:6]}-{value[6:]}"
    return value


def words_of_name(value: str) -> str:
    """DICOM's PN as "family, given"; the alphabetic form, then the others (PS3.5 6.2)."""
    forms = []
    for form in value.split("="):
        family, _, rest = form.partition("^")
        forms.append(", ".join(p for p in (family.strip(), " ".join(rest.split("^")).strip()) if p))
    return " / ".join(form for form in forms if form)


def words_of_moment(value: datetime | None) -> str:
    """A moment to the second, in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if value else ""


def pairs(rows: Iterable[tuple[str, str]], width: float, label: float = 29 * mm) -> Table:
    """Labels and values; a value that is not there is marked as such."""
    cells = [
        [Paragraph(name, page.LABEL), Paragraph(markup(value) or "not stated", page.BODY)]
        for name, value in rows
    ]
    return _table(cells, [label, width - label], _TIGHT)


def two_columns(left: Flowable, right: Flowable, share: float = 0.5) -> Table:
    """Two blocks side by side, aligned at the top."""
    widths = [page.WIDTH * share, page.WIDTH * (1 - share)]
    return _table([[left, right]], widths, _TIGHT)


def case_block(read: Read, header: ImageHeader | None, width: float) -> Table:
    """Whose images were read."""
    if header is None:
        return pairs([("Exam UID", read.study_instance_uid)], width)
    if not header.is_dicom:
        return _picture_block(read, header, width)
    born = " · ".join(part for part in (words_of_date(header.birth_date), header.sex) if part)
    return pairs(
        [
            ("Patient", words_of_name(header.patient_name)),
            ("Patient ID", header.patient_id),
            ("Born, sex", born),
            ("Exam date", words_of_date(header.study_date)),
            ("Accession", header.accession_number),
            ("Exam UID", read.study_instance_uid),
        ],
        width,
    )


def _picture_block(read: Read, header: ImageHeader, width: float) -> Table:
    """What is known of a picture: not whose it is."""
    kind = header.media_type.rpartition("/")[2].upper()
    return pairs(
        [
            ("Patient", f"not known: the film is a {kind} picture and no DICOM object"),
            ("Exam date", "not known"),
            ("File", header.path.name),
            (
                "Exam UID",
                f"{read.study_instance_uid} (made from the file, as the picture has none)",
            ),
        ],
        width,
    )


def read_block(read: Read, width: float) -> Table:
    """Who read, when, with which model."""
    rows = [
        ("Reader", read.reader),
        ("State", _STATES[read.state]),
        ("Begun", words_of_moment(read.started_at)),
        ("Last change", words_of_moment(read.updated_at)),
    ]
    if read.signed_at:
        rows.append(("Signed", words_of_moment(read.signed_at)))
    if read.amends:
        rows.append(("Amends read", read.amends))
    return pairs(rows, width)


def image_block(header: ImageHeader, analysis: Analysis) -> Table:
    """Which frame of which file."""
    view = " · ".join(v for v in (header.modality, header.body_part, header.view_position) if v)
    place = (
        f"{header.rows} × {header.columns} pixels, frame {analysis.image.frame} of {header.frames}"
    )
    rows = [
        ("Image", " · ".join((view, place) if view else (place,))),
        ("SOP UID", analysis.image.sop_instance_uid),
        ("Pixel SHA-256", analysis.image.pixel_sha256),
        *(() if header.is_dicom else (("Calibration", f"none. {NO_DICOM}."),)),
    ]
    return pairs(rows, page.WIDTH)


def method_block(analysis: Analysis) -> Table:
    """How the model was asked, and what a reader must know of it."""
    rows = [
        *method_rows(analysis),
        ("Computed on", analysis.device),
        *(("Note", note) for note in analysis.notes),
    ]
    return pairs(rows, page.WIDTH)


def films(
    pixels: NDArray[np.uint8],
    header: ImageHeader,
    saliency: SaliencyMap,
    spots: Sequence[HotSpot],
    *,
    colormap: str,
    opacity: float,
    threshold: float,
) -> Table:
    """The film, and beside it the film with the map and the numbered hot spots."""
    plain = marked_film(pixels, None, (), longest=_PIXELS)
    if pixels.ndim == 2:
        plain = plain.convert("L")
    marked = marked_film(
        pixels,
        saliency,
        spots,
        image_shape=(header.rows, header.columns),
        colormap=colormap,
        opacity=opacity,
        threshold=threshold,
        longest=_PIXELS,
        marks=_MARKS,
    )
    column = (page.WIDTH - _GAP) / 2
    width, height = _fitting(pixels.shape, column, _TALLEST)
    legend = [_colour_bar(colormap, column), Paragraph(_legend(saliency, threshold), page.SMALL)]
    below = [Paragraph("Film in its default window, without overlay", page.SMALL), "", legend]
    return Table(
        [[_picture(plain, width, height), "", _picture(marked, width, height)], below],
        colWidths=[column, _GAP, column],
        style=_FILMS,
    )


def no_films(saliency: SaliencyMap, threshold: float) -> Paragraph:
    """What is said of a map that is empty or failed: there is nothing to lay over the film."""
    return Paragraph(_legend(saliency, threshold), page.ASIDE)


def _legend(saliency: SaliencyMap, threshold: float) -> str:
    return markup(legend_text(saliency, threshold))


def _fitting(shape: tuple[int, ...], width: float, height: float) -> tuple[float, float]:
    """Width and height of a picture of (rows, columns) inside a box."""
    scale = min(width / shape[1], height / shape[0])
    return shape[1] * scale, shape[0] * scale


def figures(predictions: Sequence[Prediction]) -> list[tuple[str, str, str, bool]]:
    """Finding, probability, operating point as they are printed, and whether it is called."""
    ranked = sorted(predictions, key=lambda p: -p.probability)
    return [
        (p.finding, f"{p.probability:.3f}", f"{p.operating_point:.3f}", p.positive) for p in ranked
    ]


def predictions_table(predictions: Sequence[Prediction]) -> Table:
    """What the model answered, the highest probability first."""
    head = [_head("Finding"), *(_head(w, right=True) for w in ("Probability", "Operating point"))]
    rows = [[*head, _head(""), _head("Result")]]
    for finding, probability, operating_point, positive in figures(predictions):
        result = "<b>at or above</b>" if positive else "below"
        rows.append(
            [
                Paragraph(markup(finding), page.BODY),
                Paragraph(probability, page.NUMBER),
                Paragraph(operating_point, page.NUMBER),
                Paragraph("", page.BODY),
                Paragraph(result, page.BODY),
            ]
        )
    widths = [60 * mm, 28 * mm, 34 * mm, 8 * mm, page.WIDTH - 130 * mm]
    return _table(rows, widths, _GRID, heads=1)


def verdicts_table(read: Read, analysis: Analysis, spots: Sequence[HotSpot]) -> Table:
    """One line for each hot spot, also for those that nobody judged."""
    titles = ("No.", "Finding", "Share", "Agreement", "Cause", "Note")
    heads = [_head(title, right=title in {"No.", "Share"}) for title in titles]
    given = [read.verdict_on(analysis.image, spot.id) for spot in spots]
    rows = [heads, *map(_verdict_row, spots, given)]
    widths = [9 * mm, 30 * mm, 14 * mm, 28 * mm, 28 * mm]
    widths.append(page.WIDTH - sum(widths))
    return _table(rows, widths, _GRID, heads=1)


def signature_block(read: Read) -> list[Flowable]:
    """Who stands behind the report, or that nobody does yet."""
    if read.state is ReadState.DRAFT:
        words = "This read is a draft. It is not signed and binds nobody."
        return [Spacer(0, 6 * mm), Paragraph(words, page.ASIDE)]
    rows = [
        [Paragraph(f"<b>{markup(read.reader)}</b>", page.BODY)],
        [Paragraph(f"Signed electronically {words_of_moment(read.signed_at)}", page.SMALL)],
        [Paragraph(f"Read {read.id}, revision {read.revision}", page.SMALL)],
    ]
    return [Spacer(0, 8 * mm), Table(rows, colWidths=[84 * mm], hAlign="LEFT", style=_SIGNATURE)]


def _verdict_row(spot: HotSpot, given: Verdict | None) -> list[Paragraph]:
    row = [
        Paragraph(f"<b>{spot.rank}</b>", page.NUMBER),
        Paragraph(markup(spot.finding), page.BODY),
        Paragraph(percent(spot.share), page.NUMBER),
    ]
    if given is None:
        return [
            *row,
            Paragraph("not judged", page.ASIDE),
            Paragraph("", page.BODY),
            Paragraph("", page.BODY),
        ]
    words, colour = _AGREEMENTS[given.agreement]
    agreement = f'<font color="#{colour.hexval()[2:]}"><b>{words}</b></font>'
    cause = given.cause.words if given.cause else ""
    texts = (agreement, markup(cause), markup(given.note))
    return [*row, *(Paragraph(text, page.BODY) for text in texts)]


def _table(
    rows: Sequence[Sequence[Flowable]],
    widths: Sequence[float],
    style: TableStyle,
    *,
    heads: int = 0,
) -> Table:
    """A table whose rows go on over the page where one of them is tall: a note has no limit."""
    tall = any(
        cell.wrap(width - 8, page.WIDTH)[1] > _TALL_ROW
        for row in rows
        for cell, width in zip(row, widths, strict=True)
    )
    cells = [list(row) for row in rows]
    return Table(cells, colWidths=widths, repeatRows=heads, splitInRow=int(tall), style=style)


def _head(text: str, *, right: bool = False) -> Paragraph:
    return Paragraph(text, page.HEAD_RIGHT if right else page.HEAD)


def _picture(picture: Picture.Image, width: float, height: float) -> Image:
    file = BytesIO()
    picture.save(file, "PNG", compress_level=1)  # ReportLab unpacks and deflates it again
    return Image(file, width=width, height=height)


def _colour_bar(colormap: str, width: float) -> Table:
    strip = Picture.fromarray(np.repeat(table(colormap)[None], 2, axis=0))
    bar = _picture(strip, width - 34 * mm, 2.2 * mm)
    cells = [[Paragraph("0", page.SMALL), bar, Paragraph("100 % of maximum", page.SMALL)]]
    return Table(cells, colWidths=[4 * mm, width - 34 * mm, 30 * mm], style=_BAR)


_STATES = {
    ReadState.DRAFT: "draft, not signed",
    ReadState.SIGNED: "signed",
    ReadState.AMENDED: "signed, then amended by a later read",
}

_TIGHT = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5),
    ]
)
_GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, 0), page.SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, page.RULE),
        ("LEFTPADDING", (0, 0), (-1, -1), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)
_FILMS = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (0, 0), (-1, 0), "CENTER"),
        ("BACKGROUND", (0, 0), (0, 0), page.FILM),
        ("BACKGROUND", (2, 0), (2, 0), page.FILM),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 1), (-1, 1), 4),
    ]
)
_BAR = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("LEFTPADDING", (2, 0), (2, 0), 4),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
)
_SIGNATURE = TableStyle(
    [
        ("LINEABOVE", (0, 0), (-1, 0), 0.8, page.INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ]
)
