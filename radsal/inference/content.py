"""The files of a package: which count, how large they may be, and the SHA-256 over them."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from radsal.inference.documents import refuse

FOLDERS = ("configs", "docs", "models")
"""What the SHA-256 covers. Anything else in the folder is never read."""

SCRIPT = "models/model.ts"
"""TorchScript, which is code: loaded in the worker, after trust in the package's SHA-256."""

WEIGHTS = ("models/model.safetensors", "models/model.pt", SCRIPT)
"""Where weights may lie, the safe formats first."""

LARGEST_WEIGHTS = 2 << 30
LARGEST_OTHER = 64 << 20
MOST_FILES = 512

_CHUNK = 1 << 20


def find_weights(folder: Path) -> Path:
    """The weights file: safetensors before a state dict in a ``.pt``, TorchScript last."""
    if not folder.is_dir():
        refuse(folder.name, "is not a folder", "Give the package's folder.", code="model-layout")
    there = [folder / name for name in WEIGHTS if (folder / name).is_file()]
    if not there:
        refuse(
            "models/",
            "holds neither model.safetensors nor model.pt",
            "Save the state dict with safetensors as models/model.safetensors.",
            code="model-layout",
        )
    return there[0]


def content_files(folder: Path) -> list[str]:
    """Sorted POSIX paths, relative to the folder, of every file that counts.

    Refuses links (they lead out of the package), odd things that are no files, too many and too
    large files.
    """
    names = sorted(
        path.relative_to(folder).as_posix() for top in FOLDERS for path in _files(folder / top)
    )
    if len(names) > MOST_FILES:
        refuse(folder.name, f"more than {MOST_FILES} files", "Leave out what is not needed.")
    for name in names:
        limit = LARGEST_WEIGHTS if name in WEIGHTS else LARGEST_OTHER
        if (folder / name).stat().st_size > limit:
            refuse(name, f"larger than {limit} bytes", "Leave it out.", code="model-too-large")
    return names


def content_sha256(folder: Path) -> str:
    """SHA-256 over the content of a package, lower-case hexadecimal.

    Hidden files do not count: file managers leave them behind, and RadSal never reads one.
    For each file of :func:`content_files` in order: its path in UTF-8, a zero byte, its length
    as eight bytes (big endian), its bytes. No two different contents give the same stream.
    """
    digest = hashlib.sha256()
    for name in content_files(folder):
        path = folder / name
        digest.update(name.encode() + b"\0" + path.stat().st_size.to_bytes(8, "big"))
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _files(top: Path) -> Iterator[Path]:
    """Regular files below a folder, without following links; anything else is refused."""
    if top.is_symlink():
        _refuse_link(top)
    if not top.is_dir():
        return
    with os.scandir(top) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue  # what file managers leave behind; never read
            path = Path(entry.path)
            if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
                _refuse_link(path)
            if entry.is_dir():
                yield from _files(path)
            else:
                yield path


def _refuse_link(path: Path) -> None:
    refuse(
        path.name,
        "is a link or a special file",
        "Put the file itself into the package.",
        code="model-layout",
    )
