"""Frozen values that carry arrays stay frozen on their way between processes."""

from typing import Any


class Rebuilt:
    """Pickle and copy through the constructor: NumPy gives arrays back that can be written to."""

    __slots__ = ()
    __dataclass_fields__: dict[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)
