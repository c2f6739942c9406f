"""What there is to know of each method, without torch: for menus, help and reports."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MethodInfo:
    """A saliency method in words that a reader is shown.

    Attributes
    ----------
    name:
        Short, stable name, as in results and on the command line.
    input_based:
        The map lies on the input's pixels; else it lies on a layer's coarser grid.
    class_specific:
        The map depends on the finding that is asked for.
    deterministic:
        Without random numbers.
    summary:
        One sentence: what a bright place means.
    paper:
        Where the definition comes from.
    """

    name: str
    title: str
    input_based: bool
    class_specific: bool
    deterministic: bool
    summary: str
    paper: str


GRADCAM = MethodInfo(
    name="gradcam",
    title="Grad-CAM",
    input_based=False,
    class_specific=True,
    deterministic=True,
    summary="Features of the last spatial layer, each weighted by its mean effect on the finding.",
    paper="Selvaraju et al., ICCV 2017, arXiv:1610.02391",
)

HIRESCAM = MethodInfo(
    name="hirescam",
    title="HiResCAM",
    input_based=False,
    class_specific=True,
    deterministic=True,
    summary="Features of the last spatial layer, weighted place by place by their effect on the finding.",
    paper="Draelos and Carin, 2020, arXiv:2011.08891",
)

CATALOGUE: Mapping[str, MethodInfo] = {info.name: info for info in (GRADCAM, HIRESCAM)}
"""Every method by its name, in the order of the menu."""


def title_of(name: str) -> str:
    """A method's name as its paper writes it; a name that is not in the catalogue as it is."""
    info = CATALOGUE.get(name)
    return info.title if info else name
