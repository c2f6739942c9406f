"""Into the user's model folder in one step, and out of it again.

A package is put together in a hidden folder beside its place, written through to the disk, and
moved there by one rename. Whatever ends the program before that leaves a hidden folder, which is no
package and which the next import clears away.
"""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radsal.core.errors import ModelRefusal
from radsal.inference.content import (
    FOLDERS,
    LARGEST_OTHER,
    LARGEST_WEIGHTS,
    WEIGHTS,
    content_files,
)
from radsal.inference.documents import refuse
from radsal.inference.package import ModelPackage
from radsal.inference.records import write_record
from radsal.inference.trust import withdraw_trust

_STAGING, _LEAVING = ".importing-", ".removing-"
_STALE = 24 * 3600.0  # seconds after which a hidden folder belongs to nobody any more
_CHUNK = 1 << 20


@contextmanager
def staging(models: Path, name: str) -> Iterator[Path]:
    """A new folder of that name in a hidden folder of the models; gone afterwards.

    Raises
    ------
    ModelRefusal
        The model folder cannot be written.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        _clear(models)
        hidden = Path(tempfile.mkdtemp(prefix=_STAGING, dir=models))
    except OSError as error:
        raise ModelRefusal(
            f"the model folder cannot be written ({error.strerror})",
            code="model-folder",
            remedy="Check its permissions and the space on the disk.",
        ) from error
    try:
        for part in FOLDERS:
            (hidden / name / part).mkdir(parents=True)
        yield hidden / name
    except OSError as error:
        refuse(name, f"cannot be copied ({error.strerror})", "Check the disk.", code="model-folder")
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def copy_bundle(source: Path, into: Path) -> tuple[str, ...]:
    """Copy the content of a bundle's folder; links and special files are refused.

    Returns the names beside it that are left out.
    """
    for name in content_files(source):
        limit = LARGEST_WEIGHTS if name in WEIGHTS else LARGEST_OTHER
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        _copy(source / name, into / name, limit)
    return tuple(sorted(p.name for p in source.iterdir() if p.name not in FOLDERS))


def commit(staged: Path, package: ModelPackage, models: Path, source: str) -> Path:
    """Record the content of a checked package and move it into place.

    Raises
    ------
    ModelRefusal
        There is a folder of that name already: nothing is replaced.
    """
    _check_same(staged, package)
    write_record(staged, source)
    _write_through(staged)
    place = models / package.id
    try:
        if place.exists():
            raise FileExistsError
        staged.rename(place)
    except OSError:
        if not place.exists():
            raise
        raise ModelRefusal(
            f"there is a model {package.id!r} already",
            code="model-twice",
            remedy=f"Remove it first (radsal models remove {package.id}), or give another --id.",
        ) from None
    _sync_folder(models)
    return place


def remove_folder(models: Path, name: str, sha256: str = "") -> None:
    """Take a package out of the user's folder by one rename, then delete it.

    A trust in ``sha256`` is withdrawn.
    """
    hidden = Path(tempfile.mkdtemp(prefix=_LEAVING, dir=models))
    try:
        (models / name).rename(hidden / name)
        _sync_folder(models)
        withdraw_trust(models, sha256)
    finally:
        _delete(hidden)


def _check_same(staged: Path, package: ModelPackage) -> None:
    if staged != package.folder:
        raise ValueError("the package that was checked is another one")


def _copy(source: Path, target: Path, limit: int) -> None:
    """Copy a plain file, never more than its limit; a link that took its place is not followed."""
    handle = os.open(
        source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    with os.fdopen(handle, "rb") as read, target.open("xb") as write:
        if not stat.S_ISREG(os.fstat(read.fileno()).st_mode):
            refuse(
                source.name, "is no plain file", "Put the file itself there.", code="model-layout"
            )
        while chunk := read.read(_CHUNK):
            write.write(chunk)
            if write.tell() > limit:
                refuse(
                    source.name,
                    f"larger than {limit} bytes",
                    "Leave it out.",
                    code="model-too-large",
                )


def _write_through(folder: Path) -> None:
    """Everything in a folder is on the disk when this returns."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    for path in (*folder.rglob("*/"), folder):
        _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows opens no folder as a file, and needs this for no rename
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(models: Path) -> None:
    """Delete what imports and removals that were broken off have left behind."""
    for prefix in (_STAGING, _LEAVING):
        for left in models.glob(f"{prefix}*"):
            if time.time() - left.stat().st_mtime > _STALE:
                _delete(left)


def _delete(hidden: Path) -> None:
    for inside in hidden.iterdir():
        if inside.is_symlink():  # a package folder that was a link: only the link goes
            inside.unlink()
    shutil.rmtree(hidden, ignore_errors=True)
