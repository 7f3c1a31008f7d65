"""LeNet, AlexNet and VGG by hand."""

import torch
from torch import Tensor, nn

__all__ = ["VGG16", "AlexNet", "LeNet"]


class LeNet(nn.Module):
    """`architectures/lenet.yaml` by hand."""

    def __init__(self, classes: int = 10) -> None:
        """Make the layers."""
        super().__init__()
        self.features = nn.Sequential()
        self.features.conv1 = nn.Conv2d(3, 6, 5)
        self.features.relu1 = nn.ReLU(inplace=True)
        self.features.pool1 = nn.MaxPool2d(2, 2)
        self.features.conv2 = nn.Conv2d(6, 16, 5)
        self.features.relu2 = nn.ReLU(inplace=True)
        self.features.pool2 = nn.MaxPool2d(2, 2)
        self.classifier = nn.Sequential()
        self.classifier.fc1 = nn.Linear(400, 120)
        self.classifier.relu3 = nn.ReLU(inplace=True)
        self.classifier.fc2 = nn.Linear(120, 84)
        self.classifier.relu4 = nn.ReLU(inplace=True)
        self.classifier.fc3 = nn.Linear(84, classes)

    def forward(self, input: Tensor) -> Tensor:
        """N×3×32×32 to N×classes."""
        x: Tensor = self.features(input)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        return x  # noqa: RET504 - as people write it


class AlexNet(nn.Module):
    """`architectures/alexnet.yaml` by hand."""

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        """Make the layers."""
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, input: Tensor) -> Tensor:
        """N×3×224×224 to N×num_classes."""
        x: Tensor = self.features(input)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        return x  # noqa: RET504 - as people write it


class VGG16(nn.Module):
    """`architectures/vgg.yaml` by hand, with the preset `vgg16`."""

    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        """Make the layers."""
        super().__init__()
        layers: list[nn.Module] = []
        in_channels = 3
        for width in (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"):
            if isinstance(width, str):
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
            else:
                layers += [nn.Conv2d(in_channels, width, kernel_size=3, padding=1), nn.ReLU(inplace=True)]
                in_channels = width
        self.features = nn.Sequential(*layers)
        self.avgpool = nn.AdaptiveAvgPool2d((7, 7))
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, num_classes),
        )

    def forward(self, input: Tensor) -> Tensor:
        """N×3×224×224 to N×num_classes."""
        x: Tensor = self.features(input)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        return x  # noqa: RET504 - as people write it
