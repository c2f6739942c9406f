"""How a map was made, in words for a report: method, basis, grid, options, what was measured."""

from collections.abc import Mapping
from dataclasses import fields

from radsal.core.results import FINDINGS, Analysis, MapStatus, finding_of
from radsal.hotspots.parameters import HotSpotParameters
from radsal.saliency.catalogue import CATALOGUE, LAYER, UNADVISED, Basis, MethodInfo, title_of

Value = float | int | str | bool
Rows = list[tuple[str, str]]

AGNOSTIC = "The map is the same for every finding: it says nothing of one in particular."

_BASIS = {
    Basis.INPUT: "input-based: made of the pixels that the network was given",
    Basis.ACTIVATION: "activation-based: made of the features of a layer, on its coarser grid",
    Basis.ATTENTION: "attention-based: made of the patches of a transformer",
}
_CUT = frozenset(field.name for field in fields(HotSpotParameters))


def method_rows(analysis: Analysis) -> Rows:
    """What a report says of the method of an analysis, label by label."""
    info = CATALOGUE.get(analysis.method)
    basis = _BASIS[info.basis] if info else ""
    rows = [("Method", " · ".join(filter(None, (_titled(analysis), basis))))]
    rows += _grid_rows(analysis)
    rows += _row("Options", _options(analysis, info))
    rows += _row("Measured", _listed(_loose_facts(analysis, info)))
    rows += _row(
        "Hot spots", _listed({n: v for n, v in parameters_of(analysis).items() if n in _CUT})
    )
    return rows + [("Caution", caution) for caution in cautions(analysis.method)]


def cautions(method: str) -> tuple[str, ...]:
    """What speaks against taking a method's maps for explanations; each a sentence or two."""
    info = CATALOGUE.get(method)
    if info is None:
        return ()
    said = () if info.class_specific else (AGNOSTIC,)
    if info.advised:
        return said
    told = info.sanity.startswith(UNADVISED.partition(" in ")[0])
    return (*said, info.sanity if told else f"{UNADVISED} {info.sanity}")


def measured(analysis: Analysis, finding: str) -> str:
    """What was measured on the way to the map of a finding; empty where nothing was."""
    return _listed(analysis.facts_of(finding))


def parameters_of(analysis: Analysis) -> dict[str, Value]:
    """All parameters that are no fact about one finding."""
    return {name: value for name, value in analysis.parameters.items() if not finding_of(name)}


def _titled(analysis: Analysis) -> str:
    """The method, and the finding where one alone was asked for."""
    asked = analysis.parameters.get(FINDINGS)
    alone = [item.finding for item in analysis.maps]
    title = title_of(analysis.method)
    return f"{title}, asked for {asked} alone" if alone == [asked] else title


def _grid_rows(analysis: Analysis) -> Rows:
    """The cells that there really are; a map that failed has none."""
    grids = [item.grid for item in analysis.maps if item.status is not MapStatus.FAILED]
    words = ", ".join(f"{h} × {w} cells" for h, w in dict.fromkeys(grids))
    layer = analysis.parameters.get(LAYER.name)
    place = f"layer {layer}" if layer is not None else ""
    return _row("Native grid", " · ".join(filter(None, (words, place))))


def _options(analysis: Analysis, info: MethodInfo | None) -> str:
    """Every option with its value and what it means."""
    asked = info.asked_names if info else {}
    said = [
        f"{_words(parameter.name)} {_figure(analysis.parameters[asked[parameter.name]])} "
        f"({parameter.meaning.rstrip('.')})"
        for parameter in (info.parameters if info else ())
        if asked[parameter.name] in analysis.parameters
    ]
    return "; ".join(said)


def _loose_facts(analysis: Analysis, info: MethodInfo | None) -> dict[str, Value]:
    """What was measured or chosen on the way and is about no finding in particular."""
    known = {FINDINGS, LAYER.name, *_CUT}
    if info is not None:
        known |= {*info.asked_names, *info.asked_names.values()}
    return {name: value for name, value in parameters_of(analysis).items() if name not in known}


def _listed(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{_words(name)} {_figure(value)}" for name, value in values.items())


def _row(label: str, words: str) -> Rows:
    return [(label, words)] if words else []


def _words(name: str) -> str:
    return name.replace("_", " ")


def _figure(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
