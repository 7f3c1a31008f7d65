"""The models, as parts: each has the layers, and so the parameters, of the one that is written by hand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from torch import nn
from torchvision import models

from benchmarks.handwritten.convolutional import VGG16, AlexNet, LeNet
from benchmarks.handwritten.dense import DenseNet121
from benchmarks.handwritten.initialise import as_densenet, as_resnet, as_vgg, as_vit
from benchmarks.handwritten.residual import resnet18, resnet50
from benchmarks.handwritten.transformer import VisionTransformer
from benchmarks.peers.parts import Add, Concat, Part, Parts, layer

__all__ = ["MODELS", "Model"]

RELU = layer("ReLU", inplace=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model.

    Attributes:
        parts: what the peers' files are written from.
        by_hand: the class that is written by hand, or a function that makes one.
        spec: the file in `architectures/`.
        preset: of that file.
        torchvision: its constructor, where it has the model.
        initialise: fills the model by hand as its authors did, where that is not as the layers of PyTorch do.
    """

    parts: Parts
    by_hand: Callable[[], nn.Module]
    spec: str
    preset: str | None = None
    torchvision: Callable[[], nn.Module] | None = None
    initialise: Callable[[nn.Module], nn.Module] | None = None

    def initialised(self) -> nn.Module:
        """The model by hand with parameters as its authors had them."""
        return self.by_hand() if self.initialise is None else self.initialise(self.by_hand())


def _lenet() -> Iterator[Part]:
    for width, out in ((3, 6), (6, 16)):
        yield from (layer("Conv2d", in_channels=width, out_channels=out, kernel_size=5), RELU)
        yield layer("MaxPool2d", kernel_size=2, stride=2)
    yield layer("Flatten")
    for width, out in ((400, 120), (120, 84)):
        yield from (layer("Linear", in_features=width, out_features=out), RELU)
    yield layer("Linear", in_features=84, out_features=10)


def _alexnet() -> Iterator[Part]:
    yield from (layer("Conv2d", in_channels=3, out_channels=64, kernel_size=11, stride=4, padding=2), RELU)
    yield layer("MaxPool2d", kernel_size=3, stride=2)
    yield from (layer("Conv2d", in_channels=64, out_channels=192, kernel_size=5, padding=2), RELU)
    yield layer("MaxPool2d", kernel_size=3, stride=2)
    for width, out in ((192, 384), (384, 256), (256, 256)):
        yield from (layer("Conv2d", in_channels=width, out_channels=out, kernel_size=3, padding=1), RELU)
    yield layer("MaxPool2d", kernel_size=3, stride=2)
    yield from (layer("AdaptiveAvgPool2d", output_size=6), layer("Flatten"))
    for width in (9216, 4096):
        yield from (layer("Dropout", p=0.5), layer("Linear", in_features=width, out_features=4096), RELU)
    yield layer("Linear", in_features=4096, out_features=1000)


def _vgg16() -> Iterator[Part]:
    width = 3
    for out, depth in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(depth):
            yield from (layer("Conv2d", in_channels=width, out_channels=out, kernel_size=3, padding=1), RELU)
            width = out
        yield layer("MaxPool2d", kernel_size=2, stride=2)
    yield from (layer("AdaptiveAvgPool2d", output_size=7), layer("Flatten"))
    for width in (25088, 4096):
        yield from (layer("Linear", in_features=width, out_features=4096), RELU, layer("Dropout", p=0.5))
    yield layer("Linear", in_features=4096, out_features=1000)


