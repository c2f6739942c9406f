"""Every allowed name is read, built by MONAI, and takes no argument that MONAI does not know."""

import inspect
from typing import Any

import monai.networks.nets
import monai.transforms
import pytest
import torch

from radsal.inference.allowed import NETWORK_ALIASES, NETWORKS, TRANSFORMS
from radsal.inference.components import channels_and_labels, read_network, read_preprocessing
from radsal.inference.networks import build_network

MINIMAL: dict[str, dict[str, Any]] = {
    "DenseNet": {"block_config": [2, 2], "act": "relu", "norm": ["batch", {"eps": 1e-4}]},
    "ResNet": {"block": "basic", "layers": [1, 1, 1, 1], "block_inplanes": [8, 8, 8, 8]},
    "SENet": {"block": "se_bottleneck", "layers": [1, 1, 1, 1], "groups": 4, "reduction": 16},
    "EfficientNetBN": {"model_name": "efficientnet-b0"},
    "ViT": {"img_size": [64, 48], "patch_size": 16, "classification": True, "num_layers": 2},
    "Classifier": {"in_shape": [1, 64, 48], "channels": [4, 8], "strides": [2, 2]},
    "Regressor": {
        "in_shape": [1, 64, 48], "out_shape": [3], "channels": [4, 8], "strides": [2, 2],
    },
}  # fmt: skip

ONE_OF_EACH: dict[str, dict[str, Any]] = {
    "LoadImage": {"reader": "ITKReader", "reverse_indexing": False, "ensure_channel_first": True},
    "EnsureChannelFirst": {"channel_dim": "no_channel"},
    "EnsureType": {"data_type": "tensor", "dtype": "float32", "track_meta": False},
    "Resize": {"spatial_size": [64, -1], "mode": "area", "anti_aliasing": True},
    "ScaleIntensity": {"minv": -1, "maxv": 1.0, "channel_wise": True},
    "ScaleIntensityRange": {"a_min": 0, "a_max": 4095, "b_min": 0.0, "b_max": 1.0, "clip": True},
    "ScaleIntensityRangePercentiles": {"lower": 1, "upper": 99, "b_min": 0, "b_max": None},
    "NormalizeIntensity": {"subtrahend": [0.5], "divisor": 0.25, "nonzero": False},
    "RepeatChannel": {"repeats": 3},
    "ResizeWithPadOrCrop": {"spatial_size": [64, -1], "mode": "constant", "value": 0.5},
    "SpatialPad": {"spatial_size": 64, "method": "end", "mode": "reflect"},
    "CenterSpatialCrop": {"roi_size": [64, -1]},
}


OF_MONAI = [name for name in NETWORKS if name != "TorchScript"]


def network_node(name: str, prefix: str = "") -> dict[str, Any]:
    rule = NETWORKS[name]
    given = {"spatial_dims": 2, rule.inputs: 1, rule.outputs: 3}
    given = {key: value for key, value in given.items() if key in rule.arguments}
    return {"_target_": prefix + name, **given, **MINIMAL.get(name, {})}


@pytest.mark.parametrize("prefix", ["", "monai.networks.nets."])
@pytest.mark.parametrize("name", OF_MONAI)
def test_that_an_allowed_network_is_built_without_weights_or_memory(name: str, prefix: str) -> None:
    spec = read_network(network_node(name, prefix), "here")
    assert channels_and_labels(spec) == (1, 3)
    module = build_network(spec)
    assert all(parameter.device == torch.device("meta") for parameter in module.parameters())
    assert not isinstance(module, torch.jit.ScriptModule)


@pytest.mark.parametrize("name", OF_MONAI)
def test_that_every_network_argument_is_one_of_monais(name: str) -> None:
    built = getattr(monai.networks.nets, name)
    known = set(inspect.signature(built).parameters)
    for base in inspect.getmro(built) if inspect.isclass(built) else [monai.networks.nets.ResNet]:
        known |= set(inspect.signature(base.__init__).parameters)
    assert set(NETWORKS[name].arguments) <= known


@pytest.mark.parametrize("name", TRANSFORMS)
def test_that_every_transform_argument_is_one_of_monais(name: str) -> None:
    known = set(inspect.signature(getattr(monai.transforms, name)).parameters)
    further = {
        "LoadImage": {"reverse_indexing", "swap_ij", "affine_lps_to_ras"},  # the readers'
        "SpatialPad": {"value", "constant_values"},  # torch's and NumPy's
        "ResizeWithPadOrCrop": {"value", "constant_values"},
    }
    assert set(TRANSFORMS[name].arguments) <= known | further.get(name, set())


@pytest.mark.parametrize("alias", NETWORK_ALIASES)
def test_that_an_alias_is_the_class_that_monai_means_by_it(alias: str) -> None:
    named = getattr(monai.networks.nets, alias)
    assert named is getattr(monai.networks.nets, NETWORK_ALIASES[alias])


@pytest.mark.parametrize("form", ["", "d", "D", "Dict"])
@pytest.mark.parametrize("name", TRANSFORMS)
def test_that_an_allowed_transform_is_read_in_array_and_dictionary_form(
    name: str, form: str
) -> None:
    keys = {"keys": ["image"]} if form else {}
    node = {"_target_": f"monai.transforms.{name}{form}", **keys, **ONE_OF_EACH[name]}
    (step,) = read_preprocessing([node], "here")
    assert step.name == name
    assert step.get("keys") is None
