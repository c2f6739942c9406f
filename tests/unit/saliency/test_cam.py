"""The CAM family against closed forms in float64, on what the network itself gave."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import monai.visualize
import numpy as np
import pytest
import torch
from monai.networks import nets
from numpy.typing import NDArray
from torch import Tensor, nn

from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.eigencam import principal
from radsal.saliency.head import run_to_head
from radsal.saliency.layers import TargetLayer, candidate_layers, last_spatial_layer
from radsal.saliency.methods import method_named
from radsal.saliency.replay import record

LABELS = ("Opacity", "Effusion", "Nodule")
Make = Callable[..., Classifier]
Floats = NDArray[np.float64]


def relative_error(found: object, expected: Floats) -> float:
    return float(np.abs(np.asarray(found, np.float64) - expected).max() / np.abs(expected).max())


@contextmanager
def at(module: nn.Module, layer: TargetLayer, change: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Within the block the layer's output goes through ``change``."""
    count = -1

    def hook(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor | None:
        nonlocal count
        count += 1
        return change(output) if count == layer.call else None

    handle = module.get_submodule(layer.name).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


def whole_pass(
    module: nn.Module, layer: TargetLayer, tensor: Tensor
) -> tuple[Floats, list[Floats]]:
    """The activation, (C, h, w), and each logit's gradient there, by a graph of everything."""
    kept: list[Tensor] = []

    def keep(output: Tensor) -> Tensor:
        kept.append(output)
        return output.clone()  # what follows may work in place

    given = tensor.to(memory_format=torch.channels_last).clone().requires_grad_()
    with at(module, layer, keep):
        logits = module(given)
    gradients = [
        torch.autograd.grad(logits[0, index], kept[0], retain_graph=True)[0] for index in range(3)
    ]
    return plain(kept[0]), [plain(gradient) for gradient in gradients]


def plain(tensor: Tensor) -> Floats:
    return tensor.detach()[0].double().numpy()


def relu(values: Floats) -> Floats:
    return np.maximum(values, 0)


def gradcam(a: Floats, g: Floats) -> Floats:
    return np.einsum("k,khw->hw", g.mean((1, 2)), a)


def gradcampp(a: Floats, g: Floats) -> Floats:
    below = 2 * g**2 + g**3 * a.sum((1, 2), keepdims=True)
    alpha = np.divide(g**2, below, out=np.zeros_like(g), where=below != 0)
    return np.einsum("k,khw->hw", (alpha * relu(g)).sum((1, 2)), a)


DEFINITIONS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "gradcam": gradcam,
    "gradcam++": gradcampp,
    "hirescam": lambda a, g: (g * a).sum(0),
    "layercam": lambda a, g: (relu(g) * a).sum(0),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_that_a_map_is_its_definition_at_every_layer_to_choose_from(
    network: nn.Module, prepared: Prepared, make_classifier: Make, name: str
) -> None:
    classifier = make_classifier(network)
    for layer in candidate_layers(network, prepared.tensor):
        activation, gradients = whole_pass(network, layer, prepared.tensor)
        options = {"layer": layer.label}
        explained = method_named(name).explain(classifier, prepared, LABELS, options)
        for saliency, gradient in zip(explained.maps, gradients, strict=True):
            expected = DEFINITIONS[name](activation, gradient)
            assert relative_error(saliency.values, expected) <= 1e-5, layer.label


SQUEEZED = {"layers": [1, 1, 1, 1], "reduction": 16, "spatial_dims": 2, "in_channels": 1}
OTHERS: dict[str, Callable[[], nn.Module]] = {
    "SENet": lambda: nets.SENet(
        block="se_bottleneck", groups=1, dropout_prob=None, num_classes=3, **SQUEEZED
    ),
    "SEResNet": lambda: nets.SENet(
        block="se_resnet_bottleneck", groups=1, inplanes=64, downsample_kernel_size=1,
        input_3x3=False, dropout_prob=None, num_classes=3, **SQUEEZED,
    ),
    "SEResNeXt": lambda: nets.SENet(
        block="se_resnetxt_bottleneck", groups=32, inplanes=64, downsample_kernel_size=1,
        input_3x3=False, dropout_prob=None, num_classes=3, **SQUEEZED,
    ),
    "Classifier": lambda: nets.Classifier((1, 96, 80), 3, (4, 8, 8), (2, 2, 2)),
    "Regressor": lambda: nets.Regressor((1, 96, 80), (3,), (4, 8, 8), (2, 2, 2)),
}  # fmt: skip


@pytest.mark.parametrize("family", OTHERS)
def test_that_maps_of_the_other_families_are_their_definitions_at_the_last_layer(
    family: str, prepared: Prepared, make_classifier: Make
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        network = OTHERS[family]().eval()
    classifier = make_classifier(network)
    layer = last_spatial_layer(network, prepared.tensor)
    activation, gradients = whole_pass(network, layer, prepared.tensor)
    for name, definition in DEFINITIONS.items():
        # with negative features (PReLU) a denominator of Grad-CAM++ can nearly vanish
        vanishing = name == "gradcam++" and activation.min() < 0
        bound = 1e-4 if vanishing else 1e-5
        explained = method_named(name).explain(classifier, prepared, LABELS)
        for saliency, gradient in zip(explained.maps, gradients, strict=True):
            expected = definition(activation, gradient)
            assert relative_error(saliency.values, expected) <= bound, name
    (found, *_) = method_named("eigencam").explain(classifier, prepared, LABELS).maps
    assert relative_error(found.values, first_component(activation)) <= 1e-5


def test_that_gradients_computed_in_turn_are_those_computed_together(
    network: nn.Module, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = run_to_head(network, last_spatial_layer(network, prepared.tensor), prepared.tensor)
    together = list(head.gradients([2, 0, 1]))
    monkeypatch.setattr("radsal.saliency.head.TOGETHER", 2 * head.leaf.numel())
    for one, other in zip(together, head.gradients([2, 0, 1]), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


def test_that_images_of_a_batch_have_the_maps_that_they_have_alone(
    network: nn.Module, make_classifier: Make, make_prepared: Callable[..., Prepared]
) -> None:
    classifier = make_classifier(network)
    classifier.batch = 2
    films = [make_prepared(seed) for seed in range(3)]
    for name in (*DEFINITIONS, "eigencam"):
        method = method_named(name)
        for film, shared in zip(
            films, method.explain_batch(classifier, films, LABELS), strict=True
        ):
            alone = method.explain(classifier, film, LABELS)
            for one, other in zip(shared.maps, alone.maps, strict=True):
                assert relative_error(one.values, other.values.astype(np.float64)) <= 1e-4


def test_that_gradcampp_is_monais_behind_average_pooling(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    # MONAI adds 1e-7 to the denominator: smaller features with larger weights make that nothing
    with torch.no_grad():
        small_densenet.features.norm5.weight.mul_(1e-3)
        small_densenet.features.norm5.bias.mul_(1e-3)
        small_densenet.class_layers.out.weight.mul_(1e3)
    classifier = make_classifier(small_densenet)
    explained = method_named("gradcam++").explain(classifier, prepared, LABELS)
    small_densenet.requires_grad_(True)
    layer = last_spatial_layer(small_densenet, prepared.tensor)
    oracle = monai.visualize.GradCAMpp(small_densenet, layer.name)
    for index, (saliency, prediction) in enumerate(
        zip(explained.maps, explained.predictions, strict=True)
    ):
        expected = plain(oracle.compute_map(prepared.tensor, class_idx=index))[0]
        found = saliency.values * np.exp(prediction.logit)  # MONAI keeps that factor
        assert relative_error(found, expected) <= 1e-5


class Opposed(nn.Module):
    """Negative features, for which a denominator of Grad-CAM++ is exactly zero."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Conv2d(1, 2, 1, bias=False)
        self.weight = nn.Parameter(torch.tensor([1.0, 0.25]))
        with torch.no_grad():
            self.trunk.weight.copy_(torch.tensor([-1.0, 1.0]).reshape(2, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return (self.trunk(x).sum((2, 3)) * self.weight).sum(1, keepdim=True)


def test_that_a_feature_whose_denominator_is_zero_counts_nothing_in_gradcampp(
    make_classifier: Make, make_prepared: Callable[..., Prepared]
) -> None:
    tensor = torch.tensor([[0.5, 0.25], [0.75, 0.5]])[None, None]  # they add up to 2
    film = Prepared(tensor, make_prepared().mapping)
    classifier = make_classifier(Opposed().eval(), ("Opacity",))
    (saliency,) = method_named("gradcam++").explain(classifier, film, ["Opacity"]).maps
    assert saliency.status is MapStatus.OK
    # of the second feature: α = 1 / (2 + 0.25 · 2), times ReLU(g) = 0.25, at four places
    np.testing.assert_allclose(saliency.values, 4 * 0.25 / 2.5 * tensor[0, 0], rtol=1e-6)


# --- Eigen-CAM ------------------------------------------------------------------------------


def first_component(features: Floats) -> Floats:
    """The uncentred projection by NumPy's decomposition, its sign as stated."""
    flat = features.reshape(len(features), -1).T
    projected = flat @ np.linalg.svd(flat, full_matrices=False)[2][0]
    return (projected * np.sign(projected @ flat.sum(1))).reshape(features.shape[1:])


def test_that_eigencam_is_numpys_first_component_for_every_finding(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(network)
    for layer in candidate_layers(network, prepared.tensor):
        activation, _ = whole_pass(network, layer, prepared.tensor)
        options = {"layer": layer.label}
        maps = method_named("eigencam").explain(classifier, prepared, LABELS, options).maps
        assert relative_error(maps[0].values, first_component(activation)) <= 1e-5
        assert len({saliency.sha256 for saliency in maps}) == 1


@pytest.mark.parametrize("shape", [(3, 5, 4), (40, 3, 2)], ids=["few channels", "many channels"])
def test_that_the_component_goes_with_the_sum_of_the_features(shape: tuple[int, ...]) -> None:
    features = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    for signed in (features, -features):
        found = principal(signed)
        assert float((found * signed.sum(0)).sum()) > 0
        assert relative_error(found, first_component(signed.double().numpy())) <= 1e-5


def test_that_a_component_at_right_angles_to_the_sum_is_positive_where_it_is_largest() -> None:
    pattern = torch.tensor([[-3.0, 1.0], [1.0, 0.0]])
    found = principal(torch.stack([pattern, -pattern]))
    assert found.flatten()[found.abs().argmax()] > 0


# --- Ablation-CAM ---------------------------------------------------------------------------


def test_that_ablationcam_behind_average_pooling_weighs_a_feature_by_its_part_in_the_logit(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(network)
    layer = last_spatial_layer(network, prepared.tensor)
    features, _ = whole_pass(network, layer, prepared.tensor)
    *_, linear = (part for part in network.modules() if isinstance(part, nn.Linear))
    explained = method_named("ablationcam").explain(classifier, prepared, LABELS)
    for row, saliency in zip(linear.weight.double().numpy(), explained.maps, strict=True):
        expected = np.einsum("k,k,khw->hw", row, features.mean((1, 2)), features)
        assert relative_error(saliency.values, expected) <= 1e-5


@pytest.mark.parametrize("network", ["DenseNet", "ResNet", "ResNet bottleneck"], indirect=True)
def test_that_ablationcam_is_the_fall_of_whole_passes_without_a_channel(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    """At the layer and one before it; the oracle runs the whole network, in float64.

    Before the last layer the head holds convolutions and computes in float32, so that small
    falls have fewer digits.
    """
    network.double()
    last_two = candidate_layers(network, prepared.tensor.double())[-2:]
    expected = [falls(network, layer, prepared.tensor.double()) for layer in last_two]
    classifier = make_classifier(network.float())
    for layer, (weights, activation) in zip(last_two, expected, strict=True):
        options = {"layer": layer.label}
        maps = method_named("ablationcam").explain(classifier, prepared, LABELS, options).maps
        for index, saliency in enumerate(maps):
            wanted = np.einsum("k,khw->hw", weights[:, index], activation)
            assert relative_error(saliency.values, wanted) <= 1e-3, layer.label


@torch.no_grad()
def falls(module: nn.Module, layer: TargetLayer, tensor: Tensor) -> tuple[Floats, Floats]:
    """How far each logit falls without each of the channels, (C, labels); the features."""
    kept: list[Tensor] = []

    def keep(output: Tensor) -> None:
        kept.append(output.clone())

    with at(module, layer, keep):  # type: ignore[arg-type]
        whole = module(tensor)
    rows = []
    for channel in range(layer.channels):
        without = torch.ones(1, layer.channels, 1, 1, dtype=tensor.dtype)
        without[0, channel] = 0
        with at(module, layer, lambda output, without=without: output * without):
            rows.append((whole - module(tensor))[0].numpy())
    return np.stack(rows), plain(kept[0])


@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_that_channels_in_one_pass_change_memory_and_steps_but_not_the_map(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make, chunk: int
) -> None:
    classifier = make_classifier(small_densenet)
    method = method_named("ablationcam")
    expected = method.explain(classifier, prepared, LABELS).maps[1]
    work = method.steps(classifier, [prepared], LABELS, {"channels": chunk})
    steps = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            (found,) = end.value
            break
        steps += 1
    channels = last_spatial_layer(small_densenet, prepared.tensor).channels
    assert steps == 1 + -(-channels // chunk)
    assert relative_error(found.maps[1].values, expected.values.astype(np.float64)) <= 1e-6


class InPlace(nn.Module):
    """The head changes in place what the trunk gave, before and after the layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 4, 3, padding=1)
        self.side = nn.Conv2d(4, 4, 1)
        self.layer = nn.Conv2d(4, 4, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)
        self.out = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x)
        x += 1
        side = self.side(x)
        x = self.relu(self.layer(x))
        side += x
        return self.out(side.mean((2, 3)))


def test_that_a_replay_of_a_network_that_works_in_place_gives_its_logits_each_time() -> None:
    torch.manual_seed(2)
    module = InPlace().eval().requires_grad_(False)
    tensor = torch.rand(1, 1, 12, 10)
    layer = TargetLayer("layer", 0, 4, (12, 10))
    recording = record(module, layer, tensor)
    halves = torch.cat([recording.activation, recording.activation / 2])
    first, second = (recording.logits_with(module, halves) for _ in range(2))
    with at(module, layer, lambda output: output / 2):
        half = module(tensor)
    torch.testing.assert_close(first.float(), torch.cat([module(tensor), half]))
    assert torch.equal(first, second)
    assert torch.equal(halves[0], recording.activation[0])
