"""Attention rollout: Abnar and Zuidema, ACL 2020, arXiv:2005.00928, section 3."""

from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from radsal.core.errors import BugError
from radsal.core.progress import Progress
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import ROLLOUT, MethodInfo
from radsal.saliency.maps import NO_ATTENTION, OPAQUE, saliency_maps
from radsal.saliency.method import Explanation, Method, Steps
from radsal.saliency.options import Options
from radsal.saliency.tokens import ANSWER, Patches, patches_of, transformer_in
from radsal.saliency.undisturbed import undisturbed

Found = tuple[Patches, Tensor, Tensor]
"""How the input is cut, logits (1, labels), and the rollout (h, w)."""


class Rollout(Method):
    """``Â_L … Â_1`` with ``Â = (A + I) / 2``, of which the row of the answer's token is the map.

    ``A`` is a layer's attention, averaged over its heads; ``I`` stands for the way past it. The
    rows of ``Â`` sum to one, so that a cell's value is its patch's share of what flows to the
    answer; the rest of the row is the answer's token's own.

    What flows says nothing of why a finding was called: all findings have the same map.
    """

    info: ClassVar[MethodInfo] = ROLLOUT

    def _steps(
        self,
        classifier: Classifier,
        batch: Sequence[Prepared],
        findings: Sequence[str],
        options: Options,  # noqa: ARG002 - it has none
    ) -> Steps:
        """See :meth:`Method.steps`; one forward pass."""
        yield Progress(0, 1, self.info.title)
        if reason := _inapplicable(classifier):
            return self._unexplained(classifier, batch, findings, reason)
        for finding in findings:
            classifier.package.label_index(finding)
        tensors = torch.cat([prepared.tensor for prepared in batch])
        found = classifier.run_batch(_rollouts, tensors)
        return [
            self._explanation(classifier, prepared, findings, one)
            for prepared, one in zip(batch, found, strict=True)
        ]

    def _explanation(
        self, classifier: Classifier, prepared: Prepared, findings: Sequence[str], found: Found
    ) -> Explanation:
        patches, logits, values = found
        same = values.expand(len(findings), -1, -1)
        mapping = patches.mapping(prepared)
        maps = saliency_maps(findings, self.info.name, same, prepared, mapping)
        return Explanation(classifier.predictions(logits), maps)


def _inapplicable(classifier: Classifier) -> str:
    """Why the network has no attention to follow; empty where it has."""
    if getattr(classifier.module, "opaque", False):
        return OPAQUE
    if transformer_in(classifier.module) is None:
        return NO_ATTENTION.format(method=ROLLOUT.name, network=classifier.package.network.name)
    return ""


def _rollouts(module: nn.Module, tensor: Tensor) -> list[Found]:
    """For each input of a batch, (B, C, H, W)."""
    transformer = transformer_in(module)
    assert transformer is not None
    patches = patches_of(transformer, tensor)
    logits, attention = _attention(module, [block.attn for block in transformer.blocks], tensor)
    flow = torch.eye(attention[0].shape[-1], device=tensor.device)
    for layer in attention:
        flow = _past(layer) @ flow
    values = flow[:, 0, ANSWER:].reshape(-1, *patches.grid)
    return [(patches, logits[n : n + 1], values[n]) for n in range(len(tensor))]


def _attention(
    module: nn.Module, blocks: Sequence[nn.Module], tensor: Tensor
) -> tuple[Tensor, list[Tensor]]:
    """Logits, and the attention of each block, (B, heads, tokens, tokens), from one pass.

    Taken where it passes through the block's dropout, so that no flag of a block is needed.
    """
    kept: list[Tensor] = []

    def keep(_dropout: nn.Module, inputs: Any, _output: Any) -> None:
        kept.append(inputs[0])

    with undisturbed(module) as hooks, torch.inference_mode():
        for block in blocks:
            hooks.add(block.drop_weights, keep)  # type: ignore[arg-type]
        logits: Tensor = module(tensor)
    if len(kept) != len(blocks):
        raise BugError("the attention of some blocks was not seen")
    return logits, kept


def _past(attention: Tensor) -> Tensor:
    """``Â``, (B, tokens, tokens), whose rows sum to one."""
    mean = attention.mean(1)
    return (mean + torch.eye(mean.shape[-1], device=mean.device)) / 2