def _convolution(width: int, out: int, kernel: int, stride: int = 1) -> Part:
    arguments = {"in_channels": width, "out_channels": out, "kernel_size": kernel, "bias": False}
    padding = {"padding": kernel // 2} if kernel > 1 else {}
    return layer("Conv2d", **arguments, **({"stride": stride} if stride > 1 else {}), **padding)


def _norm(width: int) -> Part:
    return layer("BatchNorm2d", num_features=width)


def _resnet(block: Callable[[int, int, int], Parts], expansion: int, depths: Sequence[int]) -> Iterator[Part]:
    yield from (_convolution(3, 64, 7, 2), _norm(64), RELU, layer("MaxPool2d", kernel_size=3, stride=2, padding=1))
    width = 64
    for planes, depth in zip((64, 128, 256, 512), depths, strict=True):
        for index in range(depth):
            stride = 2 if index == 0 and planes > 64 else 1
            yield from (_added(width, planes * expansion, stride, block(width, planes, stride)), RELU)
            width = planes * expansion
    yield from (layer("AdaptiveAvgPool2d", output_size=1), layer("Flatten"))
    yield layer("Linear", in_features=width, out_features=1000)


def _added(width: int, out: int, stride: int, branch: Parts) -> Part:
    return Add(branch, () if width == out else (_convolution(width, out, 1, stride), _norm(out)))


def _basic(width: int, planes: int, stride: int) -> Parts:
    return (
        *(_convolution(width, planes, 3, stride), _norm(planes), RELU),
        *(_convolution(planes, planes, 3), _norm(planes)),
    )


def _bottleneck(width: int, planes: int, stride: int) -> Parts:
    return (
        *(_convolution(width, planes, 1), _norm(planes), RELU),
        *(_convolution(planes, planes, 3, stride), _norm(planes), RELU),
        *(_convolution(planes, planes * 4, 1), _norm(planes * 4)),
    )


def _densenet121() -> Iterator[Part]:
    yield from (_convolution(3, 64, 7, 2), _norm(64), RELU, layer("MaxPool2d", kernel_size=3, stride=2, padding=1))
    width = 64
    for block, depth in enumerate((6, 12, 24, 16)):
        if block:
            yield from (_norm(width), RELU, _convolution(width, width // 2, 1))
            yield layer("AvgPool2d", kernel_size=2, stride=2)
            width //= 2
        for _ in range(depth):
            yield Concat((_norm(width), RELU, _convolution(width, 128, 1), _norm(128), RELU, _convolution(128, 32, 3)))
            width += 32
    yield from (_norm(width), RELU, layer("AdaptiveAvgPool2d", output_size=1), layer("Flatten"))
    yield layer("Linear", in_features=width, out_features=1000)


def _vit_b_16() -> Iterator[Part]:
    width, norm = 768, layer("LayerNorm", normalized_shape=768, eps=1.0e-6)
    yield layer("Conv2d", in_channels=3, out_channels=width, kernel_size=16, stride=16)
    yield layer("Tokens", patches=196, width=width)
    yield layer("Dropout", p=0.0)
    for _ in range(12):
        yield Add((norm, layer("SelfAttention", embed_dim=width, num_heads=12), layer("Dropout", p=0.0)))
        yield Add((norm, *_mlp(width, 4 * width)))
    yield from (norm, layer("First"), layer("Linear", in_features=width, out_features=1000))


def _mlp(width: int, hidden: int) -> Iterator[Part]:
    yield from (layer("Linear", in_features=width, out_features=hidden), layer("GELU"), layer("Dropout", p=0.0))
    yield from (layer("Linear", in_features=hidden, out_features=width), layer("Dropout", p=0.0))


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "LeNet": Model(parts=(*_lenet(),), by_hand=LeNet, spec="lenet.yaml"),
        "AlexNet": Model(parts=(*_alexnet(),), by_hand=AlexNet, torchvision=models.alexnet, spec="alexnet.yaml"),
        "VGG-16": Model(
            parts=(*_vgg16(),),
            by_hand=VGG16,
            torchvision=models.vgg16,
            spec="vgg.yaml",
            preset="vgg16",
            initialise=as_vgg,
        ),
        "ResNet-18": Model(
            parts=(*_resnet(_basic, 1, (2, 2, 2, 2)),),
            by_hand=resnet18,
            torchvision=models.resnet18,
            spec="resnet.yaml",
            preset="resnet18",
            initialise=as_resnet,
        ),
        "ResNet-50": Model(
            parts=(*_resnet(_bottleneck, 4, (3, 4, 6, 3)),),
            by_hand=resnet50,
            torchvision=models.resnet50,
            spec="resnet.yaml",
            preset="resnet50",
            initialise=as_resnet,
        ),
        "DenseNet-121": Model(
            parts=(*_densenet121(),),
            by_hand=DenseNet121,
            torchvision=models.densenet121,
            spec="densenet.yaml",
            preset="densenet121",
            initialise=as_densenet,
        ),
        "ViT-B/16": Model(
            parts=(*_vit_b_16(),),
            by_hand=VisionTransformer,
            torchvision=models.vit_b_16,
            spec="vit.yaml",
            preset="vit_b_16",
            initialise=as_vit,
        ),
    }
)
