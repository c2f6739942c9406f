"""A bundle out of a ZIP archive: plain files below one folder, within limits, or a refusal."""

import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import NoReturn

from radsal.inference.content import FOLDERS, LARGEST_OTHER, LARGEST_WEIGHTS, MOST_FILES, WEIGHTS
from radsal.inference.documents import refuse

MOST_ENTRIES = 4 * MOST_FILES
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_RESERVED = frozenset('<>:"|?*')
_ANEW = "Make the archive anew with the plain files of the bundle."


def unzip_bundle(archive: Path, into: Path) -> tuple[str, ...]:
    """Unpack ``configs/``, ``docs/`` and ``models/`` of a bundle.

    Returns
    -------
    The names of the archive's other files, which are left out.

    Raises
    ------
    ModelRefusal
        Any entry of the archive, used or not, is a link, a device, encrypted, has a name that
        leads out of the archive or stands there twice, or the archive is too large.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = _checked(opened.infolist())
            root = _root(entries)
            left_out = []
            for name, entry in entries.items():
                inside = name.removeprefix(root)
                if name.startswith(root) and inside.split("/")[0] in FOLDERS and _counts(inside):
                    _write(opened, entry, inside, into)
                else:
                    left_out.append(name)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        refuse(archive.name, f"the archive is damaged ({error})", _ANEW, code="model-archive")
    return tuple(left_out)


def _checked(infos: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Files by name; every entry is looked at before one of them is unpacked."""
    if len(infos) > MOST_ENTRIES:
        _refuse("the archive", f"has more than {MOST_ENTRIES} entries", code="model-too-large")
    seen: set[str] = set()
    for info in infos:
        _check(info)
        if (name := info.filename.rstrip("/").casefold()) in seen:
            _refuse(info.filename, "stands in the archive twice")
        seen.add(name)
    return {info.filename: info for info in infos if not info.is_dir()}


def _check(info: zipfile.ZipInfo) -> None:
    name, kind = info.orig_filename, stat.S_IFMT(info.external_attr >> 16)
    parts = PurePosixPath(name).parts
    if name.startswith("/") or ".." in parts or "\\" in name or not parts:
        _refuse(name, "leads out of the archive")
    if set(name) & _RESERVED or not name.isprintable() or any(p[-1:] in ". " for p in parts):
        _refuse(name, "is a name that not every computer can keep")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        _refuse(name, "is a link or a device")
    if info.flag_bits & 0x1:
        _refuse(name, "is encrypted")
    if info.compress_type not in _METHODS:
        _refuse(name, "is compressed in a way that is not read")


def _root(entries: dict[str, zipfile.ZipInfo]) -> str:
    """The folder of the archive in which the bundle lies: none, or one that holds all of it."""
    tail = "configs/metadata.json"
    found = [n.removesuffix(tail) for n in entries if n == tail or n.endswith("/" + tail)]
    if not found:
        refuse(
            "the archive",
            "holds no configs/metadata.json",
            "Give a MONAI bundle, or the weights alone with --network, --labels and so on.",
            code="model-layout",
        )
    if len(found) > 1:
        _refuse("the archive", f"holds {len(found)} bundles")
    return found[0]


def _counts(inside: str) -> bool:
    return not any(part.startswith(".") for part in inside.split("/"))


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, inside: str, into: Path) -> None:
    """Unpack one file, never more than its limit, whatever the archive says of its size."""
    limit = LARGEST_WEIGHTS if inside in WEIGHTS else LARGEST_OTHER
    path = into / inside
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as source, path.open("xb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)
            if file.tell() > limit:
                _refuse(entry.filename, f"unpacks to more than {limit} bytes", "model-too-large")


def _refuse(name: str, reason: str, code: str = "model-archive") -> NoReturn:
    refuse(f"{name!r:.120}" if name != "the archive" else name, reason, _ANEW, code=code)
