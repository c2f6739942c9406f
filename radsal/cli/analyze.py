"""``radsal analyze``: predictions, maps and hot spots of files and folders."""

import hashlib
import json
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from radsal.cli.documents import print_json
from radsal.cli.status import Status, log
from radsal.cli.steps import bar, show
from radsal.core.errors import ExportError, KnownError, ModelRefusal
from radsal.core.figures import percent
from radsal.core.progress import Progress
from radsal.core.radiograph import ImageHeader, Radiograph
from radsal.core.results import Analysis, SaliencyMap
from radsal.dicom.files.finding import find_files
from radsal.exports.json_export import analysis_document
from radsal.exports.maps_npz import write_map
from radsal.workflow.analysis import AnalysisRequest, analyse
from radsal.workflow.engines import Engines
from radsal.workflow.opening import load


@dataclass(frozen=True, slots=True)
class Analysed:
    """One opened file with its analysis and the files its maps were written to; no pixels."""

    header: ImageHeader
    analysis: Analysis
    map_files: dict[str, str]


def analyze(
    paths: list[Path], request: AnalysisRequest, *, out: Path | None, as_json: bool
) -> Status:
    """Analyse files and the files of folders, one after the other."""
    done: list[Analysed] = []
    refused: list[dict[str, str]] = []
    with Engines() as engines, bar() as shown:
        engines.warm_up()
        for path in find_files(paths):
            try:
                done.append(show(_one(engines, path, request, out), shown, path.name))
            except (ModelRefusal, ExportError):
                raise  # it would happen to the next film as well
            except KnownError as error:  # a lost worker is restarted, the rest goes on
                log.warning("%s refused: %s", path.name, error.reason)
                refused.append({"path": str(path), "code": error.code, "reason": error.reason})
    _print_results(done, refused, as_json=as_json)
    return Status.REFUSED if refused else Status.DONE


def _one(
    engines: Engines, path: Path, request: AnalysisRequest, out: Path | None
) -> Generator[Progress, None, Analysed]:
    radiograph = yield from load(engines, path)
    analysis = yield from analyse(engines, radiograph, request)
    files = _write_maps(radiograph, analysis, out) if out is not None else {}
    return Analysed(radiograph.header, analysis, files)


def _write_maps(radiograph: Radiograph, analysis: Analysis, out: Path) -> dict[str, str]:
    """Write each map under a name of its own that carries no patient data."""
    files = {}
    for item in analysis.maps:
        name = map_name(analysis, item)
        write_map(out / name, item, radiograph.shape)
        files[item.finding] = str(out / name)
    return files


def map_name(analysis: Analysis, saliency: SaliencyMap) -> str:
    """File name of a map: a hash over all that it belongs to, then its method and finding.

    Two films can have the same pixels and another grayscale chain, so pixels alone do not do.
    """
    image, model = analysis.image, analysis.model
    belongs = (image.sop_instance_uid, image.frame, image.pixel_sha256, model.id, model.sha256)
    key = json.dumps([*belongs, saliency.method, saliency.finding])
    label = "".join(c if c.isalnum() else "-" for c in saliency.finding.lower())[:40]
    digest = hashlib.sha256(key.encode("utf-8")).hexdigest()
    return f"{digest[:20]}-{saliency.method}-{label}.npz"


def _print_results(done: list[Analysed], refused: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        results = [analysis_document(item.header, item.analysis, item.map_files) for item in done]
        print_json({"schema": "radsal.analysis/1", "results": results, "refused": refused})
        return
    console = Console(highlight=False)
    for item in done:
        console.print(_table(item))
    for entry in refused:
        name = escape(Path(entry["path"]).name)
        console.print(f"[red]{entry['code']}[/red] {name}: {escape(entry['reason'])}")
    console.print("Research use only. Not for diagnostic use.")


def _table(item: Analysed) -> Table:
    analysis = item.analysis
    title = f"{item.header.path.name} · {analysis.model.id} · {analysis.device}"
    heads = ("finding", "probability", "operating point", "", "map", "hot spots")
    table = Table(*heads, title=escape(title))
    for prediction in analysis.predictions:
        shown = analysis.map_of(prediction.finding)
        table.add_row(
            escape(prediction.finding),
            f"{prediction.probability:.1%}",
            f"{prediction.operating_point:.1%}",
            "above" if prediction.positive else "below",
            shown.status.value if shown else "not asked",
            _spots(analysis, prediction.finding),
        )
    return table


def _spots(analysis: Analysis, finding: str) -> str:
    spots: list[Any] = [
        f"{s.rank}: {percent(s.share)} at ({s.peak[0]:.0f}, {s.peak[1]:.0f})"
        for s in analysis.spots_of(finding)
    ]
    return "\n".join(spots)
