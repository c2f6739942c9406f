"""Rules for plain arguments: each takes a JSON value and gives it back, or says what it must be.

Lists become tuples, so that what passes a rule is immutable.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Plain = bool | int | float | str | tuple["Plain", ...] | Mapping[str, "Plain"] | None
Rule = Callable[[object], "Plain"]


class Unfit(ValueError):
    """A value that a rule does not allow; the text says what is allowed."""


def boolean(value: object) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        raise Unfit("must be true or false")
    return value


def integer(low: int, high: int) -> Rule:
    """A whole number from ``low`` to ``high``, both inclusive."""

    def rule(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Unfit(f"must be a whole number from {low} to {high}")
        return value

    return rule


def number(low: float = -1e9, high: float = 1e9) -> Rule:
    """A finite number from ``low`` to ``high``, both inclusive; given back as it was written."""

    def rule(value: object) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfit("must be a number")
        if not low <= value <= high:  # nor is NaN; a whole number may be too large for a float
            raise Unfit(f"must be a number from {low:g} to {high:g}")
        return value

    return rule


def one_of(*choices: bool | int | str | None) -> Rule:
    """One of a few literal values; ``True`` and ``1`` are different."""

    def rule(value: object) -> Plain:
        for choice in choices:
            if type(value) is type(choice) and value == choice:
                return choice
        raise Unfit("must be " + " or ".join(repr(choice) for choice in choices))

    return rule


def optional(inner: Rule) -> Rule:
    """``null``, or what the inner rule allows."""

    def rule(value: object) -> Plain:
        return None if value is None else inner(value)

    return rule


def either(*inner: Rule) -> Rule:
    """What at least one of the rules allows."""

    def rule(value: object) -> Plain:
        reasons = []
        for each in inner:
            try:
                return each(value)
            except Unfit as unfit:
                reasons.append(str(unfit))
        raise Unfit(", or ".join(reasons))

    return rule


def listed(inner: Rule, shortest: int, longest: int) -> Rule:
    """A list of ``shortest`` to ``longest`` values that the inner rule allows."""

    def rule(value: object) -> tuple[Plain, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise Unfit("must be a list")
        if not shortest <= len(value) <= longest:
            raise Unfit(f"must be a list of {shortest} to {longest} values")
        return tuple(inner(item) for item in value)

    return rule


def layer(**kinds: Mapping[str, Rule]) -> Rule:
    """MONAI's way to name an activation or a norm: ``"relu"`` or ``["relu", {"inplace": true}]``.

    ``kinds`` maps each allowed name to the rules of its arguments.
    """

    def rule(value: object) -> Plain:
        name, arguments = value, {}
        if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
            name, arguments = value
        if not isinstance(name, str) or name.lower() not in kinds:
            raise Unfit("must be one of " + ", ".join(sorted(kinds)) + ", or [name, {arguments}]")
        if not isinstance(arguments, Mapping):
            raise Unfit("must be [name, {arguments}]")
        allowed = kinds[name.lower()]
        if unknown := set(arguments) - set(allowed):
            raise Unfit(f"has unknown arguments: {', '.join(sorted(map(str, unknown)))}")
        return name, {key: allowed[key](item) for key, item in arguments.items()}

    return rule


@dataclass(frozen=True, slots=True)
class Allowed:
    """One name of the allow-list: the rules of its arguments and which of them must be given."""

    arguments: Mapping[str, Rule]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AllowedNetwork(Allowed):
    """A network.

    Attributes
    ----------
    inputs, outputs:
        The arguments that hold the number of channels and of labels, alone or first of a list.
    size:
        The argument that fixes the input's height and width, alone, as a pair or behind the
        channels; empty where the network takes any size.
    defaults:
        Arguments that MONAI would fill differently.
    """

    inputs: str = "in_channels"
    outputs: str = "out_channels"
    size: str = ""
    defaults: Mapping[str, bool | int] = field(default_factory=dict)
