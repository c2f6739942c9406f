"""The table of methods: a new method is one file and one line here and in the catalogue."""

from collections.abc import Mapping

from radsal.core.errors import KnownError
from radsal.saliency.gradcam import GradCam
from radsal.saliency.hirescam import HiResCam
from radsal.saliency.method import Method


def methods() -> Mapping[str, Method]:
    """Every method by its name, in the order of the catalogue."""
    return {method.info.name: method for method in (GradCam(), HiResCam())}


def method_named(name: str) -> Method:
    """The method of that name. Raises KnownError, naming those that there are."""
    table = methods()
    if name not in table:
        raise KnownError(
            f"there is no saliency method {name!r}",
            code="method-unknown",
            remedy=f"Methods: {', '.join(table)}.",
        )
    return table[name]
