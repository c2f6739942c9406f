"""The tokens of MONAI's ViT: one for the answer, then one for each patch of the input, by rows.

The logits are read from the answer's token alone, so that behind the last attention no patch's
token has a part in them. What can be explained at is what the attentions look at: the output of
each block's first norm, its patches laid out as a feature map.
"""

from dataclasses import dataclass

import torch
from monai.networks.nets import ViT
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.inference.preprocessing import Prepared
from radsal.saliency.sliding import Pair

ANSWER = 1
"""Tokens before those of the patches: the one that the logits are read from."""


@dataclass(frozen=True, slots=True)
class Patches:
    """The patches of an input: (rows, columns) of them, each of so many pixels."""

    grid: Pair
    sides: Pair

    def mapping(self, prepared: Prepared) -> GridMapping:
        """Where the patches lie in the image. Pixels that fill no whole patch are not seen."""
        seen = (self.grid[0] * self.sides[0], self.grid[1] * self.sides[1])
        return prepared.mapping.refine(seen, self.grid)


def transformer_in(module: nn.Module) -> ViT | None:
    """The ViT that a module is or wraps, which is read from its token of the answer; else None."""
    for part in module.modules():
        if isinstance(part, ViT) and part.classification:
            return part
    return None


def patches_of(transformer: ViT, tensor: Tensor) -> Patches:
    """How the transformer cuts an input, (B, C, H, W)."""
    embedding = transformer.patch_embedding
    if embedding.proj_type == "conv":
        rows, columns = embedding.patch_embeddings.kernel_size
    else:  # einops' Rearrange, then a linear layer
        lengths = embedding.patch_embeddings[0].axes_lengths
        rows, columns = lengths["p1"], lengths["p2"]
    return Patches((tensor.shape[2] // rows, tensor.shape[3] // columns), (rows, columns))


def on_grid(tokens: Tensor, grid: Pair) -> Tensor:
    """The patches' tokens, (B, ANSWER + h·w, C), as a feature map (B, C, h, w)."""
    features = tokens[:, ANSWER:].transpose(1, 2)
    return features.reshape(*features.shape[:2], *grid)


def off_grid(tokens: Tensor, features: Tensor) -> Tensor:
    """Those tokens with the patches' own taken from a feature map: the inverse of on_grid."""
    return torch.cat((tokens[:, :ANSWER], features.flatten(2).transpose(1, 2)), 1)
