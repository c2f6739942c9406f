"""Maps against Captum, MONAI and closed forms; the model left as it was found."""

from collections.abc import Callable
from typing import Any

import monai.visualize
import numpy as np
import pytest
import torch
from captum.attr import LayerGradCam
from torch import Tensor, nn

from radsal.core.errors import KnownError
from radsal.core.results import MapStatus
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.catalogue import CATALOGUE, LAYER, Basis
from radsal.saliency.head import run_to_head
from radsal.saliency.layers import (
    candidate_layers,
    chosen_layer,
    last_spatial_layer,
    spatial_layers,
)
from radsal.saliency.methods import method_named, methods

LABELS = ("Opacity", "Effusion", "Nodule")
QUICK = {"samples": 2, "steps": 2, "window": 32, "stride": 32}
Make = Callable[..., Classifier]


def relative_error(found: Any, expected: Any) -> float:
    found, expected = np.asarray(found, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def quick(name: str) -> dict[str, int]:
    """Few samples, where a method takes samples."""
    known = {parameter.name for parameter in CATALOGUE[name].parameters}
    return {option: value for option, value in QUICK.items() if option in known}


class Linear(nn.Module):
    """A convolution with ReLU, global average pooling and a linear layer."""

    def __init__(self, labels: int = 3, channels: int = 6) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(1, channels, 5, stride=4, padding=2), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.out = nn.Linear(channels, labels)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.pool(self.trunk(x)).flatten(1))


@pytest.fixture
def linear() -> Linear:
    torch.manual_seed(3)
    return Linear().eval()


# --- the table ------------------------------------------------------------------------------


def test_that_the_table_of_methods_and_the_catalogue_agree() -> None:
    assert list(methods()) == list(CATALOGUE)
    assert all(method.info is CATALOGUE[name] for name, method in methods().items())


def test_that_an_unknown_method_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(KnownError) as caught:
        method_named("tea-leaves")
    assert "gradcam" in caught.value.remedy


def test_that_an_unknown_finding_is_an_error(
    linear: Linear, prepared: Prepared, make_classifier: Make
) -> None:
    with pytest.raises(KeyError):
        method_named("gradcam").explain(make_classifier(linear), prepared, ["Gout"])


# --- the layer ------------------------------------------------------------------------------


def test_that_the_layer_is_the_last_feature_map_before_pooling(
    network: nn.Module, prepared: Prepared
) -> None:
    layer = last_spatial_layer(network, prepared.tensor)
    expected = {
        "DenseNet": "class_layers.relu",
        "ResNet": "layer4",
        "EfficientNetBN": "_swish",
    }[type(network).__name__]
    assert layer.name == expected
    assert layer.grid[0] * layer.grid[1] > 1


def test_that_a_module_that_runs_several_times_is_told_apart_by_the_call(
    network: nn.Module, prepared: Prepared
) -> None:
    seen = [(layer.name, layer.call) for layer in spatial_layers(network, prepared.tensor)]
    assert len(set(seen)) == len(seen)


def test_that_the_layers_to_choose_from_are_one_for_each_grid_and_end_in_the_default(
    network: nn.Module, prepared: Prepared
) -> None:
    candidates = candidate_layers(network, prepared.tensor)
    cells = [layer.grid[0] * layer.grid[1] for layer in candidates]
    assert cells == sorted(set(cells), reverse=True)
    assert 3 <= len(candidates) <= 6
    assert candidates[-1] == last_spatial_layer(network, prepared.tensor)
    assert all(chosen_layer(network, prepared.tensor, each.label) == each for each in candidates)


def test_that_a_network_without_a_spatial_layer_has_none_to_choose_from(prepared: Prepared) -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(96 * 80, 3)).eval()
    assert candidate_layers(module, prepared.tensor) == ()


def test_that_each_traced_layer_can_be_explained_at(prepared: Prepared, linear: Linear) -> None:
    for layer in spatial_layers(linear, prepared.tensor):
        head = run_to_head(linear, layer, prepared.tensor)
        assert head.activation.shape == (1, layer.channels, *layer.grid)
        assert [g.shape for g in head.gradients([0, 1])] == [head.activation.shape] * 2


def test_that_a_network_without_a_spatial_layer_is_refused(prepared: Prepared) -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(96 * 80, 3)).eval()
    with pytest.raises(KnownError) as caught:
        last_spatial_layer(module, prepared.tensor)
    assert caught.value.code == "no-spatial-layer"


# --- oracles --------------------------------------------------------------------------------


