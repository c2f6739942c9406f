"""Strict reading of a package's JSON and YAML files: data or a refusal, never a program.

MONAI's ``ConfigParser`` takes ``$`` for code, ``@`` and ``%`` for references, ``_target_`` for
something to call, and some keys for instructions to merge. None of that is evaluated here; where
it stands is named instead. Only ``@`` is followed, as data (:mod:`~radsal.inference.references`).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from radsal.core.errors import ModelRefusal
from radsal.inference.yaml_data import parse_yaml

LARGEST_DOCUMENT = 1 << 20
"""Bytes of one file; MONAI's own are a few thousand."""

_DEEPEST = 32
_LONGEST = 400  # characters of a place or a reason, which quote the package


def refuse(place: str, reason: str, remedy: str, *, code: str = "model-refused") -> NoReturn:
    """Refuse a package: ``place`` is such as ``configs/inference.json: network_def._target_``."""
    raise ModelRefusal(f"{place:.{_LONGEST}}: {reason:.{_LONGEST}}", code=code, remedy=remedy)


def read_document(folder: Path, name: str) -> Mapping[str, Any]:
    """One JSON or YAML object of the package, ``name`` relative to its folder, as plain values."""
    try:
        with (folder / name).open("rb") as file:
            raw = file.read(LARGEST_DOCUMENT + 1)
    except OSError:
        refuse(
            name,
            "the file is missing or cannot be read",
            "A package needs configs/metadata.json and configs/inference.json (or inference.yaml).",
            code="model-layout",
        )
    if len(raw) > LARGEST_DOCUMENT:
        refuse(
            name,
            f"larger than {LARGEST_DOCUMENT} bytes",
            "Keep data out of the configuration.",
            code="model-too-large",
        )
    document = _parse(name, raw)
    if not isinstance(document, dict):
        refuse(name, "is not an object", "Give names and values: { … } in JSON, name: … in YAML.")
    return document


def _parse(name: str, raw: bytes) -> object:
    """JSON or YAML without duplicate keys and without NaN or Infinity."""
    kind = "YAML" if name.endswith(".yaml") else "JSON"
    try:
        if kind == "YAML":
            return parse_yaml(raw.decode("utf-8"))
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        refuse(name, f"is not strict {kind} ({error})", f"Write plain {kind} in UTF-8.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key in found if sum(key == k for k, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} stands there twice")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def walk(value: object, place: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a plain value, keys included, with its place (``a.b[2].c``)."""
    if depth > _DEEPEST:
        refuse(place, f"nested more than {_DEEPEST} deep", "Flatten the configuration.")
    join = "" if place.endswith(": ") else "."
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{place}{join}{key}", key
            yield from walk(item, f"{place}{join}{key}", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{place}[{index}]", depth + 1)


def refuse_programs(name: str, document: Mapping[str, Any], *, prose: bool) -> None:
    """Refuse MONAI's expressions, macros, ``import`` sections and keys that merge.

    Parameters
    ----------
    prose:
        The document holds descriptions (``metadata.json``): a ``$`` may stand inside a text, but
        not at its start, where MONAI would run it.
    """
    for place, text in walk(document, f"{name}: "):
        start = text.lstrip()[:1]
        if start == "$" or (not prose and "$" in text):
            refuse(
                place,
                "a $ expression is code, and RadSal runs none from a package",
                "Write the value itself in its place.",
                code="model-code",
            )
        if not prose and start == "%":
            refuse(
                place,
                "macros, which copy text from other places and files, are not followed",
                "Write the value itself in its place, or refer to it with @ inside this file.",
                code="model-code",
            )
    if not prose:
        for key in document:
            _refuse_key(name, key)


def _refuse_key(name: str, key: str) -> None:
    """A top key that MONAI would run, or fold into another entry."""
    if key in ("imports", "import"):
        refuse(
            f"{name}: {key}",
            "imports are code, and RadSal runs none from a package",
            "Remove the section; network_def and preprocessing need no imports.",
            code="model-code",
        )
    if key[:1] in ("+", "~") or "::" in key or "#" in key:
        refuse(
            f"{name}: {key}",
            "MONAI would fold this key into another entry, and RadSal does not",
            "Write the value where it belongs.",
        )
