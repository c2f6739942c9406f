"""``_target_`` entries of ``configs/inference.json``, held against the allow-list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radsal.inference.allowed import (
    ACTIVATIONS,
    NETWORK_ALIASES,
    NETWORKS,
    TRANSFORMS,
    Allowed,
    AllowedNetwork,
)
from radsal.inference.documents import refuse
from radsal.inference.rules import Plain, Rule, Unfit, boolean, either, listed, one_of

_DICTIONARY_SUFFIXES = ("Dict", "d", "D")
_INSTEAD = {
    "Lambda": "a function is code: say it with ScaleIntensityRange or NormalizeIntensity, or do it "
    "before the image is stored",
    "Rand": "what is random belongs to the training: remove it",
    "AsDiscrete": "RadSal calls findings by radsal.operating_points: remove it",
}
"""What to do about names that engineers try, by how they begin."""


@dataclass(frozen=True, slots=True)
class Component:
    """An allowed name with checked, plain, immutable arguments, in the file's order."""

    name: str
    arguments: tuple[tuple[str, Plain], ...] = ()

    def get(self, argument: str, default: Any = None) -> Any:
        """The value of one argument, or the default where it was not given."""
        return dict(self.arguments).get(argument, default)


def read_network(node: object, place: str) -> Component:
    """``network_def``: one allowed network with its channels and labels stated."""
    target, name = _target(node, place, "monai.networks.nets.")
    name = NETWORK_ALIASES.get(name, name)
    if name not in NETWORKS:
        _unknown(place, target, NETWORKS)
    network = NETWORKS[name]
    arguments = dict(network.defaults) | _arguments(node, place, network)
    return Component(name, tuple(arguments.items()))


def channels_and_labels(network: Component) -> tuple[int, int]:
    """How many input channels and output logits a network has."""
    rule = NETWORKS[network.name]
    channels, labels = network.get(rule.inputs), network.get(rule.outputs)
    return _first(channels), _first(labels)


def fixed_size(network: Component) -> tuple[int, int] | None:
    """(H, W) of the only input that the network takes; None where it takes any."""
    rule = NETWORKS[network.name]
    size = network.get(rule.size) if rule.size else None
    if size is None:
        return None
    height, width = (size, size) if isinstance(size, int) else size[-2:]
    return height, width


def bounded_outputs(network: Component) -> bool:
    """Whether the network ends in a Tanh, so that what it gives is no free logit (MONAI's ViT)."""
    return network.name == "ViT" and network.get("post_activation", "Tanh") == "Tanh"


def _first(value: int | tuple[int, ...]) -> int:
    return value if isinstance(value, int) else value[0]


def read_preprocessing(node: object, place: str) -> tuple[Component, ...]:
    """``preprocessing``: a ``Compose``, or the bare list, of allowed transforms."""
    steps, place = _composed(node, place)
    read = [_transform(step, f"{place}[{i}]") for i, step in enumerate(steps)]
    if len({dictionary for _, dictionary in read}) > 1:
        refuse(place, "array and dictionary transforms are mixed", "Use one form for all.")
    components = tuple(component for component, _ in read)
    _check_load_image(components, place)
    return components


def read_activation(node: object, place: str) -> str:
    """``postprocessing``: ``sigmoid`` or ``softmax``, alone or as the one step of a Compose."""
    if isinstance(node, Mapping) and "transforms" not in node:
        return _activation(node, place)
    steps, place = _composed(node, place)
    chosen = [_activation(step, f"{place}[{i}]") for i, step in enumerate(steps)]
    if len(chosen) != 1:
        refuse(
            place, "holds no single Activations", "Give one Activations with sigmoid or softmax."
        )
    return chosen[0]


def _activation(node: object, place: str) -> str:
    target, name = _target(node, place, "monai.transforms.")
    plain, dictionary = _undress(name, {"Activations": ACTIVATIONS})
    if plain != "Activations":
        _unknown(place, target, {"Activations": ACTIVATIONS})
    rules = _with_keys(ACTIVATIONS, "pred") if dictionary else ACTIVATIONS
    given = _arguments(node, place, rules)
    chosen = [kind for kind in ("sigmoid", "softmax") if given.get(kind)]
    if len(chosen) != 1:
        refuse(place, "must be either sigmoid or softmax", 'Write "sigmoid": true.')
    return chosen[0]


def _transform(node: object, place: str) -> tuple[Component, bool]:
    """One step, and whether it was written in the dictionary form."""
    target, name = _target(node, place, "monai.transforms.")
    plain, dictionary = _undress(name, TRANSFORMS)
    if plain not in TRANSFORMS:
        _unknown(place, target, TRANSFORMS)
    rules = _with_keys(TRANSFORMS[plain], "image") if dictionary else TRANSFORMS[plain]
    arguments = _arguments(node, place, rules)
    _check_padding(arguments, place)
    kept = tuple((k, v) for k, v in arguments.items() if k not in ("keys", "allow_missing_keys"))
    return Component(plain, kept), dictionary


