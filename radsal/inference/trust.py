"""Whose code may run: packages with TorchScript that a person trusted by their SHA-256.

The list lies beside the packages, in the user's model folder. Nothing that is imported is ever
written there but into a folder of its own. What cannot be read is trusted by nobody.
"""

import getpass
import json
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from radsal.core.errors import ModelRefusal

TRUSTED = ".trusted.json"
_SCHEMA = "radsal.trust-list/1"
_LARGEST = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Trust:
    """Who trusted what, and when (UTC)."""

    sha256: str
    model: str
    by: str
    at: str


def trusted(models: Path) -> tuple[Trust, ...]:
    """Every trust of a model folder; none where the list is missing or damaged."""
    path = models / TRUSTED
    try:
        if path.is_symlink():
            return ()
        with path.open("rb") as file:
            entries = json.loads(file.read(_LARGEST))["trusted"]
        return tuple(Trust(**entry) for entry in entries if _SHA256.fullmatch(entry["sha256"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()


def is_trusted(models: Path, sha256: str) -> bool:
    """Whether the content with exactly that SHA-256 may run its code."""
    return any(trust.sha256 == sha256 for trust in trusted(models))


def add_trust(models: Path, sha256: str, model: str) -> Trust:
    """Write down that the user of this account trusts a package's content."""
    trust = Trust(sha256, model, _user(), datetime.now(UTC).isoformat(timespec="seconds"))
    _write(models, [*(old for old in trusted(models) if old.sha256 != sha256), trust])
    return trust


def withdraw_trust(models: Path, sha256: str) -> None:
    """Forget a trust; nothing happens where there is none."""
    old = trusted(models)
    kept = [trust for trust in old if trust.sha256 != sha256]
    if len(kept) != len(old):
        _write(models, kept)


def check_trusted(folder: Path, sha256: str) -> None:
    """Refuse a package with TorchScript that nobody trusts. ``folder`` is the package's."""
    if not is_trusted(folder.parent, sha256):
        raise ModelRefusal(
            f"{folder.name}: models/model.ts is TorchScript, which is code, and nobody has trusted "
            "this package",
            code="model-untrusted",
            remedy="Where you know who made it: radsal models trust " + sha256,
        )


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return "unknown"


def _write(models: Path, trusts: Iterable[Trust]) -> None:
    document = {"schema": _SCHEMA, "trusted": [asdict(trust) for trust in trusts]}
    handle, part = tempfile.mkstemp(prefix=".trusted-", dir=models)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    Path(part).replace(models / TRUSTED)
