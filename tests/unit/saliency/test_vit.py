"""MONAI's ViT: rollout and Grad-CAM on tokens against their definitions, and where patches lie."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from monai.networks.nets import ViT
from numpy.typing import NDArray
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.networks import FirstOutput
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CATALOGUE
from radsal.saliency.layers import spatial_layers
from radsal.saliency.methods import method_named

LABELS = ("Opacity", "Effusion", "Nodule")
Make = Callable[..., Classifier]


def make_vit(shape: tuple[int, int] = (48, 32), **arguments: Any) -> FirstOutput:
    """Three layers of two heads, with weights large enough to attend to some patches more."""
    given = {
        "in_channels": 1, "img_size": shape, "patch_size": 8, "hidden_size": 12, "mlp_dim": 16,
        "num_layers": 3, "num_heads": 2, "classification": True, "num_classes": len(LABELS),
        "spatial_dims": 2, "post_activation": "none", "qkv_bias": True,
    }  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(4)
        transformer = ViT(**(given | arguments))
        for parameter in transformer.parameters():
            parameter.data.add_(torch.randn_like(parameter) * 0.4)
    return FirstOutput(transformer).eval().requires_grad_(False)


def film(shape: tuple[int, int] = (48, 32), seed: int = 0) -> Prepared:
    tensor = torch.rand((1, 1, *shape), generator=torch.Generator().manual_seed(seed))
    return Prepared(tensor, GridMapping.stretch(shape, (480, 320)))


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def expected_rollout(module: FirstOutput, tensor: Tensor) -> NDArray[np.float64]:
    """From queries and keys computed here in float64, and the paper's recursion: (patches,)."""
    transformer = module.network
    tokens: list[Tensor] = []
    handles = [
        block.norm1.register_forward_hook(lambda _m, _i, out: tokens.append(out))
        for block in transformer.blocks
    ]
    with torch.no_grad():
        module(tensor)
    for handle in handles:
        handle.remove()
    flow = np.eye(tokens[0].shape[1])
    for block, seen in zip(transformer.blocks, tokens, strict=True):
        weight = block.attn.qkv.weight.double().numpy()
        bias = block.attn.qkv.bias.double().numpy()
        query, key, _ = np.split(seen[0].double().numpy() @ weight.T + bias, 3, axis=1)
        width = query.shape[1] // block.attn.num_heads
        heads = [
            softmax(query[:, at : at + width] @ key[:, at : at + width].T / np.sqrt(width))
            for at in range(0, query.shape[1], width)
        ]
        mixed = np.mean(heads, axis=0) + np.eye(len(flow))
        flow = mixed / mixed.sum(1, keepdims=True) @ flow
    return flow[0, 1:]


@pytest.mark.parametrize("proj_type", ["conv", "perceptron"])
@pytest.mark.parametrize("patch", [8, (16, 8)])
def test_that_rollout_is_what_the_paper_says(
    make_classifier: Make, proj_type: str, patch: Any
) -> None:
    module, prepared = make_vit(proj_type=proj_type, patch_size=patch), film()
    expected = expected_rollout(module, prepared.tensor)
    assert expected.max() > 1.2 * expected.min()
    classifier = make_classifier(module, network="ViT")
    explained = method_named("rollout").explain(classifier, prepared, LABELS)
    for saliency in explained.maps:
        assert saliency.status is MapStatus.OK
        assert saliency.values.shape == ((6, 4) if patch == 8 else (3, 4))
        found = saliency.values.reshape(-1)
        assert np.abs(found - expected).max() <= 1e-5 * expected.max()
    assert explained.predictions == classifier.predict(prepared.tensor)


def test_that_several_films_are_rolled_out_as_each_alone(make_classifier: Make) -> None:
    classifier = make_classifier(make_vit(), network="ViT")
    batch = [film(seed=1), film(seed=2)]
    together = method_named("rollout").explain_batch(classifier, batch, LABELS)
    for prepared, explanation in zip(batch, together, strict=True):
        alone = method_named("rollout").explain(classifier, prepared, LABELS)
        assert alone.maps[0].sha256 == explanation.maps[0].sha256


def test_that_pixels_that_fill_no_whole_patch_are_no_part_of_the_grid(
    make_classifier: Make,
) -> None:
    """A film of 53 x 39 pixels has 6 x 4 patches of 8 pixels; the rest is not seen."""
    prepared = film((53, 39))
    classifier = make_classifier(make_vit((53, 39)), network="ViT")
    (saliency,) = method_named("rollout").explain(classifier, prepared, LABELS[:1]).maps
    assert saliency.values.shape == (6, 4)
    assert saliency.mapping.to_image(6, 4) == pytest.approx((48 / 53 * 480, 32 / 39 * 320))


def test_that_the_patch_that_is_attended_to_shines(make_classifier: Make) -> None:
    """One layer whose keys are the patches' brightness: the bright one is looked at."""
    module = make_vit((48, 32), num_layers=1, num_heads=1, pos_embed_type="none")
    transformer = module.network
    block, width = transformer.blocks[0], 12
    for parameter in transformer.parameters():
        parameter.zero_()
    transformer.patch_embedding.patch_embeddings.weight[0] = 1 / 64
    block.norm1.weight.fill_(1)
    block.attn.qkv.bias[:width] = 1
    block.attn.qkv.weight[width : 2 * width].fill_(0)
    block.attn.qkv.weight[width, 0] = 4
    prepared = film()
    prepared.tensor.zero_()
    prepared.tensor[0, 0, 16:24, 24:32] = 1
    classifier = make_classifier(module, network="ViT")
    (saliency,) = method_named("rollout").explain(classifier, prepared, LABELS[:1]).maps
    r, c = np.unravel_index(saliency.values.argmax(), saliency.values.shape)
    assert (r, c) == (2, 3)
    assert saliency.mapping.to_image(float(r) + 0.5, float(c) + 0.5) == (200, 280)


