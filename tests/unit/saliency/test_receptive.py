"""Where cells lie on the input, with gradients and a bright square as oracles."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from monai.networks import nets
from torch import Tensor, nn

from radsal.core.geometry import GridMapping
from radsal.inference.classifier import Classifier
from radsal.inference.preprocessing import Prepared
from radsal.saliency.cam import layer_mapping
from radsal.saliency.layers import TargetLayer, candidate_layers, spatial_layers
from radsal.saliency.methods import method_named
from radsal.saliency.receptive import Field

SMALL = {"spatial_dims": 2, "num_classes": 2}
FAMILIES: dict[str, Callable[[], nn.Module]] = {
    "DenseNet": lambda: nets.DenseNet(2, 1, 2, 8, 4, (1, 2, 1)),
    "ResNet": lambda: nets.ResNet("basic", [1, 1, 1, 1], [4, 4, 4, 4], n_input_channels=1, **SMALL),
    "ResNet bottleneck": lambda: nets.ResNet(
        "bottleneck", [1, 1, 1, 1], [4, 4, 4, 4], n_input_channels=1, shortcut_type="A", **SMALL
    ),
    "SENet": lambda: nets.SENet(
        block="se_bottleneck", layers=[1, 1, 1, 1], groups=1, reduction=16, in_channels=1, **SMALL
    ),
    "EfficientNet": lambda: nets.EfficientNet(
        ["r1_k3_s11_e1_i32_o8_se0.25", "r2_k3_s22_e2_i8_o8_se0.25", "r1_k5_s22_e2_i8_o8_se0.25"],
        in_channels=1, **SMALL,
    ),
    "Classifier": lambda: nets.Classifier((1, 200, 184), 2, (4, 4, 4), (2, 2, 2)),
}  # fmt: skip
SHAPE = (200, 184)


class Open(nn.Module):
    """In place of what lets only a part of the image through, and differs from place to place."""

    def __init__(self, kept: nn.Module | None = None) -> None:
        super().__init__()
        self.kept = kept

    def forward(self, x: Tensor) -> Tensor:
        if self.kept is None:
            return x.clone()
        options = {n: getattr(self.kept, n) for n in ("kernel_size", "stride", "padding")}
        return nn.functional.avg_pool2d(x, **options, ceil_mode=self.kept.ceil_mode)


class Blind(nn.Module):
    """In place of pooling over the whole image: gates that see all of it say nothing of a place."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach().mean((2, 3), keepdim=True)


def linear(module: nn.Module) -> nn.Module:
    """The same network with flat, positive kernels, nothing that is not linear, and no norm."""
    for path, part in list(module.named_modules()):
        parent = module.get_submodule(path.rpartition(".")[0])
        name = path.rpartition(".")[2]
        if isinstance(part, nn.Conv2d):
            nn.init.constant_(part.weight, 1 / part.weight[0].numel())
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, nn.MaxPool2d):
            setattr(parent, name, Open(part))
        elif isinstance(part, nn.AdaptiveAvgPool2d):
            setattr(parent, name, Blind())
        elif not list(part.children()) and type(part).__name__ in {
            "ReLU", "PReLU", "BatchNorm2d", "InstanceNorm2d", "Sigmoid", "Swish", "MemoryEfficientSwish",
        }:  # fmt: skip
            setattr(parent, name, Open())
    return module.eval()


def footprint(module: nn.Module, layer: TargetLayer, cell: tuple[int, int]) -> tuple[float, float]:
    """The middle of what a cell of the layer sees: of the gradient's mass, in edge coordinates."""
    kept: list[Tensor] = []
    handle = module.get_submodule(layer.name).register_forward_hook(
        lambda _m, _i, output: kept.append(output)
    )
    tensor = torch.ones(1, 1, *SHAPE, requires_grad=True)
    module(tensor)
    handle.remove()
    (gradient,) = torch.autograd.grad(kept[layer.call][0, :, cell[0], cell[1]].sum(), tensor)
    mass = gradient[0, 0].abs().double()
    rows, columns = (torch.arange(n, dtype=torch.float64) + 0.5 for n in SHAPE)
    total = mass.sum()
    return float((mass.sum(1) * rows).sum() / total), float((mass.sum(0) * columns).sum() / total)


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_cell_lies_in_the_middle_of_what_it_sees(family: str) -> None:
    with torch.random.fork_rng():
        module = linear(FAMILIES[family]())
    tensor = torch.ones(1, 1, *SHAPE)
    checked = 0
    for layer in candidate_layers(module, tensor):
        assert layer.field is not None
        cell = layer.grid[0] // 2, layer.grid[1] // 2
        said = [
            f + c * j for f, c, j in zip(layer.field.first, cell, layer.field.jump, strict=True)
        ]
        assert footprint(module, layer, cell) == pytest.approx(said, abs=0.02), layer.label
        checked += 1
    assert checked >= 2


