"""A folder that an analysis of many films is written to, film by film, and taken up again from.

For each film there is one JSON document of ``radsal.analysis/1`` and, beside it, its maps. Each
file is written whole or not at all, the document last: what is there is complete, whenever the work
was broken off. All names are hashes: they hold no patient data.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from radsal.core.radiograph import Radiograph
from radsal.core.results import Analysis, SaliencyMap
from radsal.exports.json_export import Document, analysis_document, write_json
from radsal.exports.maps_npz import write_map
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.question import question

SCHEMA = "radsal.analysis/1"


class ResultsFolder:
    """The documents and maps of one request in a folder.

    Parameters
    ----------
    fresh:
        Whether documents that are there already are made anew.
    """

    def __init__(self, folder: Path, request: AnalysisRequest, *, fresh: bool = False) -> None:
        self.folder = folder
        self._request = request
        self._fresh = fresh

    def kept(self, radiograph: Radiograph) -> Document | None:
        """The result of an earlier run, with the film's place of today; None without one.

        It is one where pixels, gray values, model, method and parameters are the same. A document
        that is damaged, or whose maps are not there any more, is none.
        """
        if self._fresh:
            return None
        try:
            whole = json.loads(self.path(radiograph).read_bytes())
            (result,) = whole["results"]
            files = [self.folder / Path(entry["file"]).name for entry in result["maps"]]
            if whole["asked"] != question(radiograph, self._request) or not all(
                map(Path.is_file, files)
            ):
                return None
            for entry, file in zip(result["maps"], files, strict=True):
                entry["file"] = str(file)
            result["image"]["path"] = str(radiograph.header.path)
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        kept: Document = result
        return kept

    def write(self, radiograph: Radiograph, analysis: Analysis) -> Document:
        """Write the maps, then the document; the result as it is in the document.

        Raises
        ------
        ExportError
            A file cannot be written.
        """
        asked, files = question(radiograph, self._request), {}
        for item in analysis.maps:
            path = self.folder / map_name(asked, item)
            write_map(path, item, radiograph.shape)
            files[item.finding] = str(path)
        result = analysis_document(radiograph.header, analysis, files)
        whole = {"schema": SCHEMA, "asked": asked, "results": [result], "refused": []}
        write_json(self.path(radiograph), whole)
        return result

    def path(self, radiograph: Radiograph) -> Path:
        """Where the document of a film is."""
        return self.folder / f"{_digest(question(radiograph, self._request))}.json"


def map_name(asked: Mapping[str, float | int | str], saliency: SaliencyMap) -> str:
    """File name of a map: a hash over all that it depends on, then its method and finding.

    Parameters
    ----------
    asked:
        See :func:`radsal.workflow.question.question`.
    """
    label = "".join(c if c.isalnum() else "-" for c in saliency.finding.lower())[:40]
    digest = _digest([sorted(asked.items()), saliency.finding])
    return f"{digest}-{saliency.method}-{label}.npz"


def _digest(belongs: object) -> str:
    return hashlib.sha256(json.dumps(belongs).encode("utf-8")).hexdigest()[:20]
