"""What can be chosen of a method: declared once, checked before anything is computed. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass

from radsal.core.errors import KnownError

Value = float | int | str
Options = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One choice: its name, default, what it means, and what is possible.

    Attributes
    ----------
    least, most:
        Bounds of a number, both included. A text has none: ``choices`` or, where that is empty,
        any text.
    """

    name: str
    default: Value
    meaning: str
    least: float = 0.0
    most: float = 0.0
    choices: tuple[str, ...] = ()

    def read(self, value: Value) -> Value:
        """The value as this parameter's type. Raises ValueError where it is not possible."""
        if isinstance(self.default, str):
            text = str(value)
            if self.choices and text not in self.choices:
                raise ValueError(f"one of {', '.join(self.choices)}")
            return text
        number = float(value)
        if not self.least <= number <= self.most:  # also where it is not a number
            raise ValueError(f"a number from {self.least:g} to {self.most:g}")
        if isinstance(self.default, int):
            if number != int(number):
                raise ValueError("a whole number")
            return int(number)
        return number


def resolve(parameters: tuple[Parameter, ...], given: Options, method: str) -> dict[str, Value]:
    """A value for every parameter: the one given, or the default.

    Raises
    ------
    KnownError
        A name that the method does not know, or a value that is not possible.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise KnownError(
                f"{method} has no parameter {name!r}",
                code="option-unknown",
                remedy=f"It has: {', '.join(known) or 'none'}.",
            )
    return {name: _read(known[name], given.get(name), method) for name in known}


def _read(parameter: Parameter, value: Value | None, method: str) -> Value:
    if value is None:
        return parameter.default
    try:
        return parameter.read(value)
    except (ValueError, TypeError, OverflowError) as error:
        wanted = str(error) if isinstance(error, ValueError) else "a number"
        raise KnownError(
            f"{parameter.name} of {method} cannot be {value!r}",
            code="option-impossible",
            remedy=f"{parameter.meaning} Give {wanted}.",
        ) from error
