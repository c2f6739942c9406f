"""What a reader must know of a map besides its picture: what it is made of, how, and how well."""

from radsal.core.results import Analysis, MapStatus
from radsal.saliency.catalogue import CATALOGUE, UNADVISED, MethodInfo, options_in, title_of


def map_text(analysis: Analysis, finding: str) -> str:
    """Method, native grid, basis, options that are not the defaults, and what was measured."""
    info, saliency = CATALOGUE.get(analysis.method), analysis.map_of(finding)
    grid = f", {saliency.grid[0]}×{saliency.grid[1]} grid" if saliency else ""
    said = [f"Map by {title_of(analysis.method)}{grid}"]
    said += [basis_text(info), *_options(info, analysis)] if info else []
    measured = analysis.facts_of(finding)
    facts = [f"{name.replace('_', ' ')} {_figure(value)}" for name, value in measured.items()]
    return f"{' · '.join([*said, *facts])}."


def warnings(analysis: Analysis, finding: str) -> tuple[str, ...]:
    """What speaks against taking the map for an explanation; each a sentence."""
    info, saliency = CATALOGUE.get(analysis.method), analysis.map_of(finding)
    said = [UNADVISED] if info is not None and not info.advised else []
    if saliency is not None and saliency.status is not MapStatus.OK:
        said.append(f"Map {saliency.status.value}: {saliency.reason or 'nothing to show.'}")
    return tuple(said)


def basis_text(info: MethodInfo) -> str:
    """What the map is made of, and whether it depends on the finding at all."""
    return f"{info.basis.value}-based{'' if info.class_specific else ', class-agnostic'}"


def _options(info: MethodInfo, analysis: Analysis) -> list[str]:
    chosen = options_in(info, analysis.parameters)
    return [f"{name.replace('_', ' ')} {value}" for name, value in chosen.items()]


def _figure(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
