"""What an import wrote down: the SHA-256 of the package and of each of its files.

The record lies in the package's folder beside ``configs/``, ``docs/`` and ``models/``, and is
moved into place together with them. From then on one changed byte, one file more or less, and the
package is refused by that file's name, when models are listed and again when one is loaded.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from radsal.core.errors import ModelRefusal
from radsal.inference.content import FOLDERS, content_files, content_sha256

RECORD = "import.json"
_SCHEMA = "radsal.import/1"
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import: content, when, and the name of the file or folder that it came from."""

    sha256: str
    files: Mapping[str, str]
    imported: str
    source: str


def write_record(folder: Path, source: str) -> ImportRecord:
    """Write down the content of a package that is about to be moved into place."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    files = {name: _sha256(folder / name) for name in content_files(folder)}
    record = ImportRecord(content_sha256(folder), files, now, source)
    text = json.dumps({"schema": _SCHEMA, **asdict(record)}, indent=2)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    return record


def read_record(folder: Path) -> ImportRecord | None:
    """The record of a package, None where it was not imported. Raises ModelRefusal."""
    path = folder / RECORD
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_LARGEST))
        files = {str(name): str(digest) for name, digest in document["files"].items()}
        texts = [str(document[key]) for key in ("sha256", "imported", "source")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _changed(folder, f"{RECORD}, the record of its import, is damaged") from None
    return ImportRecord(texts[0], files, texts[1], texts[2])


def check_record(folder: Path, sha256: str) -> None:
    """Refuse a package whose content is not what its import wrote down.

    Parameters
    ----------
    sha256:
        The content's SHA-256 as it is now; nothing is hashed again where it is the recorded one.
    """
    record = read_record(folder)
    if record is None:
        return
    if beside := _beside(folder):
        raise _changed(folder, f"{beside} was added")
    if record.sha256 != sha256:
        raise _changed(folder, difference(folder, record))


def difference(folder: Path, record: ImportRecord) -> str:
    """The first file that is not as it was recorded, and in what way."""
    now = content_files(folder)
    for name in sorted({*now, *record.files}):
        if name not in record.files:
            return f"{name} was added"
        if name not in now:
            return f"{name} was removed"
        if _sha256(folder / name) != record.files[name]:
            return f"{name} was changed"
    return f"{RECORD}, the record of its import, was changed"


def _beside(folder: Path) -> str:
    """Something in the folder that an import does not put there; empty where there is nothing."""
    known = {*FOLDERS, RECORD}
    odd = (p.name for p in folder.iterdir() if p.name not in known and p.name[:1] != ".")
    return min(odd, default="")


def _changed(folder: Path, what: str) -> ModelRefusal:
    return ModelRefusal(
        f"{folder.name}: {what} since the package was imported",
        code="model-changed",
        remedy="Remove the package and import it anew, and find out who changed it.",
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
