"""DenseNet by hand."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["DenseNet121"]

GROWTH, BOTTLENECK = 32, 128


class DenseLayer(nn.Module):
    """What a layer adds to the channels of its input."""

    def __init__(self, channels: int) -> None:
        """Make the layers."""
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(channels, BOTTLENECK, kernel_size=1, bias=False)
        self.norm2 = nn.BatchNorm2d(BOTTLENECK)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(BOTTLENECK, GROWTH, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """N×channels×H×W to N×GROWTH×H×W."""
        out = self.conv1(self.relu1(self.norm1(x)))
        added: Tensor = self.conv2(self.relu2(self.norm2(out)))
        return added


class DenseBlock(nn.ModuleDict):
    """Layers of which each reads all that came before."""

    def __init__(self, channels: int, depth: int) -> None:
        """Make the layers."""
        super().__init__()
        for index in range(depth):
            self[f"denselayer{index + 1}"] = DenseLayer(channels + index * GROWTH)

    def forward(self, x: Tensor) -> Tensor:
        """N×channels×H×W to N×(channels + depth·GROWTH)×H×W."""
        features = [x]
        for layer in self.values():
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


def transition(channels: int) -> nn.Sequential:
    """Halve the channels and the sides."""
    layers = OrderedDict[str, nn.Module]()
    layers["norm"] = nn.BatchNorm2d(channels)
    layers["relu"] = nn.ReLU(inplace=True)
    layers["conv"] = nn.Conv2d(channels, channels // 2, kernel_size=1, bias=False)
    layers["pool"] = nn.AvgPool2d(kernel_size=2, stride=2)
    return nn.Sequential(layers)


class DenseNet121(nn.Module):
    """`architectures/densenet.yaml` by hand, with the preset `densenet121`."""

    def __init__(self, num_classes: int = 1000) -> None:
        """Make the layers."""
        super().__init__()
        self.features = nn.Sequential()
        self.features.conv0 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.features.norm0 = nn.BatchNorm2d(64)
        self.features.relu0 = nn.ReLU(inplace=True)
        self.features.pool0 = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        channels = 64
        for index, depth in enumerate((6, 12, 24, 16), 1):
            self.features.add_module(f"denseblock{index}", DenseBlock(channels, depth))
            channels += depth * GROWTH
            if index < 4:
                self.features.add_module(f"transition{index}", transition(channels))
                channels //= 2
        self.features.norm5 = nn.BatchNorm2d(channels)
        self.classifier = nn.Linear(channels, num_classes)

    def forward(self, input: Tensor) -> Tensor:
        """N×3×224×224 to N×num_classes."""
        x: Tensor = torch.relu(self.features(input))
        x = nn.functional.adaptive_avg_pool2d(x, (1, 1))
        x = self.classifier(torch.flatten(x, 1))
        return x  # noqa: RET504 - as people write it
