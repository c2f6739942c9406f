"""The layer to explain at, found by watching the network run instead of guessing by name."""

from dataclasses import dataclass
from functools import partial
from math import prod
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from radsal.core.errors import KnownError
from radsal.saliency.catalogue import LAST
from radsal.saliency.receptive import Field, Fields
from radsal.saliency.tokens import Patches, patches_of, transformer_in
from radsal.saliency.undisturbed import undisturbed


@dataclass(frozen=True, slots=True)
class TargetLayer:
    """One output of one module during a forward pass.

    Attributes
    ----------
    name:
        Module path, such as ``class_layers.relu``.
    call:
        Which call of that module, from 0: some modules run several times in one pass.
    channels, grid:
        Shape of the output: (1, channels, h, w).
    field:
        Where its cells lie on the input; None where that cannot be known.
    patches:
        How a transformer cuts its input, where the output is its tokens, (1, tokens, channels);
        the grid is that of the patches.
    """

    name: str
    call: int
    channels: int
    grid: tuple[int, int]
    field: Field | None = None
    patches: Patches | None = None

    @property
    def label(self) -> str:
        """What a user calls it: the path, and which call where it is not the first."""
        return f"{self.name}#{self.call + 1}" if self.call else self.name


_FOUND: "WeakKeyDictionary[nn.Module, dict[tuple[int, ...], tuple[TargetLayer, ...]]]" = (
    WeakKeyDictionary()
)


def last_spatial_layer(module: nn.Module, tensor: Tensor) -> TargetLayer:
    """The last feature map (1, C, h, w) with more than one cell: the one before pooling.

    Raises
    ------
    KnownError
        The network has no such layer for an input of this size.
    """
    layers = spatial_layers(module, tensor)
    if not layers:
        raise KnownError(
            "the network has no spatial layer at this input size",
            code="no-spatial-layer",
            remedy="Use a method that works on the input, or a larger input size.",
        )
    return layers[-1]


def chosen_layer(module: nn.Module, tensor: Tensor, label: str = LAST) -> TargetLayer:
    """The layer of that label, or the last spatial one.

    Raises
    ------
    KnownError
        The network has no spatial layer of that name, or none at all.
    """
    if label == LAST:
        return last_spatial_layer(module, tensor)
    layers = spatial_layers(module, tensor)
    for layer in layers:
        if layer.label == label:
            return layer
    raise KnownError(
        f"the network has no spatial layer {label!r}",
        code="layer-unknown",
        remedy=f"Take '{LAST}', or one of: {', '.join(layer.label for layer in layers[-8:])}.",
    )


def candidate_layers(module: nn.Module, tensor: Tensor) -> tuple[TargetLayer, ...]:
    """The feature maps that are worth choosing from: one for each grid, the finest first.

    Of those on the same grid it is the last that came out of an outermost module, a whole stage
    of the network; on the coarsest grid it is the layer that is taken by default. Grids that are
    larger than one before them are left out: they are padding on its way into a convolution.
    """
    layers = spatial_layers(module, tensor)
    stages: dict[tuple[int, int], TargetLayer] = {}
    smallest = tensor.shape[2:].numel()
    for layer in layers:
        if (cells := prod(layer.grid)) > smallest:
            continue
        smallest = cells
        known = stages.get(layer.grid)
        if known is None or layer.name.count(".") <= known.name.count("."):
            stages[layer.grid] = layer
    return (*(stage for stage in stages.values() if stage.grid != layers[-1].grid), *layers[-1:])


def spatial_layers(module: nn.Module, tensor: Tensor) -> tuple[TargetLayer, ...]:
    """Every feature map with more than one cell, in the order in which the modules returned.

    A container returns after its last part with the same tensor, so that the last entry is the
    outermost module whose output is the last feature map. Traced once per module and input shape.
    """
    known = _FOUND.setdefault(module, {})
    shape = tuple(tensor.shape)
    if shape not in known:
        known[shape] = _token_layers(module, tensor) or _trace(module, tensor)
    return known[shape]


def _token_layers(module: nn.Module, tensor: Tensor) -> tuple[TargetLayer, ...]:
    """Of a transformer what each of its attentions looks at; of other networks none."""
    transformer = transformer_in(module)
    if transformer is None:
        return ()
    names = {part: name for name, part in module.named_modules()}
    patches = patches_of(transformer, tensor)
    norms = [block.norm1 for block in transformer.blocks]
    return tuple(
        TargetLayer(names[norm], 0, norm.normalized_shape[0], patches.grid, patches=patches)
        for norm in norms
    )


def _trace(module: nn.Module, tensor: Tensor) -> tuple[TargetLayer, ...]:
    found: list[TargetLayer] = []
    calls: dict[str, int] = {}

    def watch(name: str, _part: nn.Module, _inputs: object, output: object) -> None:
        call = calls[name] = calls.get(name, -1) + 1
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2:].numel() > 1:
            grid = (output.shape[2], output.shape[3])
            found.append(TargetLayer(name, call, output.shape[1], grid, fields.of(output)))

    with undisturbed(module) as hooks, torch.inference_mode(False), torch.no_grad():
        for name, part in module.named_modules():
            if name:
                hooks.add(part, partial(watch, name))
        given = tensor.clone()
        with (fields := Fields(given)):
            module(given)
    return tuple(found)
