"""The demo without a window: a folder of films becomes pictures, reports and JSON."""

from collections.abc import Generator, Sequence
from pathlib import Path

from radsal.core.figures import percent
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis
from radsal.dicom.gray.grayscale import display
from radsal.exports.json_export import analysis_document, write_json
from radsal.exports.maps_npz import write_map
from radsal.exports.pictures import in_proportion, overlay_picture
from radsal.exports.writing import write_whole
from radsal.review.read import Read
from radsal.workflow.analysis import AnalysisRequest, analyse, without_previews
from radsal.workflow.engines import Engines
from radsal.workflow.exporting import Reported, write_report
from radsal.workflow.opening import load

READER = "nobody (demo)"


def demonstrate(
    engines: Engines, paths: Sequence[Path], request: AnalysisRequest, out: Path
) -> Generator[Progress, None, list[str]]:
    """Analyse films with one model; write a picture and a PDF for each, and one JSON for all.

    Returns a line for each film, for a person to read.
    """
    folder = out / request.model.id
    lines, results = [f"{request.model.id}:"], []
    for done, path in enumerate(paths):
        yield Progress(done, len(paths), path.name)
        radiograph = yield from load(engines, path)
        analysis = yield from without_previews(analyse(engines, radiograph, request))
        yield from _write(engines, radiograph, analysis, folder)
        results.append(_document(radiograph, analysis, folder))
        lines.append(f"  {path.stem:24} {_line(analysis)}")
    document = {"schema": "radsal.analysis/1", "results": results, "refused": []}
    write_json(folder / "analysis.json", document)
    return lines


def _write(
    engines: Engines, radiograph: Radiograph, analysis: Analysis, folder: Path
) -> Generator[Progress, None, None]:
    striking = analysis.striking
    shown = analysis.map_of(striking.finding) if striking else None
    if shown is not None:
        film = in_proportion(display(radiograph), radiograph.spacing.aspect)
        spots = analysis.spots_of(shown.finding)
        picture = overlay_picture(film, shown, spots, image_shape=radiograph.shape)
        path = folder / f"{radiograph.header.path.stem}.png"
        write_whole(path, lambda file: picture.save(file, format="PNG"))
    read = Read.begin(radiograph.header.study_instance_uid, READER, analysis.model)
    images = {radiograph.identity: radiograph.header}
    report = yield from write_report(engines, Reported(read, images, (analysis,)), "pdf", folder)
    report.replace(folder / f"{radiograph.header.path.stem}.pdf")


def _document(radiograph: Radiograph, analysis: Analysis, folder: Path) -> dict[str, object]:
    files = {}
    for item in analysis.maps:
        path = folder / f"{radiograph.header.path.stem}-{item.finding.lower()}.npz"
        write_map(path, item, radiograph.shape)
        files[item.finding] = str(path)
    return analysis_document(radiograph.header, analysis, files)


def _line(analysis: Analysis) -> str:
    striking = analysis.striking
    if striking is None:
        return "no prediction"
    word = "above" if striking.positive else "below"
    spots = analysis.spots_of(striking.finding)
    where = f", first hot spot at {tuple(round(x) for x in spots[0].peak)}" if spots else ""
    point = percent(striking.operating_point)
    return f"{striking.finding} {percent(striking.probability)} ({word} {point}){where}"