def test_that_gradcam_is_captums_signed_and_after_the_relu(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    network.requires_grad_(True)
    layer = last_spatial_layer(network, prepared.tensor)
    oracle = LayerGradCam(network, network.get_submodule(layer.name))
    explained = method_named("gradcam").explain(make_classifier(network), prepared, LABELS)
    for index, saliency in enumerate(explained.maps):
        signed = oracle.attribute(prepared.tensor.requires_grad_(), index)[0, 0].detach()
        positive = oracle.attribute(prepared.tensor, index, relu_attributions=True)[0, 0].detach()
        assert relative_error(saliency.values, signed) <= 1e-5
        if positive.any():
            assert relative_error(np.maximum(saliency.values, 0), positive) <= 1e-5


def test_that_gradcam_is_monais(
    network: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    network.requires_grad_(True)
    explained = method_named("gradcam").explain(make_classifier(network), prepared, LABELS)
    network.requires_grad_(True)
    layer = last_spatial_layer(network, prepared.tensor)
    if layer.call:
        pytest.skip("MONAI mixes up the calls of a module that runs several times")
    oracle = monai.visualize.GradCAM(network, layer.name)
    compared = 0
    for index, saliency in enumerate(explained.maps):
        expected = oracle.compute_map(prepared.tensor, class_idx=index)[0, 0].detach()
        if expected.any():
            assert relative_error(np.maximum(saliency.values, 0), expected) <= 1e-5
            compared += 1
    assert compared


def test_that_gradcam_hirescam_and_cam_agree_behind_average_pooling(
    small_densenet: nn.Module, prepared: Prepared, make_classifier: Make
) -> None:
    classifier = make_classifier(small_densenet)
    grad = method_named("gradcam").explain(classifier, prepared, LABELS).maps
    hires = method_named("hirescam").explain(classifier, prepared, LABELS).maps
    with torch.no_grad():
        features = torch.relu(small_densenet.features(prepared.tensor))[0]
    weight = small_densenet.class_layers.out.weight
    for index in range(3):
        cam = torch.einsum("k,khw->hw", weight[index], features) / features[0].numel()
        assert relative_error(grad[index].values, cam.numpy()) <= 1e-5
        assert relative_error(hires[index].values, grad[index].values) <= 1e-5


def test_that_the_map_and_the_bias_add_up_to_the_logit(
    linear: Linear, prepared: Prepared, make_classifier: Make
) -> None:
    explained = method_named("hirescam").explain(make_classifier(linear), prepared, LABELS)
    for saliency, prediction, bias in zip(
        explained.maps, explained.predictions, linear.out.bias.tolist(), strict=True
    ):
        total = float(saliency.values.sum(dtype=np.float64)) + bias
        assert total == pytest.approx(prediction.logit, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_one_finding_and_all_at_once_give_the_same_bits(
    network: nn.Module, prepared: Prepared, make_classifier: Make, name: str
) -> None:
    classifier = make_classifier(network)
    together = method_named(name).explain(classifier, prepared, LABELS, quick(name))
    for finding, shared in zip(LABELS, together.maps, strict=True):
        (alone,) = method_named(name).explain(classifier, prepared, [finding], quick(name)).maps
        assert alone.finding == shared.finding == finding
        assert alone.sha256 == shared.sha256


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_an_explanation_carries_the_predictions_of_its_own_pass(
    network: nn.Module, prepared: Prepared, make_classifier: Make, name: str
) -> None:
    classifier = make_classifier(network)
    explained = method_named(name).explain(classifier, prepared, LABELS, quick(name))
    assert explained.predictions == classifier.predict(prepared.tensor)
    assert ("layer" in explained.parameters) == (LAYER in CATALOGUE[name].parameters)


# --- where the map lies ---------------------------------------------------------------------


def test_that_a_map_lies_where_its_cause_lies(make_classifier: Make) -> None:
    module = Linear(1, 1)
    with torch.no_grad():
        module.trunk[0].weight.fill_(0.04)
        module.trunk[0].bias.fill_(0.0)
        module.out.weight.fill_(1.0)
        module.out.bias.fill_(0.0)
    image = np.zeros((480, 320), dtype=np.float32)
    image[96:144, 200:240] = 1.0
    classifier = make_classifier(module.eval(), ("Opacity",))
    prepared = classifier.prepare(image)
    (saliency,) = method_named("gradcam").explain(classifier, prepared, ["Opacity"]).maps
    assert saliency.grid == (120, 80)
    drawn = saliency.mapping.resample(saliency.values, image.shape)
    rows, columns = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    # A convolution with stride 4 and padding 2 looks half a cell above its cell's centre.
    assert (rows * drawn).sum() / drawn.sum() == pytest.approx(120, abs=2)
    assert (columns * drawn).sum() / drawn.sum() == pytest.approx(220, abs=2)


# --- honest maps ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CATALOGUE)
def test_that_a_blank_image_gives_an_empty_map(
    network: nn.Module, make_classifier: Make, make_prepared: Any, name: str
) -> None:
    blank = Prepared(torch.full((1, 1, 96, 80), 0.3), make_prepared().mapping)
    maps = method_named(name).explain(make_classifier(network), blank, LABELS, quick(name)).maps
    no_relu = not any(isinstance(part, nn.ReLU) for part in network.modules())
    applies = CATALOGUE[name].family != "guided" or not no_relu
    applies &= CATALOGUE[name].basis is not Basis.ATTENTION
    assert {m.status for m in maps} == {MapStatus.EMPTY if applies else MapStatus.FAILED}
    assert all(m.reason and not m.values.any() for m in maps)  # nothing against it either


OF_A_FINDING = [name for name, info in CATALOGUE.items() if info.class_specific]
CAMS = [name for name in OF_A_FINDING if CATALOGUE[name].basis is Basis.ACTIVATION]


@pytest.mark.parametrize("name", CAMS)
def test_that_a_finding_that_nothing_speaks_for_has_an_empty_map_that_keeps_its_sign(
    linear: Linear, prepared: Prepared, make_classifier: Make, name: str
) -> None:
    with torch.no_grad():
        linear.out.weight[0] = -linear.out.weight[0].abs()
    first = method_named(name).explain(make_classifier(linear), prepared, LABELS).maps[0]
    assert first.status is MapStatus.EMPTY
    assert "speaks for the finding" in first.reason
    assert bool((first.values < 0).any()) == CATALOGUE[name].signed


@pytest.mark.parametrize("name", OF_A_FINDING)
def test_that_a_network_that_ignores_the_image_has_empty_maps(
    linear: Linear, prepared: Prepared, make_classifier: Make, name: str
) -> None:
    with torch.no_grad():
        linear.out.weight.zero_()
    maps = method_named(name).explain(make_classifier(linear), prepared, LABELS, quick(name)).maps
    assert {m.status for m in maps} == {MapStatus.EMPTY}


class Aside(Linear):
    """Logits that do not come from the feature map at all."""

    def forward(self, x: Tensor) -> Tensor:
        self.trunk(x)
        return x.mean() + torch.zeros(1, 3)


def test_that_a_layer_beside_the_way_to_the_logit_gives_an_empty_map(
    prepared: Prepared, make_classifier: Make
) -> None:
    maps = method_named("gradcam").explain(make_classifier(Aside()), prepared, LABELS).maps
    assert {m.status for m in maps} == {MapStatus.EMPTY}


class Flat(nn.Module):
    """A feature map with the same value in every cell, whatever the image."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Conv2d(1, 2, 4, stride=4)
        self.out = nn.Linear(2, 3)
        with torch.no_grad():
            self.trunk.weight.zero_()
            self.trunk.bias.fill_(1.0)
            self.out.weight.fill_(1.0)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.trunk(x).mean((2, 3)))


def test_that_a_map_with_one_value_everywhere_has_failed(
    prepared: Prepared, make_classifier: Make
) -> None:
    (first, *_) = method_named("gradcam").explain(make_classifier(Flat()), prepared, LABELS).maps
    assert first.status is MapStatus.FAILED
    assert "same value" in first.reason
    assert not first.values.any()


class Overflow(Linear):
    """Finite logits, features that are not."""

    def forward(self, x: Tensor) -> Tensor:
        broken = self.trunk(x) * torch.tensor(float("nan"))
        return torch.nan_to_num(self.out(self.pool(self.mark(broken)).flatten(1)))

    def __init__(self) -> None:
        super().__init__()
        self.mark = nn.Identity()


def test_that_a_map_that_is_no_number_has_failed_with_the_reason(
    prepared: Prepared, make_classifier: Make
) -> None:
    maps = method_named("hirescam").explain(make_classifier(Overflow()), prepared, LABELS).maps
    assert {m.status for m in maps} == {MapStatus.FAILED}
    assert all("not numbers" in m.reason and not m.values.any() for m in maps)