def _check_padding(arguments: Mapping[str, Plain], place: str) -> None:
    """A value to pad with belongs to constant padding, and is given once."""
    given = [key for key in ("value", "constant_values") if key in arguments]
    if given and (len(given) > 1 or arguments.get("mode", "constant") != "constant"):
        refuse(f"{place}.{given[-1]}", "means nothing here", 'Remove it, or use "constant".')


def _undress(name: str, table: Mapping[str, Allowed]) -> tuple[str, bool]:
    """``Resized`` is ``Resize`` in the dictionary form."""
    for suffix in _DICTIONARY_SUFFIXES:
        if name not in table and name.endswith(suffix) and name.removesuffix(suffix) in table:
            return name.removesuffix(suffix), True
    return name, False


def _with_keys(allowed: Allowed, key: str) -> Allowed:
    keys: Rule = either(one_of(key), listed(one_of(key), 1, 1))
    return Allowed(
        {**allowed.arguments, "keys": keys, "allow_missing_keys": boolean},
        (*allowed.required, "keys"),
    )


def _composed(node: object, place: str) -> tuple[Sequence[object], str]:
    """The steps of a ``Compose`` or of a bare list, and the place that they stand in."""
    if isinstance(node, dict):
        target, name = _target(node, place, "monai.transforms.")
        if name != "Compose":
            _unknown(place, target, {"Compose": Allowed({})})
        if unknown := set(node) - {"_target_", "transforms"}:
            refuse(f"{place}.{min(unknown)}", "unknown argument", "Remove it.")
        node, place = node.get("transforms"), f"{place}.transforms"
    if not isinstance(node, list) or len(node) > 64:
        refuse(place, "must be a list of at most 64 transforms", "Give the steps as a list.")
    return node, place


def _target(node: object, place: str, module: str) -> tuple[str, str]:
    """The ``_target_`` as written, and its name without MONAI's module."""
    if not isinstance(node, dict) or not isinstance(node.get("_target_"), str):
        refuse(place, "must be an object with a _target_", "Name the class in _target_.")
    target = node["_target_"]
    return target, target.removeprefix(module)


def _unknown(place: str, target: str, table: Mapping[str, Allowed]) -> None:
    name = target.rpartition(".")[2]
    advice = next(
        (f" Here: {text}." for start, text in _INSTEAD.items() if name.startswith(start)), ""
    )
    refuse(
        f"{place}._target_",
        f"{target!r} is not in RadSal's allow-list",
        f"Use one of MONAI's {', '.join(table)}.{advice}",
        code="model-unknown-target",
    )


def _arguments(node: object, place: str, allowed: Allowed) -> dict[str, Plain]:
    """Every argument checked by its rule; unknown and missing ones refused by place."""
    assert isinstance(node, dict)
    given = {k: v for k, v in node.items() if k not in ("_target_", "_desc_")}
    for key in given:
        if key not in allowed.arguments:
            known = ", ".join(allowed.arguments)
            refuse(f"{place}.{key}", "unknown argument", f"Remove it; allowed are {known}.")
    for key in allowed.required:
        if key not in given:
            refuse(f"{place}.{key}", "is missing", "State it as a plain value.")
    return {k: _checked(v, allowed.arguments[k], f"{place}.{k}") for k, v in given.items()}


def _checked(value: object, rule: Rule, place: str) -> Plain:
    try:
        return rule(value)
    except Unfit as unfit:
        refuse(place, f"is {value!r:.60}, but {unfit}", "Correct the value.")


def _check_load_image(steps: Sequence[Component], place: str) -> None:
    """``LoadImage`` stands first, and the axes that its reader gives are beyond doubt."""
    for index, step in enumerate(steps):
        if step.name == "LoadImage" and index:
            refuse(f"{place}[{index}]", "LoadImage stands first or nowhere", "Move it.")
    if not steps or steps[0].name != "LoadImage":
        return
    switches = {"ITKReader": "reverse_indexing", "PydicomReader": "swap_ij"}
    switch = switches.get(str(steps[0].get("reader")).replace("PIL", "ITK"))
    for key in ("reverse_indexing", "swap_ij"):
        if steps[0].get(key) is not None and key != switch:
            refuse(
                f"{place}[0].{key}", "means nothing to this reader", "Name the reader or remove it."
            )
    adds = steps[0].get("ensure_channel_first") or any(
        step.name == "EnsureChannelFirst" for step in steps
    )
    if not adds:
        refuse(
            f"{place}[0]",
            "gives an image without a channel",
            'Add "ensure_channel_first": true, or an EnsureChannelFirst after it.',
        )


__all__ = [
    "AllowedNetwork",
    "Component",
    "bounded_outputs",
    "channels_and_labels",
    "fixed_size",
    "read_activation",
    "read_network",
    "read_preprocessing",
]
