"""DenseNet and ResNet written from their papers, with the names that torchvision gives the parts.

Nothing here is taken from MONAI or from RadSal: these are the originals that weights of other
places belong to (Huang et al. 2017, arXiv:1608.06993; He et al. 2015, arXiv:1512.03385, with the
stride of a bottleneck in its 3 x 3 convolution).
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional


class _DenseLayer(nn.Module):
    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        narrow = self.conv1(functional.relu(self.norm1(x)))
        return torch.cat([x, self.conv2(functional.relu(self.norm2(narrow)))], 1)


class _Transition(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, channels // 2, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return functional.avg_pool2d(self.conv(functional.relu(self.norm(x))), 2)


class DenseNet(nn.Module):
    """``features`` and ``classifier``."""

    def __init__(self, blocks: tuple[int, ...], inputs: int, labels: int) -> None:
        super().__init__()
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(inputs, 64, 7, 2, 3, bias=False),
            norm0=nn.BatchNorm2d(64),
            relu0=nn.ReLU(),
            pool0=nn.MaxPool2d(3, 2, 1),
        )
        channels = 64
        for number, layers in enumerate(blocks, 1):
            block = nn.Sequential()
            for layer in range(1, layers + 1):
                block.add_module(f"denselayer{layer}", _DenseLayer(channels, 32))
                channels += 32
            parts[f"denseblock{number}"] = block
            if number < len(blocks):
                parts[f"transition{number}"] = _Transition(channels)
                channels //= 2
        parts["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(channels, labels)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(functional.relu(self.features(x)).mean((2, 3)))


class _Block(nn.Module):
    def __init__(self, inputs: int, width: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        outputs = 4 * width if bottleneck else width
        if bottleneck:
            self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        else:
            self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.bottleneck, self.downsample = bottleneck, None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(functional.relu(y)))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """``conv1``, ``bn1``, ``layer1`` to ``layer4`` and ``fc``."""

    def __init__(self, blocks: tuple[int, ...], bottleneck: bool, inputs: int, labels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        channels = 64
        for number, count in enumerate(blocks):
            width, parts = 64 << number, []
            for index in range(count):
                stride = 2 if number and not index else 1
                parts.append(_Block(channels, width, stride, bottleneck))
                channels = width * (4 if bottleneck else 1)
            setattr(self, f"layer{number + 1}", nn.Sequential(*parts))
        self.fc = nn.Linear(channels, labels)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.max_pool2d(functional.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        return self.fc(x.mean((2, 3)))


def network(name: str, inputs: int, labels: int, seed: int = 0) -> nn.Module:
    """A network with random weights whose batch norms are not the identity."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        module = _SHAPES[name](inputs, labels)
        for part in module.modules():
            if isinstance(part, nn.BatchNorm2d):
                part.weight.data.uniform_(0.5, 1.5)
                part.bias.data.uniform_(-0.2, 0.2)
                part.running_mean.uniform_(-0.2, 0.2)
                part.running_var.uniform_(0.5, 1.5)
    return module.eval().requires_grad_(False)


_SHAPES = {
    "DenseNet121": lambda i, o: DenseNet((6, 12, 24, 16), i, o),
    "DenseNet169": lambda i, o: DenseNet((6, 12, 32, 32), i, o),
    "DenseNet201": lambda i, o: DenseNet((6, 12, 48, 32), i, o),
    "ResNet18": lambda i, o: ResNet((2, 2, 2, 2), False, i, o),
    "ResNet34": lambda i, o: ResNet((3, 4, 6, 3), False, i, o),
    "ResNet50": lambda i, o: ResNet((3, 4, 6, 3), True, i, o),
    "ResNet101": lambda i, o: ResNet((3, 4, 23, 3), True, i, o),
    "ResNet152": lambda i, o: ResNet((3, 8, 36, 3), True, i, o),
}
