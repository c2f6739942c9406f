"""Options of a saliency method as they are given on the command line."""

from collections.abc import Sequence

import typer

from radsal.core.errors import KnownError
from radsal.saliency.catalogue import LAYER, chosen_of
from radsal.saliency.options import Options


def options_of(method: str, settings: Sequence[str], layer: str | None) -> Options:
    """The options that differ from the method's defaults.

    Parameters
    ----------
    settings:
        ``NAME=VALUE`` each.
    layer:
        Short for ``layer=LABEL``.

    Raises
    ------
    typer.BadParameter
        What is no ``NAME=VALUE``, is given twice, or is unknown to the method or impossible.
    """
    given: dict[str, str] = {}
    pairs = [setting.partition("=") for setting in settings]
    pairs += [(LAYER.name, "=", layer)] if layer is not None else []
    for name, equals, value in pairs:
        if not equals or not name.strip():
            raise typer.BadParameter(f"{name!r} is not of the form NAME=VALUE")
        if name.strip() in given:
            raise typer.BadParameter(f"{name.strip()} is given twice")
        given[name.strip()] = value.strip()
    try:
        return chosen_of(method, given)
    except KnownError as error:
        raise typer.BadParameter(f"{error.reason}. {error.remedy}") from error
