"""What reading a header gave, a header or a refusal, as one line of JSON and back.

A line crosses between processes and lies in the folder index in half the time that a pickle takes,
and whoever reads it runs no code of it. It does not hold the path: where the file lies is known
to the one who asked.
"""

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from radsal.core.radiograph import ImageHeader
from radsal.core.refused import Refused

Found = ImageHeader | Refused

FIELDS = tuple(field.name for field in fields(ImageHeader))[1:]
_values = attrgetter(*FIELDS)
_SLOTS = [getattr(ImageHeader, name).__set__ for name in ("path", *FIELDS)]
_ORIENTATION = FIELDS.index("orientation")
_encoded = json.JSONEncoder(separators=(",", ":")).encode


def record_of(found: Found) -> str:
    """The values of a header in the order of :data:`FIELDS`; of a refusal its texts."""
    if isinstance(found, Refused):
        return _encoded((str(found.code), found.reason, found.remedy))
    return _encoded(_values(found))


def found_in(records: Sequence[str], paths: Sequence[Path]) -> list[Found]:
    """Headers and refusals out of records, one for each path. Raises ValueError where one is damaged."""
    listed = json.loads(f"[{','.join(records)}]")
    if len(listed) != len(paths):
        raise ValueError("there must be one record for each path")
    return [_found(path, values) for path, values in zip(paths, listed, strict=True)]


def _found(path: Path, values: Any) -> Found:
    try:
        if len(values) == 3:
            return Refused(path, *values)
        sides = values[_ORIENTATION]
        if sides is not None:
            values[_ORIENTATION] = tuple(sides)
        return _header(path, values)
    except (TypeError, IndexError, KeyError) as error:
        raise ValueError("this is no record") from error


def _header(path: Path, values: list[Any]) -> ImageHeader:
    """As the constructor makes it, slot by slot: that of a frozen dataclass takes twice as long."""
    header = object.__new__(ImageHeader)
    for put, value in zip(_SLOTS, (path, *values), strict=True):
        put(header, value)
    header.__post_init__()
    return header
