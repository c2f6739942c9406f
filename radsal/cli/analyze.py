"""``radsal analyze``: predictions, maps and hot spots of files and folders."""

import sys
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from radsal.cli.status import Status, log
from radsal.cli.steps import bar, show
from radsal.core.errors import KnownError
from radsal.core.figures import percent
from radsal.core.progress import Progress
from radsal.exports.json_export import Document, analysis_document, json_text
from radsal.workflow.ahead import Kept
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.engines import Engines
from radsal.workflow.folders import Answered, NotAnswered, analyse_folders
from radsal.workflow.results_folder import SCHEMA, ResultsFolder

WAITING = 16  # films that may wait to be written, with their pixels


def analyze(
    paths: list[Path],
    request: AnalysisRequest,
    *,
    out: Path | None,
    as_json: bool,
    fresh: bool = False,
) -> Status:
    """Analyse files and the files of folders; results are printed, or written, as they come."""
    folder = None if out is None else ResultsFolder(out, request, fresh=fresh)
    printer = _Json() if as_json else _Tables()
    refused: list[dict[str, str]] = []
    with Engines() as engines, bar() as shown, _Writer(folder, printer).open() as writer:
        engines.warm_up()
        show(_run(engines, paths, request, writer, refused), shown, request.model.id)
    printer.end(refused)
    return Status.REFUSED if refused else Status.DONE


def _run(
    engines: Engines,
    paths: list[Path],
    request: AnalysisRequest,
    writer: "_Writer",
    refused: list[dict[str, str]],
) -> Generator[Progress, None, None]:
    for step in analyse_folders(engines, paths, request, writer.kept):
        match step:
            case Progress():
                yield step
            case NotAnswered(path, error):
                log.warning("%s refused: %s", path.name, error.reason)
                refused.append(_refused(path, error))
            case _:
                writer.put(step)


def _refused(path: Path, error: KnownError) -> dict[str, str]:
    return {"path": str(path), "code": error.code, "reason": error.reason}


class _Writer:
    """Writes and prints results in their order, in a thread beside the asking."""

    def __init__(self, folder: ResultsFolder | None, printer: "_Json | _Tables") -> None:
        self._folder = folder
        self._printer = printer
        self._waiting: deque[Future[None]] = deque()
        self.kept = folder.kept if folder is not None else lambda _: None

    @contextmanager
    def open(self) -> Iterator["_Writer"]:
        """What was answered is written to the end; after Ctrl-C only the film that is begun."""
        with ThreadPoolExecutor(1, "writing") as self._pool:
            try:
                yield self
            except KeyboardInterrupt:
                self._pool.shutdown(cancel_futures=True)
                raise
            while self._waiting:
                self._waiting.popleft().result()

    def put(self, outcome: Answered | Kept) -> None:
        """Hand over a result. Raises ExportError where an earlier one could not be written."""
        self._waiting.append(self._pool.submit(self._write, outcome))
        while self._waiting[0].done() or len(self._waiting) > WAITING:
            self._waiting.popleft().result()
            if not self._waiting:
                break

    def _write(self, outcome: Answered | Kept) -> None:
        if isinstance(outcome, Kept):
            self._printer.add(outcome.document, again=True)
        elif self._folder is not None:
            self._printer.add(self._folder.write(outcome.radiograph, outcome.analysis))
        else:
            self._printer.add(analysis_document(outcome.radiograph.header, outcome.analysis))


class _Json:
    """One document of ``radsal.analysis/1`` at the end; until then results wait as text."""

    def __init__(self) -> None:
        self._encoding = sys.stdout.encoding or "utf-8"
        self._results: list[str] = []

    def add(self, document: Document, *, again: bool = False) -> None:
        """Take one entry of ``results``."""
        del again
        self._results.append(json_text(document, self._encoding).rstrip())

    def end(self, refused: list[dict[str, str]]) -> None:
        """Print the document."""
        head = f'{{"schema": "{SCHEMA}", "results": ['
        sys.stdout.write(head + ",\n".join(self._results))
        tail = json_text({"refused": refused}, self._encoding).lstrip("{\n ")
        sys.stdout.write("],\n" + tail)


class _Tables:
    """A table for each film as it is answered."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)

    def add(self, document: Document, *, again: bool = False) -> None:
        """Print a result; of one that was there before only that it was."""
        if again:
            name = escape(Path(document["image"]["path"]).name)
            self._console.print(f"{name} was analysed before")
        else:
            self._console.print(_table(document))

    def end(self, refused: list[dict[str, str]]) -> None:
        """Print what was refused."""
        for entry in refused:
            name = escape(Path(entry["path"]).name)
            self._console.print(f"[red]{entry['code']}[/red] {name}: {escape(entry['reason'])}")
        self._console.print("Research use only. Not for diagnostic use.")


def _table(document: Document) -> Table:
    name, model = Path(document["image"]["path"]).name, document["model"]["id"]
    heads = ("finding", "probability", "operating point", "", "map", "hot spots")
    table = Table(*heads, title=escape(f"{name} · {model} · {document['device']}"))
    status = {entry["finding"]: entry["status"] for entry in document["maps"]}
    for prediction in document["predictions"]:
        table.add_row(
            escape(prediction["finding"]),
            f"{prediction['probability']:.1%}",
            f"{prediction['operating_point']:.1%}",
            "above" if prediction["positive"] else "below",
            status.get(prediction["finding"], "not asked"),
            _spots(document, prediction["finding"]),
        )
    return table


def _spots(document: Document, finding: str) -> str:
    spots = [spot for spot in document["hot_spots"] if spot["finding"] == finding]
    spots.sort(key=lambda spot: -spot["share"])
    return "\n".join(
        f"{rank}: {percent(spot['share'])} at ({spot['peak'][0]:.0f}, {spot['peak'][1]:.0f})"
        for rank, spot in enumerate(spots, 1)
    )
