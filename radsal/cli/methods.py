"""``radsal methods``: what there is to know of each saliency method and its options."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from radsal.cli.documents import print_json
from radsal.cli.status import Status
from radsal.saliency.catalogue import CATALOGUE, MethodInfo
from radsal.saliency.options import Parameter

SCHEMA = "radsal.methods/1"


def method_help() -> str:
    """The help of ``--method``: every name, and what stands against it."""
    return f"Saliency method: {', '.join(map(_named, CATALOGUE.values()))}. See: radsal methods."


def list_methods(*, as_json: bool) -> Status:
    """Describe every method, in the order of the menu."""
    if as_json:
        print_json({"schema": SCHEMA, "methods": [describe(i) for i in CATALOGUE.values()]})
        return Status.DONE
    console = Console(highlight=False)
    for info in CATALOGUE.values():
        console.print(f"[bold]{info.name}[/bold]  {info.title}")
        for line in _lines(info):
            console.print(f"    {line}", markup=False, soft_wrap=True)
    return Status.DONE


def describe(info: MethodInfo) -> dict[str, Any]:
    """A method in plain values."""
    return {
        "name": info.name,
        "title": info.title,
        "summary": info.summary,
        "basis": info.basis.value,
        "family": info.family,
        "class_specific": info.class_specific,
        "deterministic": info.deterministic,
        "all_findings_at_once": info.at_once,
        "advised": info.advised,
        "cost": info.cost,
        "sanity": info.sanity,
        "paper": info.paper,
        "options": [_option(parameter) for parameter in info.parameters],
    }


def _option(parameter: Parameter) -> dict[str, Any]:
    number = not isinstance(parameter.default, str)
    return {
        "name": parameter.name,
        "default": parameter.default,
        "meaning": parameter.meaning,
        "range": [parameter.least, parameter.most] if number else None,
        "choices": list(parameter.choices) or None,
    }


def _named(info: MethodInfo) -> str:
    if info.advised:
        return info.name
    return f"{info.name} (off by default in comparisons: fails weight randomisation)"


def _lines(info: MethodInfo) -> Iterable[str]:
    yield info.summary
    yield " · ".join(
        (
            f"{info.basis.value}-based",
            "depends on the finding" if info.class_specific else "the same for every finding",
            "deterministic" if info.deterministic else "random, from a seed",
            info.cost,
        )
    )
    yield info.sanity
    yield info.paper
    for parameter in info.parameters:
        yield f"--set {parameter.name}={parameter.default}  {parameter.meaning}{_range(parameter)}"


def _range(parameter: Parameter) -> str:
    if parameter.choices:
        return f" One of {', '.join(parameter.choices)}."
    if isinstance(parameter.default, str):
        return ""
    return f" From {parameter.least:.10g} to {parameter.most:.10g}."
