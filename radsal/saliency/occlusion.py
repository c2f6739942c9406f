"""Occlusion: Zeiler and Fergus, ECCV 2014, arXiv:1311.2901, section 4.2."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import OCCLUSION, MethodInfo
from radsal.saliency.chunks import Chunks
from radsal.saliency.maps import saliency_maps
from radsal.saliency.method import Explanation, Method, Sketch, Steps
from radsal.saliency.occluding import Occluder
from radsal.saliency.options import Options
from radsal.saliency.sliding import Pair
from radsal.saliency.undisturbed import plain_logits
from radsal.saliency.windows import Windows

ROUNDING = 2e-6
"""Share of the largest logit up to which a difference of two passes may be rounding (float32)."""

WORTH_A_SKETCH = 4
"""Coarse cells: fewer show nothing."""


class Occlusion(Method):
    """``S(x) - S(x with a window covered)``: positive where a place speaks for the finding.

    Deviations from the paper: the logit in place of the probability, the input's mean in place of
    gray, and windows that hang over the border, so that the cells tile the image. A map in which
    no window makes more of a difference than rounding does is all zeros.

    The first windows are spread over the image. Their map is the sketch, and they are a part of
    the map that is asked for.
    """

    info: ClassVar[MethodInfo] = OCCLUSION

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,
    ) -> Steps:
        """See :meth:`Method.steps`; a sketch where there is one image."""
        size, stride = int(options["window"]), int(options["stride"])
        windows = Windows.over(batch[0].grid, size, stride)
        works = [_Work(classifier, one, windows, findings, options) for one in batch]
        total = len(works) * len(windows.cells)
        for number, work in enumerate(works):
            before = number * len(windows.cells)
            yield Progress(before, total, self.info.title)
            for done in work.through(windows.coarse_cells):
                yield Progress(before + done, total, self.info.title)
            if len(works) == 1 and len(windows.coarse_cells) >= WORTH_A_SKETCH:
                yield Sketch(work.sketch())
            for done in work.through(windows.cells):
                yield Progress(before + done, total, self.info.title)
        return [work.explanation() for work in works]


class _Work:
    """One image: its logits, and by how much each window that was covered lowers them."""

    def __init__(
        self,
        classifier: Classifier,
        prepared: Prepared,
        windows: Windows,
        findings: Sequence[str],
        options: Options,
    ) -> None:
        self._classifier, self._prepared = classifier, prepared
        self._windows, self._findings = windows, findings
        self._indices = [classifier.package.label_index(finding) for finding in findings]
        self._occluder = Occluder(windows.size, str(options["fill"]))
        self._chunks = Chunks(int(options["chunk"]))
        self._logits = torch.empty(0)
        self._drops: dict[Pair, Tensor] = {}

    def through(self, cells: Sequence[Pair]) -> Iterator[int]:
        """Cover those that were not covered yet; how many are done, after each chunk."""
        if not self._drops:
            self._logits = self._classifier.run(plain_logits, self._prepared.tensor)
        left = [cell for cell in cells if cell not in self._drops]
        while left:
            part = left[: self._chunks.size]
            covered = self._classifier.run(self._covering(part), self._prepared.tensor)
            self._drops.update(zip(part, self._logits - covered, strict=True))
            left = left[len(part) :]
            yield len(self._drops)

    def _covering(self, cells: Sequence[Pair]) -> Callable[[nn.Module, Tensor], Tensor]:
        """Work that gives the logits, (cells, labels), with each cell's window covered."""
        corners = [self._windows.corner(cell) for cell in cells]

        def work(module: nn.Module, tensor: Tensor) -> Tensor:
            covered = partial(self._occluder.logits, module, tensor)
            return self._chunks.done(covered, corners).cpu()

        return work

    def explanation(self) -> Explanation:
        """The maps that were asked for."""
        return self._explanation(
            self._windows.cells, self._windows.grid, self._windows.mapping(self._prepared.mapping)
        )

    def sketch(self) -> Explanation:
        """The maps of the coarse cells."""
        return self._explanation(
            self._windows.coarse_cells,
            self._windows.coarse_grid,
            self._windows.coarse_mapping(self._prepared.mapping),
        )

    def _explanation(self, cells: Sequence[Pair], grid: Pair, mapping: GridMapping) -> Explanation:
        drops = torch.stack([self._drops[cell] for cell in cells], -1)[self._indices]
        least = ROUNDING * float(self._logits.abs().max())
        values = torch.stack([_above_rounding(one, least) for one in drops])
        maps = saliency_maps(
            self._findings, OCCLUSION.name, values.reshape(-1, *grid), self._prepared, mapping
        )
        predictions = self._classifier.predictions(self._logits)
        return Explanation(predictions, maps, facts=self._facts())

    def _facts(self) -> dict[str, int]:
        return {
            "window_pixels": self._windows.size,
            "stride_pixels": self._windows.stride,
            "windows": len(self._drops),
        }


def _above_rounding(values: Tensor, least: float) -> Tensor:
    """Zeros where no value says anything; what is not a number stays for the map to fail on."""
    return torch.zeros_like(values) if bool(values.abs().max() <= least) else values