@pytest.mark.parametrize("family", FAMILIES)
def test_that_every_feature_map_on_the_way_is_followed(family: str) -> None:
    module = FAMILIES[family]().eval()
    layers = spatial_layers(module, torch.rand(1, 1, *SHAPE))
    assert all(layer.field is not None for layer in layers)


@pytest.mark.parametrize("shape", [(224, 224), (225, 230)])
def test_that_cells_of_the_networks_in_use_lie_where_their_strides_look(
    shape: tuple[int, int],
) -> None:
    tensor = torch.rand(1, 1, *shape)
    dense = nets.DenseNet121(spatial_dims=2, in_channels=1, out_channels=2).eval()
    assert spatial_layers(dense, tensor)[-1].field == Field((32.0, 32.0), (14.5, 14.5))
    res = nets.resnet18(spatial_dims=2, n_input_channels=1, num_classes=2, conv1_t_stride=2).eval()
    assert spatial_layers(res, tensor)[-1].field == Field((32.0, 32.0), (0.5, 0.5))


class Turned(nn.Module):
    """Axes that change places cannot be followed; what is upsampled neither."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.turned = nn.Conv2d(1, 2, 3, 2), nn.Conv2d(2, 2, 3)
        self.larger, self.last = nn.Upsample(scale_factor=2), nn.Conv2d(2, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.larger(self.turned(self.first(x).transpose(2, 3)))).mean((2, 3))


def test_that_a_map_that_cannot_be_followed_is_stretched_over_the_input() -> None:
    module = Turned().eval()
    tensor = torch.rand(1, 1, 33, 33)
    fields = [layer.field for layer in spatial_layers(module, tensor)]
    assert fields == [Field((2.0, 2.0), (1.5, 1.5)), None, None, None]
    prepared = Prepared(tensor, GridMapping.stretch((33, 33), (330, 660)))
    layer = spatial_layers(module, tensor)[-1]
    assert layer_mapping(prepared, layer) == GridMapping.stretch(layer.grid, (330, 660))


def test_that_paddings_strides_and_windows_of_different_sizes_are_followed() -> None:
    module = nn.Sequential(
        nn.ZeroPad2d((3, 0, 1, 2)), nn.Conv2d(1, 2, (3, 5), stride=(1, 2), padding=(1, 0)),
        nn.ReflectionPad2d(1), nn.Conv2d(2, 2, 3, dilation=2), nn.AvgPool2d((2, 1)),
        nn.InstanceNorm2d(2), nn.PReLU(),
    ).eval()  # fmt: skip
    fields = [layer.field for layer in spatial_layers(module, torch.rand(1, 1, 40, 44))]
    assert fields == [
        Field((1.0, 1.0), (-0.5, -2.5)),
        Field((1.0, 2.0), (-0.5, -0.5)),
        Field((1.0, 2.0), (-1.5, -2.5)),
        Field((1.0, 2.0), (0.5, 1.5)),
        *[Field((2.0, 2.0), (1.0, 1.5))] * 3,
    ]


class Sees(nn.Module):
    """A linear trunk of a family with a head that adds up all that it sees."""

    def __init__(self, family: str) -> None:
        super().__init__()
        whole = linear(FAMILIES[family]())
        self.trunk = nn.Sequential(
            whole.conv1, whole.maxpool, whole.layer1, whole.layer2, whole.layer3, whole.layer4
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.trunk(x).mean((1, 2, 3))[:, None]


@pytest.mark.parametrize("transposed", [False, True])
def test_that_a_bright_square_in_a_resnet_is_drawn_where_it_is(
    make_classifier: Callable[..., Classifier], transposed: bool
) -> None:
    """Stretched over the image the square would be drawn further down and to the right."""
    tensor = torch.zeros(1, 1, 200, 184)
    tensor[0, 0, 84:108, 60:92] = 1
    mapping = GridMapping(4.0, 0.0, 5.0, 0.0, transposed)
    image = (184 * 4, 200 * 5) if transposed else (800, 920)
    classifier = make_classifier(Sees("ResNet").eval(), ("Opacity",))
    (found,) = (
        method_named("gradcam").explain(classifier, Prepared(tensor, mapping), ["Opacity"]).maps
    )
    height, width = tensor.shape[2:]
    assert found.mapping.reach == mapping.reached(
        (width, height) if transposed else (height, width)
    )
    assert middle(found.mapping, found.values, image) == pytest.approx(
        mapping.to_image(96, 76), abs=8
    )
    stretched = mapping.refine((height, width), found.values.shape)
    away = np.subtract(middle(stretched, found.values, image), mapping.to_image(96, 76))
    assert (away > 12).all()


def middle(mapping: GridMapping, values: np.ndarray, image: tuple[int, int]) -> tuple[float, float]:
    drawn = mapping.resample(values, image).astype(np.float64)
    rows, columns = np.mgrid[: image[0], : image[1]] + 0.5
    total = drawn.sum()
    return float((rows * drawn).sum() / total), float((columns * drawn).sum() / total)
