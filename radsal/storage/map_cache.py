"""Maps that were computed once, on disk: one small file for each finding of each question.

A cache that may be lost or deleted at any time, readable by its owner only, and shared by several
programs: each entry is written whole or not at all. No fault of it ever stops an analysis; it is
logged, and the map is computed. Names are hashes: they hold no patient data.

An entry is the SHA-256 of the rest in hexadecimal, a line of JSON with the question, the analysis
(one finding's map and hot spots, all predictions) and the program that wrote it, and then the
values of the map and the contours. One that is damaged, that another version of RadSal wrote, or
that answers another question than the one its name stands for is removed and never used.
"""

import hashlib
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from radsal import __version__
from radsal.core.results import FINDINGS, Analysis
from radsal.storage import plain

log = logging.getLogger("radsal.storage")

Question = Mapping[str, float | int | str | bool]

_MADE_BY = f"map 2, RadSal {__version__}"
_SUFFIX, _PART = ".map", ".part"
_BLOCK = 4096  # what a disk takes for a small file
_FULL = 0.9  # share of the limit that is left when entries are evicted
_SHARERS = 4  # programs that may fill what room there is before they look again
_NO_ENTRY = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
_STALE = 3600.0  # seconds after which a half-written file belongs to nobody


class _File(NamedTuple):
    used: float
    size: int
    path: Path


class MapCache:
    """The entries in one folder. Every method may be called from any thread and any process.

    Parameters
    ----------
    limit:
        Bytes on disk; entries that were not used for longest make room for others. 0: nothing is
        kept and nothing found.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self._limit = limit
        self._room = 0  # bytes that may be written before the folder is looked at again
        self._lock = threading.Lock()

    def get(self, question: Question) -> Analysis | None:
        """The analysis of the one finding that a question names; None where there is none.

        Parameters
        ----------
        question:
            All that an answer depends on, plain values by name: the identities of image and model
            as columns are named in :mod:`radsal.storage.plain`, the method, the finding as
            :data:`~radsal.core.results.FINDINGS`, and every parameter.
        """
        path = self._path(question)
        if not self._limit or not path.is_file():
            return None
        try:
            analysis = _unpacked(path.read_bytes(), question)
        except OSError as error:
            _tell(error)
            return None
        except _NO_ENTRY as error:
            log.warning("a kept map is not used: %s", error)
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # it was used now
        return analysis

    def put(self, question: Question, analysis: Analysis) -> None:
        """Keep the analysis of one finding, in place of what was kept of this question.

        Raises
        ------
        ValueError
            The analysis does not answer the question.
        """
        _check_belongs(analysis, question)
        if not self._limit:
            return
        raw = _packed(analysis, question)
        try:
            with self._lock:
                self._make_room(len(raw))
            self._write(self._path(question), raw)
        except OSError as error:
            _tell(error)

    # for the user ------------------------------------------------------------------------------

    def count(self) -> int:
        """Maps that are kept."""
        return len(self._files())

    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.size for file in self._files())

    def clear(self) -> bool:
        """Forget everything; whether that was done (another program may hold a file)."""
        for file in self._files():
            _remove(file.path)
        return not self._files()

    # how ---------------------------------------------------------------------------------------

    def _path(self, question: Question) -> Path:
        return self.folder / f"{hashlib.sha256(_json(question)).hexdigest()}{_SUFFIX}"

    def _write(self, path: Path, raw: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(_PART, dir=self.folder)  # for the owner only
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
            Path(name).replace(path)
        except BaseException:
            _remove(Path(name))
            raise

    def _make_room(self, size: int) -> None:
        """Evict what was not used for longest, unless there was room enough a moment ago."""
        self._room -= _on_disk(size)
        if self._room >= 0:
            return
        files = sorted(self._files())
        held = sum(file.size for file in files) + _on_disk(size)
        if held > self._limit:
            for file in files:
                if held <= self._limit * _FULL:
                    break
                _remove(file.path)
                held -= file.size
        self._room = max(0, self._limit - held) // _SHARERS

    def _files(self) -> list[_File]:
        """The entries; what a program left half-written long ago is removed on the way."""
        files: list[_File] = []
        with suppress(OSError), os.scandir(self.folder) as found:
            for item in found:
                with suppress(OSError):
                    stat, path = item.stat(follow_symlinks=False), Path(item.path)
                    if item.name.endswith(_SUFFIX):
                        files.append(_File(stat.st_mtime, _on_disk(stat.st_size), path))
                    elif item.name.endswith(_PART) and time.time() - stat.st_mtime > _STALE:
                        _remove(path)
        return files


def _packed(analysis: Analysis, question: Question) -> bytes:
    maps, spots = list(plain.map_rows(analysis)), list(plain.spot_rows(analysis))
    values = [row.pop("raw") for row in maps] + [row.pop("contour") for row in spots]
    head = {**plain.head_of(analysis), "digest": plain.digest_of(analysis)}
    document = {
        "made_by": _MADE_BY,
        "question": dict(question),
        "head": head,
        "predictions": list(plain.prediction_rows(analysis)),
        "maps": maps,
        "hot_spots": spots,
        "lengths": [len(part) for part in values],
    }
    rest = b"\n".join((_json(document), b"".join(values)))
    return hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def _unpacked(raw: bytes, question: Question) -> Analysis:
    """The analysis of an entry. Raises one of ``_NO_ENTRY`` where it is none."""
    sha256, _, rest = raw.partition(b"\n")
    if hashlib.sha256(rest).hexdigest().encode() != sha256:
        raise ValueError("it is damaged")
    line, _, values = rest.partition(b"\n")
    document = json.loads(line)
    if document["made_by"] != _MADE_BY or document["question"] != json.loads(_json(question)):
        raise ValueError("it answers another question, or another version wrote it")
    parts, start = [], 0
    for length in document["lengths"]:
        parts.append(values[start : start + length])
        start += length
    rows = zip([*document["maps"], *document["hot_spots"]], parts, strict=True)
    for row, part in rows:
        row["raw" if "status" in row else "contour"] = part
    kinds = (document[name] for name in ("predictions", "maps", "hot_spots"))
    analysis = plain.analysis_of(document["head"], *kinds)
    _check_belongs(analysis, question)
    return analysis


def _check_belongs(analysis: Analysis, question: Question) -> None:
    """Raise ValueError unless the analysis is of the question's image, model, method and finding."""
    named = {
        **plain.image_columns(analysis.image),
        **plain.model_columns(analysis.model),
        "method": analysis.method,
        FINDINGS: analysis.parameters.get(FINDINGS),
    }
    explained = [item.finding for item in analysis.maps]
    if explained != [question[FINDINGS]] or any(question[n] != v for n, v in named.items()):
        raise ValueError("the analysis answers another question")


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(dict(value), sort_keys=True).encode()


def _on_disk(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _tell(error: OSError) -> None:
    """Into the log, without the path."""
    log.warning("the kept maps are left aside: %s", error.strerror or type(error).__name__)
