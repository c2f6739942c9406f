"""Ablation-CAM: Desai and Ramaswamy, WACV 2020, doi:10.1109/WACV45572.2020.9093360."""

from collections.abc import Generator, Sequence
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor, nn

from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.saliency.cam import LayerMaps, LayerMethod
from radsal.saliency.catalogue import ABLATIONCAM, MethodInfo
from radsal.saliency.gradcam import weighted
from radsal.saliency.layers import TargetLayer, chosen_layer
from radsal.saliency.options import Options
from radsal.saliency.replay import Recording, record


class AblationCam(LayerMethod):
    """``Σ_k w_k A_k`` with ``w_k = S − S_k``: how far the logit falls without channel ``k``.

    The channel is set to zero at the target layer; the trunk runs once, the head once for each
    channel, some of them together, for all findings at a time. On the CPU a head without
    convolutions, as behind the last layer, computes in float64; elsewhere small falls are
    differences of float32 numbers and have fewer digits.

    Deviations from the paper: the fall is not divided by ``S``, which turns the map round where
    the logit is negative and blows it up near zero; the ReLU is left to whoever reads the map.
    """

    info: ClassVar[MethodInfo] = ABLATIONCAM

    def _found(
        self, classifier: Classifier, tensors: Tensor, logits_of: Sequence[int], options: Options
    ) -> Generator[Progress, None, list[LayerMaps]]:
        found = []
        for number in range(len(tensors)):
            tensor = tensors[number : number + 1]
            found.append((yield from self._one(classifier, tensor, logits_of, options)))
        return found

    def _one(
        self, classifier: Classifier, tensor: Tensor, logits_of: Sequence[int], options: Options
    ) -> Generator[Progress, None, LayerMaps]:
        kept: dict[torch.device, tuple[TargetLayer, Recording]] = {}

        def recorded(module: nn.Module, one: Tensor) -> tuple[TargetLayer, Recording]:
            if one.device not in kept:  # also where memory ran out, and the CPU goes on
                kept.clear()
                layer = chosen_layer(module, one, str(options["layer"]))
                kept[one.device] = layer, record(module, layer, one)
            return kept[one.device]

        def falls_of(channels: range, module: nn.Module, one: Tensor) -> Tensor:
            return _falls(module, recorded(module, one)[1], channels)[logits_of].cpu()

        layer, recording = classifier.run(recorded, tensor)
        count, chunk = layer.channels, int(options["channels"])
        falls = []
        for start in range(0, count, chunk):
            yield Progress(start, count, self.info.title)
            channels = range(start, min(start + chunk, count))
            falls.append(classifier.run(partial(falls_of, channels), tensor))
        activation = recording.activation
        weights = torch.cat(falls, 1).to(activation)
        values = weighted(weights, activation.expand(len(weights), -1, -1, -1))
        return LayerMaps(layer, recording.logits, values)


def _falls(module: nn.Module, recording: Recording, channels: range) -> Tensor:
    """(labels, channels): how far each logit falls without each of the channels.

    The whole activation goes through the head beside them, so that all are rounded alike.
    """
    activations = recording.activation.repeat(1 + len(channels), 1, 1, 1)
    activations[range(1, 1 + len(channels)), list(channels)] = 0
    logits = recording.logits_with(module, activations)
    return (logits[:1] - logits[1:]).T
