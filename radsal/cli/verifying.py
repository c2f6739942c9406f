"""``radsal models verify``."""

from pathlib import Path
from typing import Any

from rich.console import Console

from radsal.cli.documents import print_json
from radsal.cli.status import Status, errors_console
from radsal.core.errors import ModelRefusal
from radsal.core.resources import resource_path
from radsal.inference.package import read_package
from radsal.inference.records import read_record
from radsal.settings import Settings


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
