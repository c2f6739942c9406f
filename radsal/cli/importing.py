"""``radsal models import|trust|remove|verify``."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from radsal.cli.documents import print_json
from radsal.cli.models import describe
from radsal.cli.status import Status, errors_console
from radsal.cli.steps import bar, show
from radsal.core.errors import ModelRefusal
from radsal.core.resources import resource_path
from radsal.inference.package import read_package
from radsal.inference.recipe import WeightsRecipe, id_of
from radsal.inference.records import read_record
from radsal.settings import Settings
from radsal.workflow.engines import Engines
from radsal.workflow.importing import (
    Imported,
    import_bundle,
    import_weights,
    is_bundle,
    remove_model,
    to_remove,
    to_trust,
    trust_model,
)

Ask = Callable[[str], bool]


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


def import_model(settings: Settings, source: Path, words: Words, *, as_json: bool) -> Status:
    """Bring a bundle or weights in and say what it is called."""
    models, shipped = settings.models_folder, [resource_path("models")]
    recipe = None if is_bundle(source) else recipe_of(source, words)
    if recipe is None:
        _refuse_recipe(words)
    with Engines() as engines, bar() as shown:
        steps = (
            import_bundle(engines, source, models, shipped, words.id or "")
            if recipe is None
            else import_weights(engines, source, models, shipped, recipe)
        )
        imported: Imported = show(steps, shown, source.name)
    _tell(imported, as_json=as_json)
    return Status.DONE


def verify_models(settings: Settings, ids: list[str], *, as_json: bool) -> Status:
    """Hash each package anew and compare with what its import wrote down."""
    rows = [row for row in _verified(settings) if not ids or row["id"] in ids]
    for missing in sorted({*ids} - {row["id"] for row in rows}):
        unknown = _row(missing, "refused", reason="there is no such model", code="model-unknown")
        rows = [*rows, unknown]
    refused = [row for row in rows if row["status"] == "refused"]
    if as_json:
        print_json({"schema": "radsal.models.verify/1", "models": rows})
    for row in rows if not as_json else []:
        line = f"{row['id']}: {row['status']} {row['sha256']}".rstrip()
        Console(highlight=False, soft_wrap=True).print(line, markup=False)
        if row["reason"]:
            errors_console().print(f"{row['code']}: {row['reason']}", markup=False)
    return Status.REFUSED if refused else Status.DONE


def trust(settings: Settings, sha256: str, ask: Ask, *, as_json: bool) -> Status:
    """Let the code of one package run, after asking."""
    sha256 = sha256.lower()
    package = to_trust(settings.models_folder, sha256)
    question = (
        f"{package.id} holds TorchScript, which is a program. It will run with your rights and can "
        "read and write your files. Trust exactly this content?"
    )
    if not ask(question):
        errors_console().print("Not trusted.")
        return Status.REFUSED
    with Engines() as engines, bar() as shown:
        steps = trust_model(engines, settings.models_folder, sha256)
        given, _ = show(steps, shown, package.id)
    if as_json:
        print_json({"schema": "radsal.trust-given/1", **asdict(given)})
    else:
        typer.echo(f"{given.model} is trusted by {given.by} since {given.at}: {given.sha256}")
    return Status.DONE


def remove(settings: Settings, model_id: str, ask: Ask) -> Status:
    """Delete one of the user's own packages, after asking."""
    folder = to_remove(settings.models_folder, [resource_path("models")], model_id)
    if not ask(f"Delete the model {model_id} and all of its files?"):
        errors_console().print("Nothing was removed.")
        return Status.REFUSED
    remove_model(settings.models_folder, folder)
    typer.echo(f"{model_id} was removed.")
    return Status.DONE


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


def _refuse_recipe(words: Words) -> None:
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


def _verified(settings: Settings) -> list[dict[str, Any]]:
    """A row for each folder of the user's models and of those that ship with RadSal."""
    rows = []
    for root, unrecorded in ((resource_path("models"), "shipped"), (settings.models_folder, "")):
        folders = sorted(root.iterdir()) if root.is_dir() else []
        packages = (f for f in folders if f.is_dir() and f.name[:1] not in "._")
        rows += [_verify(folder, unrecorded) for folder in packages]
    return rows


def _verify(folder: Path, unrecorded: str) -> dict[str, Any]:
    try:
        package = read_package(folder)  # which compares it with its record
        record = read_record(folder)
    except ModelRefusal as refusal:
        return _row(folder.name, "refused", reason=refusal.reason, code=refusal.code)
    sha256 = package.identity.sha256
    if record is not None:
        return _row(package.id, "unchanged", sha256, imported=record.imported)
    if unrecorded:
        return _row(package.id, unrecorded, sha256)
    reason = "was put there by hand: there is no record to compare it with. Import it instead."
    return _row(package.id, "refused", sha256, reason=reason, code="model-unrecorded")


def _row(name: str, status: str, sha256: str = "", **more: str) -> dict[str, Any]:
    return {"id": name, "status": status, "sha256": sha256, "reason": "", "code": "", **more}


def _tell(imported: Imported, *, as_json: bool) -> None:
    package = imported.package
    if as_json:
        document = {
            "schema": "radsal.imported/1",
            **describe(package),
            "left_out": list(imported.left_out),
            "import_notes": list(imported.notes),
            "needs_trust": imported.needs_trust,
        }
        print_json(document)
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{package.id} is imported, SHA-256 {package.identity.sha256}", markup=False)
    for note in imported.notes:
        console.print(note, markup=False)
    if imported.left_out:
        console.print(f"Left out: {', '.join(imported.left_out)}", markup=False)
    if imported.needs_trust:
        command = f"radsal models trust {package.identity.sha256}"
        console.print("It holds TorchScript, a program, which does not run before you trust it:")
        console.print(command, markup=False)
