"""``radsal models import|trust|remove``."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import typer
from rich.console import Console

from radsal.cli.documents import print_json
from radsal.cli.import_words import Words, recipe_of, refuse_recipe
from radsal.cli.models import describe
from radsal.cli.status import Status, errors_console
from radsal.cli.steps import bar, show
from radsal.core.resources import resource_path
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


def import_model(settings: Settings, source: Path, words: Words, *, as_json: bool) -> Status:
    """Bring a bundle or weights in and say what it is called."""
    models, shipped = settings.models_folder, [resource_path("models")]
    recipe = None if is_bundle(source) else recipe_of(source, words)
    if recipe is None:
        refuse_recipe(words)
    with Engines() as engines, bar() as shown:
        steps = (
            import_bundle(engines, source, models, shipped, words.id or "")
            if recipe is None
            else import_weights(engines, source, models, shipped, recipe)
        )
        imported: Imported = show(steps, shown, source.name)
    _tell(imported, as_json=as_json)
    return Status.DONE


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
