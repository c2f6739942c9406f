"""What was computed once is not computed again: from the store, else from the kept maps.

The store holds the analyses that reads were given on, and these come back exactly; the kept maps
hold whatever was looked at. A map becomes part of the store when a read is saved on it, and not
before (:func:`radsal.workflow.reading.save`): what is only explored leaves no trace there.

The analysis of folders does not ask here: it keeps its own results, and promises the same bits
each time, on the device that is asked for (:mod:`radsal.workflow.results_folder`).
"""

from collections.abc import Generator, Mapping
from dataclasses import replace

from radsal.core.errors import IdentityMismatch
from radsal.core.joining import joined
from radsal.core.progress import Progress
from radsal.core.radiograph import Radiograph
from radsal.core.results import FINDINGS, Analysis
from radsal.storage import Store
from radsal.storage.map_cache import MapCache
from radsal.workflow.analysis import ALL, TOP, AnalysisRequest, Preview, analyse
from radsal.workflow.engines import Engines
from radsal.workflow.question import question


def stored_or_new(
    store: Store,
    maps: MapCache,
    engines: Engines,
    radiograph: Radiograph,
    request: AnalysisRequest,
    *,
    anew: bool = False,
) -> Generator[Progress | Preview, None, Analysis]:
    """The stored or kept analysis where everything about it matches; else a new one, then kept.

    ``anew`` asks the model in any case. Either way the store learns where an image that it knows
    lies now: its report is made from there. Raises as :func:`~radsal.workflow.analysis.analyse`.
    """
    known = None if anew else recalled(store, maps, radiograph, request)
    if known is not None:
        return known
    analysis = yield from analyse(engines, radiograph, request)
    keep(maps, radiograph, request, analysis)
    _tell_place(store, radiograph)
    return analysis


def recalled(
    store: Store, maps: MapCache, radiograph: Radiograph, request: AnalysisRequest
) -> Analysis | None:
    """The stored or kept analysis where everything about it matches. Raises StoreError."""
    known = stored(store, radiograph, request) or kept(maps, radiograph, request)
    if known is not None:
        _tell_place(store, radiograph)
    return known


def _tell_place(store: Store, radiograph: Radiograph) -> None:
    if store.image(radiograph.identity) is not None:
        store.save_image(radiograph.header, radiograph.identity)


def stored(store: Store, radiograph: Radiograph, request: AnalysisRequest) -> Analysis | None:
    """The newest stored analysis that answers the request, also one of all findings.

    Raises
    ------
    StoreError
        What is stored is not what was saved.
    """
    everything = replace(request, findings=ALL)

    def answers(parameters: Mapping[str, float | int | str | bool]) -> bool:
        one = request.told_by(parameters)
        return one or (request.findings != TOP and everything.told_by(parameters))

    found = store.analysis(radiograph.identity, request.model, request.method, answers)
    if found is None or found.parameters[FINDINGS] == request.findings:
        return found
    return found.only(request.findings) if found.map_of(request.findings) else None


def kept(maps: MapCache, radiograph: Radiograph, request: AnalysisRequest) -> Analysis | None:
    """The kept analysis of a finding; of all findings where each of them is kept."""
    findings = request.labels if request.findings == ALL else (request.findings,)
    asked, parts = question(radiograph, request), []
    for finding in findings:
        part = maps.get({**asked, FINDINGS: finding})
        if part is None:
            return None
        parts.append(part)
    try:
        whole = joined(parts, request.findings) if parts else None
    except IdentityMismatch:  # computed on several devices, say
        return None
    right = whole is not None and whole.image == radiograph.identity and request.answered_by(whole)
    return whole if right else None


def keep(
    maps: MapCache, radiograph: Radiograph, request: AnalysisRequest, analysis: Analysis
) -> None:
    """Keep an answer finding by finding, in place of what was kept of these."""
    asked = question(radiograph, request)
    for item in analysis.maps:
        maps.put({**asked, FINDINGS: item.finding}, analysis.only(item.finding))