def test_that_a_network_without_attention_has_failed_maps_that_say_so_and_its_predictions(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(small_densenet)
    explained = method_named("rollout").explain(classifier, prepared, LABELS)
    assert {saliency.status for saliency in explained.maps} == {MapStatus.FAILED}
    assert all("rollout does not apply to DenseNet" in m.reason for m in explained.maps)
    assert explained.predictions == classifier.predict(prepared.tensor)


# --- class activation maps on tokens --------------------------------------------------------

COMBINED: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]] = {
    "gradcam": lambda tokens, slope: tokens @ slope.mean(0),
    "gradcam++": lambda tokens, slope: (
        tokens @ (np.maximum(slope, 0) / (2 + slope * tokens.sum(0))).sum(0)
    ),
    "hirescam": lambda tokens, slope: (tokens * slope).sum(1),
    "layercam": lambda tokens, slope: (tokens * np.maximum(slope, 0)).sum(1),
}
"""The definitions, of the patches' tokens and a logit's gradient there, (patches, channels)."""


def tokens_and_slopes(
    module: FirstOutput, tensor: Tensor, block: int
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """What a block's attention looks at, and each logit's gradient there; in float64."""
    kept: list[Tensor] = []
    module.double().requires_grad_(True)
    norm = module.network.blocks[block].norm1
    handle = norm.register_forward_hook(lambda _m, _i, out: kept.append(out))
    logits = module(tensor.double())
    handle.remove()
    slopes = [torch.autograd.grad(one, kept[0], retain_graph=True)[0] for one in logits[0]]
    module.float().requires_grad_(False)
    return kept[0][0, 1:].detach().numpy(), [slope[0, 1:].numpy() for slope in slopes]


@pytest.mark.parametrize("block", [0, 1, 2])
@pytest.mark.parametrize("method", sorted(set(COMBINED) & set(CATALOGUE)))
def test_that_maps_on_tokens_are_those_of_a_whole_backward_pass(
    make_classifier: Make, method: str, block: int
) -> None:
    module, prepared = make_vit(), film()
    tokens, slopes = tokens_and_slopes(module, prepared.tensor, block)
    options = {} if block == 2 else {"layer": f"network.blocks.{block}.norm1"}
    classifier = make_classifier(module, network="ViT")
    explained = method_named(method).explain(classifier, prepared, LABELS, options)
    assert explained.parameters == {"layer": f"network.blocks.{block}.norm1"}
    assert explained.predictions == classifier.predict(prepared.tensor)
    for saliency, slope in zip(explained.maps, slopes, strict=True):
        expected = COMBINED[method](tokens, slope)
        assert saliency.values.shape == (6, 4)
        error = np.abs(saliency.values.reshape(-1) - expected).max()
        assert error <= 1e-5 * np.abs(expected).max()
    assert len({saliency.sha256 for saliency in explained.maps}) == len(LABELS)


def test_that_ablation_takes_a_channel_out_of_the_patches_tokens_alone(
    make_classifier: Make,
) -> None:
    module, prepared = make_vit(), film()
    tokens, _ = tokens_and_slopes(module, prepared.tensor, 2)
    without: list[Tensor] = []
    module.double()
    for channel in range(12):

        def ablate(_m: nn.Module, _i: Any, out: Tensor, channel: int = channel) -> Tensor:
            out = out.clone()
            out[:, 1:, channel] = 0
            return out

        handle = module.network.blocks[2].norm1.register_forward_hook(ablate)
        without.append(module(prepared.tensor.double())[0])
        handle.remove()
    falls = (module(prepared.tensor.double()) - torch.stack(without)).numpy()
    module.float()
    classifier = make_classifier(module, network="ViT")
    maps = method_named("ablationcam").explain(classifier, prepared, LABELS).maps
    for saliency, weights in zip(maps, falls.T, strict=True):
        expected = tokens @ weights
        error = np.abs(saliency.values.reshape(-1) - expected).max()
        assert error <= 1e-5 * np.abs(expected).max()


def test_that_the_cells_of_tokens_are_the_patches(make_classifier: Make) -> None:
    classifier = make_classifier(make_vit((53, 39)), network="ViT")
    maps = method_named("gradcam").explain(classifier, film((53, 39)), LABELS).maps
    for saliency in maps:
        assert saliency.values.shape == (6, 4)
        assert saliency.mapping.to_image(0, 0) == (0, 0)
        assert saliency.mapping.to_image(6, 4) == pytest.approx((48 / 53 * 480, 32 / 39 * 320))


def test_that_every_block_of_a_transformer_can_be_explained_at() -> None:
    layers = spatial_layers(make_vit(), film().tensor)
    assert [layer.label for layer in layers] == [f"network.blocks.{n}.norm1" for n in range(3)]
    assert {layer.grid for layer in layers} == {(6, 4)}
