"""``radsal models list|show``."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.table import Table

from radsal.cli.documents import print_json
from radsal.cli.status import Status, errors_console
from radsal.inference.package import ModelPackage
from radsal.inference.registry import default_roots, find_package, list_packages
from radsal.settings import Settings


def list_models(settings: Settings, *, as_json: bool) -> Status:
    """Name every model package that is there, and those that are refused."""
    packages, refusals = list_packages(default_roots(settings.models_folder))
    if as_json:
        document = {
            "schema": "radsal.models/1",
            "models": [describe(p) for p in packages],
            "refused": [{"reason": r.reason, "code": r.code} for r in refusals],
        }
        print_json(document)
    else:
        table = Table("id", "version", "findings", "SHA-256")
        for p in packages:
            cells = (p.identity.id, p.version, ", ".join(p.labels), p.identity.sha256[:12])
            table.add_row(*map(escape, cells))
        Console(highlight=False).print(table)
        for refusal in refusals:
            errors_console().print(refusal.reason, markup=False)
    return Status.REFUSED if refusals else Status.DONE


def show_model(settings: Settings, model_id: str, *, as_json: bool) -> Status:
    """Print a model's card and what RadSal knows of it."""
    package = find_package(model_id, default_roots(settings.models_folder))
    if as_json:
        print_json({"schema": "radsal.model/1", **describe(package)})
        return Status.DONE
    console = Console(highlight=False)
    identity = package.identity
    console.print(f"{identity.id} {package.version}, SHA-256 {identity.sha256}", markup=False)
    points = zip(package.labels, package.operating_points, strict=True)
    shown = ", ".join(f"{label} {point:.1%}" for label, point in points)
    console.print(f"Operating points: {shown}", markup=False)
    console.print(Markdown(package.card_text()))
    return Status.DONE


def describe(package: ModelPackage) -> dict[str, Any]:
    """What the JSON documents say of a model package."""
    return {
        "id": package.identity.id,
        "sha256": package.identity.sha256,
        "version": package.version,
        "findings": list(package.labels),
        "operating_points": dict(zip(package.labels, package.operating_points, strict=True)),
        "activation": package.activation,
        "network": package.network.name,
        "intended": asdict(package.intended),
        "notes": list(package.notes),
    }
