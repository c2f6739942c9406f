"""Weights under other names become MONAI's, or what does not fit is named with both shapes."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import monai.networks.nets
import pytest
import torch

from radsal.core.errors import ModelRefusal
from radsal.inference.components import read_network
from radsal.inference.keys import match
from radsal.inference.networks import build_network
from radsal.inference.recipe import WeightsRecipe, network_document

originals = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).with_name("torchvision_networks.py")))
)

LABELS = ("Opacity", "Effusion", "Nodule")


def recipe(network: str, channels: int = 1, labels: tuple[str, ...] = LABELS) -> WeightsRecipe:
    return WeightsRecipe("m", "", network, channels, labels, (224, 224), (0, 1))


def expected(network: str, state: Any, channels: int = 1) -> torch.nn.Module:
    document = network_document(recipe(network, channels), frozenset(state))
    return build_network(read_network(document, "network"))


def in_monai(network: str, state: Any, channels: int = 1) -> torch.nn.Module:
    module = expected(network, state, channels)
    module.load_state_dict(match(state, module.state_dict(), "w.pt").state, assign=True)
    return module.eval()


def chexnet(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """As the reimplementation of CheXNet of 2017 saved them."""
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): t
        for name, t in state.items()
        if not name.endswith("num_batches_tracked")
    }
    return {
        "module.densenet121." + name.replace("classifier.", "classifier.0."): t
        for name, t in old.items()
    }


@pytest.mark.parametrize(
    "network",
    [
        "DenseNet121",
        "ResNet18",
        "ResNet50",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("DenseNet169", "DenseNet201", "ResNet34", "ResNet101", "ResNet152")
        ),
    ],
)
def test_that_torchvisions_names_give_the_logits_of_the_original(network: str) -> None:
    original = originals.network(network, 1, 3)
    image = torch.rand((2, 1, 96, 80), generator=torch.Generator().manual_seed(1))
    got = in_monai(network, original.state_dict())(image)
    torch.testing.assert_close(got, original(image), rtol=1e-5, atol=1e-5)
    assert float(original(image).std()) > 1e-3


def test_that_chexnets_names_give_the_logits_of_the_original() -> None:
    original = originals.network("DenseNet121", 3, 3)
    image = torch.rand((1, 3, 64, 64), generator=torch.Generator().manual_seed(1))
    got = in_monai("DenseNet121", chexnet(original.state_dict()), 3)(image)
    torch.testing.assert_close(got, original(image), rtol=1e-5, atol=1e-5)


def test_that_thresholds_of_torchxrayvision_are_handed_on() -> None:
    state = originals.network("DenseNet121", 1, 3).state_dict()
    state["op_threshs"] = torch.tensor([0.1, float("nan"), 0.3])
    module = expected("DenseNet121", state)
    found = match(state, module.state_dict(), "w.pt").thresholds
    assert found[0] == pytest.approx(0.1)
    assert found[1] != found[1]
    assert found[2] == pytest.approx(0.3)


@pytest.mark.parametrize("prefix", ["model.", "net.backbone.", "_orig_mod.module."])
def test_that_a_prefix_is_taken_off_and_noted(prefix: str) -> None:
    state = {prefix + k: v for k, v in originals.network("ResNet18", 1, 3).state_dict().items()}
    module = expected("ResNet18", state)
    matched = match(state, module.state_dict(), "w.pt")
    assert matched.state.keys() == module.state_dict().keys()
    assert prefix in matched.notes[0]


def test_that_a_resnet_with_biased_shortcuts_is_taken_for_monais_own() -> None:
    theirs = monai.networks.nets.resnet18(spatial_dims=2, n_input_channels=1, num_classes=3).eval()
    image = torch.rand((1, 1, 64, 64))
    torch.testing.assert_close(in_monai("resnet18", theirs.state_dict())(image), theirs(image))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_that_other_floats_become_float32_with_a_note(dtype: torch.dtype) -> None:
    state = originals.network("ResNet18", 1, 3).state_dict()
    other = {k: v.to(dtype) if v.is_floating_point() else v for k, v in state.items()}
    matched = match(other, expected("ResNet18", other).state_dict(), "w.pt")
    assert {t.dtype for t in matched.state.values()} == {torch.float32, torch.int64}
    torch.testing.assert_close(matched.state["fc.weight"], other["fc.weight"].float())
    assert any("float32" in note for note in matched.notes)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda s: s.update({"classifier.weight": torch.zeros(14, 1024)}), ["(14, 1024)", "(3, 1024)", "classifier.weight"]),
        (lambda s: s.update({"features.conv0.weight": torch.zeros(64, 3, 7, 7)}), ["(64, 3, 7, 7)", "(64, 1, 7, 7)"]),
        (lambda s: s.pop("classifier.bias"), ["lacks", "class_layers.out.bias"]),
        (lambda s: s.update(extra=torch.zeros(1)), ["unknown", "'extra'"]),
        (lambda s: s["features.norm5.bias"].fill_(float("inf")), ["features.norm5.bias", "infinity"]),
        (lambda s: s.update({"classifier.bias": torch.zeros(3, dtype=torch.int32)}), ["int32"]),
        (lambda s: s.update({"classifier.2.weight": torch.zeros(3, 1024)}), ["several layers"]),
    ],
)  # fmt: skip
def test_that_what_does_not_fit_is_named(change: Any, named: list[str]) -> None:
    state = {k: v.clone() for k, v in originals.network("DenseNet121", 1, 3).state_dict().items()}
    change(state)
    with pytest.raises(ModelRefusal) as caught:
        match(state, expected("DenseNet121", state).state_dict(), "w.pt")
    assert all(word in caught.value.reason for word in named)
    assert caught.value.remedy


def test_that_weights_of_another_network_are_refused() -> None:
    state = originals.network("ResNet18", 1, 3).state_dict()
    with pytest.raises(ModelRefusal, match="lacks"):
        match(state, expected("DenseNet121", state).state_dict(), "w.pt")


def test_that_an_unknown_network_is_refused_with_those_there_are() -> None:
    with pytest.raises(ModelRefusal) as caught:
        network_document(recipe("YOLO"), frozenset())
    assert "DenseNet121" in caught.value.remedy
    assert "resnet50" in caught.value.remedy
