"""Work in chunks that become smaller where memory runs out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor

from radsal.inference.devices import is_out_of_memory, release_memory

T = TypeVar("T")


class Chunks:
    """How many items go through the network together.

    Parameters
    ----------
    size:
        The most at first; half of them where that was too many, from then on.
    """

    def __init__(self, size: int) -> None:
        self.size = size

    def done(self, work: Callable[[Sequence[T]], Tensor], items: Sequence[T]) -> Tensor:
        """What the work gives for all items, concatenated along the first axis.

        Raises
        ------
        RuntimeError
            Memory is not enough for one item.
        """
        answers: list[Tensor] = []
        begun = 0
        while begun < len(items):
            part = items[begun : begun + self.size]
            answer = _fitting(work, part)
            if answer is None:
                self.size = max(len(part) // 2, 1)
                release_memory()
            else:
                answers.append(answer)
                begun += len(part)
        return torch.cat(answers)


def _fitting(work: Callable[[Sequence[T]], Tensor], part: Sequence[T]) -> Tensor | None:
    """None where memory ran out and a smaller part may do."""
    try:
        return work(part)
    except RuntimeError as error:
        if len(part) == 1 or not is_out_of_memory(error):
            raise
        return None
