"""The words of ``radsal models import``, and what they say of weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from radsal.inference.recipe import WeightsRecipe, id_of


@dataclass(frozen=True, slots=True)
class Words:
    """The options of ``import`` as they were typed; None where one was not given."""

    id: str | None
    name: str | None
    network: str | None
    in_channels: int
    labels: str | None
    size: str
    scale: str | None
    mean: str | None
    std: str | None
    activation: str
    operating_point: tuple[str, ...]
    modality: str | None
    view: str | None


def recipe_of(source: Path, words: Words) -> WeightsRecipe:
    """What was typed, in types. Raises typer.BadParameter for wrong usage."""
    for option, value in (
        ("network", words.network),
        ("labels", words.labels),
        ("scale", words.scale),
    ):
        if not value:
            raise typer.BadParameter(
                f"{source.name} is no bundle: weights alone need --{option} as well"
            )
    if words.activation not in ("sigmoid", "softmax"):
        raise typer.BadParameter("--activation is sigmoid or softmax")
    labels = _words(words.labels)
    low, high = _numbers("scale", words.scale, 2)
    size = _numbers("size", words.size.replace("x", ","), 1, 2)
    return WeightsRecipe(
        id=words.id or id_of(source),
        name=words.name or "",
        network=words.network or "",
        in_channels=words.in_channels,
        labels=labels,
        size=(int(size[0]), int(size[-1])),
        scale=(low, high),
        mean=_numbers("mean", words.mean, words.in_channels) if words.mean else (),
        deviation=_numbers("std", words.std, words.in_channels) if words.std else (),
        activation=words.activation,
        operating_points=_points(words.operating_point, labels),
        modality=_words(words.modality),
        view=_words(words.view),
    )


def refuse_recipe(words: Words) -> None:
    """A bundle says all of this itself: an option that would be ignored is wrong usage."""
    given = {
        "network": words.network,
        "labels": words.labels,
        "scale": words.scale,
        "mean": words.mean,
        "std": words.std,
        "operating-point": words.operating_point,
        "modality": words.modality,
        "view": words.view,
        "name": words.name,
    }
    if named := [option for option, value in given.items() if value]:
        raise typer.BadParameter(f"a bundle says itself what --{named[0]} would say")


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word for part in (text or "").split(",") if (word := part.strip()))


def _numbers(option: str, text: str | None, *counts: int) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in (text or "").split(","))
    except ValueError:
        numbers = ()
    if len(numbers) not in counts or not all(abs(n) < 1e9 for n in numbers):
        wanted = " or ".join(map(str, counts))
        raise typer.BadParameter(f"--{option} takes {wanted} numbers, not {text!r}")
    return numbers


def _points(given: tuple[str, ...], labels: tuple[str, ...]) -> Mapping[str, float]:
    points: dict[str, float] = {}
    for text in given:
        label, _, number = text.rpartition("=")
        try:
            points[label] = float(number)
        except ValueError:
            points[label] = -1.0
        if label not in labels or not 0 <= points[label] <= 1:
            raise typer.BadParameter(f"--operating-point is LABEL=0.4, not {text!r}")
    return points
