"""MONAI's ``@`` references inside one file, followed as data.

``"@spatial_size"`` or ``"@network_def::in_channels"`` stands for what stands there (``#`` is
MONAI's older separator). A reference is the whole text; it begins at the top of the file. Cycles
and references that swell are refused.
"""

import re
from collections.abc import Mapping
from typing import Any

from radsal.inference.documents import refuse

MOST_VALUES = 20_000
"""Values of one file with its references followed; MONAI's own have a few hundred."""

_DEEPEST = 64
_REFERENCE = re.compile(r"@\w+(?:::\w+)*", re.ASCII)

Path = tuple[str | int, ...]


class References:
    """Follows the references of one document.

    Attributes
    ----------
    reached:
        Where in the document a ``_target_`` was come by; others serve nobody.
    """

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self.document = document
        self.name = name
        self.reached: set[Path] = set()
        self._values = 0

    def entry(self, key: str) -> object:
        """A top entry of the document without any reference in it."""
        return self._follow(self.document[key], (key,), ())

    def unreached(self) -> str:
        """The place of a ``_target_`` that nothing read leads to; empty where there is none."""
        return next(
            (show(path) for path in _targets(self.document, ()) if path not in self.reached), ""
        )

    def _follow(self, value: object, path: Path, open_: tuple[Path, ...]) -> object:
        """``open_`` holds the references that are being followed, outermost first."""
        self._count(path, open_)
        if isinstance(value, dict):
            if "_target_" in value:
                self.reached.add(path)
            return {
                k: self._follow(v, (*path, self._key(k, path)), open_) for k, v in value.items()
            }
        if isinstance(value, list):
            return [self._follow(v, (*path, i), open_) for i, v in enumerate(value)]
        if isinstance(value, str) and value.lstrip().startswith("@"):
            return self._referred(value, path, open_)
        return value

    def _referred(self, text: str, path: Path, open_: tuple[Path, ...]) -> object:
        place = f"{self.name}: {show(path)}"
        plain = text.replace("#", "::")
        if not _REFERENCE.fullmatch(plain):
            refuse(
                place,
                f"{text!r:.80} is no reference that RadSal follows",
                'Begin at the top of the file, as in "@network_def::in_channels", or write the '
                "value itself.",
                code="model-reference",
            )
        target, found = self._look_up(plain[1:].split("::"), place, text)
        if any(target == each[: len(target)] for each in (*open_, path)):
            refuse(
                place,
                f"{text!r:.80} refers to itself",
                "Write the value itself.",
                code="model-reference",
            )
        return self._follow(found, target, (*open_, path, target))

    def _look_up(self, parts: list[str], place: str, text: str) -> tuple[Path, object]:
        path: Path = ()
        node: object = self.document
        for part in parts:
            step: str | int = part
            if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
                step = int(part)
                node = node[step]
            elif isinstance(node, dict) and part in node:
                node = node[part]
            else:
                refuse(
                    place,
                    f"{text!r:.80} refers to nothing in this file",
                    "Correct the reference, or write the value itself.",
                    code="model-reference",
                )
            path = (*path, step)
        return path, node

    def _key(self, key: str, path: Path) -> str:
        if key[:1] in ("@", "%"):
            refuse(
                f"{self.name}: {show((*path, key))}",
                "a key is no reference",
                "Rename or remove it.",
                code="model-reference",
            )
        return key

    def _count(self, path: Path, open_: tuple[Path, ...]) -> None:
        self._values += 1
        if self._values > MOST_VALUES or len(open_) > _DEEPEST or len(path) > _DEEPEST:
            refuse(
                f"{self.name}: {show(path)}",
                "the file holds too many values, or references too deep",
                "Write the values themselves, once.",
                code="model-too-large",
            )


def show(path: Path) -> str:
    """``preprocessing.transforms[2]``, as refusals name places."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _targets(value: object, path: Path) -> list[Path]:
    """Where objects with a ``_target_`` stand."""
    found = [path] if isinstance(value, dict) and "_target_" in value else []
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return found + [each for key, item in items for each in _targets(item, (*path, key))]
