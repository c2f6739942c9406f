"""The report of a read as a PDF that a radiologist can sign: A4, selectable text, fonts inside."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer

from radsal.core.identity import ImageIdentity
from radsal.core.radiograph import ImageHeader
from radsal.core.results import Analysis, HotSpot, MapStatus, Prediction
from radsal.exports import pdf_page as page
from radsal.exports import pdf_parts as parts
from radsal.exports.belonging import check_belonging
from radsal.exports.fonts import markup, register
from radsal.exports.method_words import measured
from radsal.exports.writing import write_whole
from radsal.review.read import Read
from radsal.saliency.catalogue import title_of


@dataclass(frozen=True, slots=True)
class _Report:
    """All that the story of one report is told from."""

    read: Read
    images: Mapping[ImageIdentity, ImageHeader]
    analyses: Sequence[Analysis]
    pictures: Mapping[ImageIdentity, NDArray[np.uint8]]
    colormap: str
    opacity: float
    threshold: float


def write_pdf(
    path: Path,
    read: Read,
    images: Mapping[ImageIdentity, ImageHeader],
    analyses: Sequence[Analysis],
    pictures: Mapping[ImageIdentity, NDArray[np.uint8]],
    *,
    colormap: str = "inferno",
    opacity: float = 0.45,
    threshold: float = 0.25,
) -> None:
    """Write the report of a read. The same input gives the same bytes.

    Parameters
    ----------
    images:
        At least the images of ``analyses``.
    analyses:
        By the read's model; see :meth:`radsal.storage.Store.analyses`.
    pictures:
        uint8, (rows, columns) or, in colour, (rows, columns, 3): the whole film as displayed, at
        any resolution, in true proportions. Where an image has none the report says so and shows
        its tables.
    colormap, opacity, threshold:
        As in :func:`~radsal.exports.pictures.overlay_picture`.

    Raises
    ------
    ExportError
        The file cannot be written; an older one of that name stands.
    IdentityMismatch
        See :func:`~radsal.exports.belonging.check_belonging`.
    KeyError
        The header of an analysed image is not given.
    """
    check_belonging(read, images, analyses)
    report = _Report(read, images, analyses, pictures, colormap, opacity, threshold)
    register()
    story = [*_front(report), *_all_images(report), *_end(report)]
    write_whole(path, lambda file: page.build(file, read, _patient(report), story))


def _first_header(report: _Report) -> ImageHeader | None:
    return next((report.images[item.image] for item in report.analyses), None)


def _patient(report: _Report) -> str:
    header = _first_header(report)
    if header is None:
        return ""
    if not header.is_dicom:
        return parts.NO_DICOM
    words = (parts.words_of_name(header.patient_name), header.patient_id)
    return " · ".join(word for word in words if word)


def _front(report: _Report) -> Iterator[Flowable]:
    """Whose exam, who read it with what, and what came of it."""
    read = report.read
    yield Paragraph("Saliency review", page.TITLE)
    yield Paragraph("Where an X-ray classifier looks, as judged by a reader", page.SMALL)
    yield Spacer(0, 4 * mm)
    half = page.WIDTH / 2
    yield parts.two_columns(
        parts.case_block(read, _first_header(report), half - 4 * mm), parts.read_block(read, half)
    )
    yield Spacer(0, 1.5 * mm)
    model = [("Model", read.model.id), ("Model SHA-256", read.model.sha256)]
    yield parts.pairs(model, page.WIDTH)
    yield Paragraph("Summary", page.SECTION)
    yield Paragraph(_summary(report), page.BODY)
    if read.comment.strip():
        yield Spacer(0, 2 * mm)
        yield Paragraph(f"<b>Remark.</b> {markup(read.comment)}", page.BODY)


def _summary(report: _Report) -> str:
    """How many hot spots were judged, and how; one that two analyses show counts once."""
    spots = {(item.image, spot.id) for item in report.analyses for spot in item.hot_spots}
    given = [report.read.verdict_on(*spot) for spot in spots]
    counts = Counter(v.agreement for v in given if v)
    causes = Counter(v.cause for v in given if v and v.cause)
    judged = ", ".join(f"{n} {a.value.replace('-', ' ')}" for a, n in sorted(counts.items()))
    seen = ", ".join(f"{cause.words} {n}" for cause, n in sorted(causes.items()))
    text = f"{sum(counts.values())} of {len(given)} hot spots judged"
    text += f": {judged}." if judged else "."
    return f"{text} Seen there: {seen}." if seen else text


def _all_images(report: _Report) -> Iterator[Flowable]:
    """Each image with every analysis of it."""
    images = list(dict.fromkeys(item.image for item in report.analyses))
    for number, image in enumerate(images, 1):
        of = f"Image {number} of {len(images)}" if len(images) > 1 else "Image"
        told: Sequence[Prediction] = ()
        for analysis in (item for item in report.analyses if item.image == image):
            yield from _analysis(report, of, analysis, told)
            told = analysis.predictions


def _analysis(
    report: _Report, of: str, analysis: Analysis, told: Sequence[Prediction]
) -> Iterator[Flowable]:
    """How an image was asked about, and what came of it; what was told above is not repeated."""
    header = report.images[analysis.image]
    yield CondPageBreak(60 * mm)
    yield Paragraph(f"{of} · {markup(title_of(analysis.method))}", page.SECTION)
    if not told:
        yield parts.image_block(header, analysis)
    yield parts.method_block(analysis)
    yield Spacer(0, 3 * mm)
    if parts.figures(told) != parts.figures(analysis.predictions):
        yield parts.predictions_table(analysis.predictions)
    yield from _all_findings(report, header, analysis)


def _all_findings(report: _Report, header: ImageHeader, analysis: Analysis) -> Iterator[Flowable]:
    """Findings that were judged or called in full, the others in one line."""
    shown = _shown(report.read, analysis)
    for finding in shown:
        yield from _finding(report, header, analysis, finding)
    others = [m.finding for m in analysis.maps if m.finding not in shown]
    if others:
        texts = [f"{markup(f)} ({markup(_other(analysis, f))})" for f in others]
        words = "Below the operating point, not judged and not shown: "
        yield Spacer(0, 3 * mm)
        yield Paragraph(words + ", ".join(texts) + ".", page.ASIDE)


def _other(analysis: Analysis, finding: str) -> str:
    """What there is of a finding that is not shown."""
    saliency = analysis.map_of(finding)
    if saliency is None or saliency.status is MapStatus.OK:
        return f"hot spots: {len(analysis.spots_of(finding))}"
    return f"map {saliency.status.value}: {saliency.reason.rstrip('.') or 'nothing to show'}"


def _shown(read: Read, analysis: Analysis) -> list[str]:
    """Findings with a verdict, or called by the model; the likeliest where there is none."""
    mapped = [m.finding for m in analysis.maps]
    ranked = sorted(mapped, key=lambda finding: -analysis.prediction(finding).probability)
    worth = [
        finding
        for finding in ranked
        if analysis.prediction(finding).positive
        or any(read.verdict_on(analysis.image, s.id) for s in analysis.spots_of(finding))
    ]
    return worth or ranked[:1]


def _finding(
    report: _Report, header: ImageHeader, analysis: Analysis, finding: str
) -> Iterator[Flowable]:
    spots = analysis.spots_of(finding)
    prediction = analysis.prediction(finding)
    result = "at or above" if prediction.positive else "below"
    title = Paragraph(
        f"{markup(finding)} · probability {prediction.probability:.3f}, {result} the operating "
        f"point {prediction.operating_point:.3f}",
        page.FINDING,
    )
    yield KeepTogether([title, _films(report, header, analysis, finding, spots)])
    yield Spacer(0, 2 * mm)
    if facts := measured(analysis, finding):
        yield Paragraph(f"Measured: {markup(facts)}.", page.SMALL)
    if spots:
        yield parts.verdicts_table(report.read, analysis, spots)


def _films(
    report: _Report,
    header: ImageHeader,
    analysis: Analysis,
    finding: str,
    spots: Sequence[HotSpot],
) -> Flowable:
    pixels = report.pictures.get(analysis.image)
    saliency = analysis.map_of(finding)
    if saliency is not None and saliency.status is not MapStatus.OK:
        return parts.no_films(saliency, report.threshold)
    if pixels is None or saliency is None:
        return Paragraph("The image was not at hand: no picture.", page.ASIDE)
    return parts.films(
        pixels,
        header,
        saliency,
        spots,
        colormap=report.colormap,
        opacity=report.opacity,
        threshold=report.threshold,
    )


def _end(report: _Report) -> Iterator[Flowable]:
    words = (
        "A hot spot is a region on which the model's answer depends, as the method named above "
        "estimates it. Share is the part of the map's positive mass that lies inside. The verdicts "
        "judge where the model looked. They are no diagnosis."
    )
    end = [Spacer(0, 5 * mm), Paragraph(words, page.SMALL), *parts.signature_block(report.read)]
    yield KeepTogether(end)
