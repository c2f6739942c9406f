"""The logits of an input with a window of it covered, for many windows at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from radsal.saliency.patched import Original
from radsal.saliency.patched_functions import Patched
from radsal.saliency.sliding import Pair, inside
from radsal.saliency.undisturbed import undisturbed


@dataclass(slots=True, eq=False)
class Occluder:
    """Covers windows of an input with one value for each channel.

    Parameters
    ----------
    size:
        Side of the windows, in pixels.
    fill:
        ``mean`` or ``minimum`` of the input, each channel's own, or ``zero``.
    """

    size: int
    fill: str
    _originals: dict[torch.device, Original] = field(default_factory=dict)

    def logits(self, module: nn.Module, tensor: Tensor, corners: Sequence[Pair]) -> Tensor:
        """Logits, (windows, labels).

        Only what the windows reach is computed anew where the module is one whose functions can
        be followed, on the CPU: elsewhere moving small parts about would cost more than it saves.

        Parameters
        ----------
        tensor:
            (1, C, H, W).
        corners:
            Top left pixel of each window, which may hang over the input.
        """
        followed = tensor.device.type == "cpu" and not getattr(module, "opaque", False)
        with undisturbed(module), torch.inference_mode():
            given = self._covered(tensor, corners)
            logits: Tensor = module(given if followed else given.whole())
        given.original.complete = followed
        return logits

    def _covered(self, tensor: Tensor, corners: Sequence[Pair]) -> Patched:
        """The input with a part in place of each window, and what of it hangs over left out."""
        sides = (tensor.shape[2], tensor.shape[3])
        frame = (min(self.size, sides[0]), min(self.size, sides[1]))
        places = inside(corners, frame, sides)
        values = fill_values(tensor, self.fill)[0]
        parts = [
            self._part(tensor, place, frame, corner, values)
            for place, corner in zip(places, corners, strict=True)
        ]
        original = self._originals.setdefault(tensor.device, Original())
        original.rewind()
        base = None if original.complete else tensor
        return Patched(base, torch.stack(parts), places, sides, original)

    def _part(
        self, tensor: Tensor, place: Pair, frame: Pair, corner: Pair, values: Tensor
    ) -> Tensor:
        """(C, *frame): the input at a place with the window painted over."""
        (r, c), (h, w) = place, frame
        part = tensor[0, :, r : r + h, c : c + w].clone()
        rows = slice(max(corner[0] - r, 0), max(corner[0] + self.size - r, 0))
        columns = slice(max(corner[1] - c, 0), max(corner[1] + self.size - c, 0))
        part[:, rows, columns] = values
        return part


def fill_values(tensor: Tensor, fill: str) -> Tensor:
    """(1, C, 1, 1): what each channel of an input, (1, C, H, W), is covered with."""
    if fill == "zero":
        return tensor.new_zeros((1, tensor.shape[1], 1, 1))
    of_channel = torch.amin if fill == "minimum" else torch.mean
    return of_channel(tensor, (2, 3), keepdim=True)
