"""torchvision's families beyond equal numbers: the same layers, image sizes, params, heads and reduced precision."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.regnet import BlockParams
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformerBlockV2

import archspec

CLASSIFIERS = sorted(models.list_models(module=models))
# One of each family that takes images of any size, and is quick.
ANY_SIZE = [
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "mnasnet0_5", "mobilenet_v2"),
    *("mobilenet_v3_small", "regnet_x_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "swin_v2_t"),
]
# torchvision's constructors of these ask whether the slow first weights are wanted; archspec always gives them.
INIT_WEIGHTS = {"googlenet", "inception_v3"}

Entries = list[tuple[str, tuple[int, ...], torch.dtype]]
Pair = tuple[nn.Module, nn.Module]
# Makes both models equal and gives them in eval mode.
Same = Callable[[nn.Module, nn.Module], Pair]


@pytest.fixture
def same_weights(disturb: Callable[[nn.Module], None]) -> Same:
    """Gives both models in eval mode, with the weights of the first, disturbed."""

    def same(theirs: nn.Module, ours: nn.Module) -> Pair:
        disturb(theirs)
        ours.load_state_dict(theirs.state_dict(), strict=True)
        return theirs.eval(), ours.eval()

    return same


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_layers(name: str) -> None:
    """The module tree holds the same layers at the same paths, but for the kinds that `_layers` leaves out."""
    theirs, ours = _layers(_on_meta(name)), _layers(archspec.build(name, device="meta"))
    if name.startswith("swin_v2"):  # a block stands for the Linear whose keys have no bias
        theirs |= {path: "QueryKeyValue()" for path in theirs if path.endswith(".qkv")}
    assert ours == theirs


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "resnet34", "vgg11", "vgg19_bn"])
def test_printed_model(name: str) -> None:
    """Where torchvision uses plain containers, even `print(model)` is the same to the letter."""
    assert repr(archspec.build(name, device="meta")) == repr(_on_meta(name))


@pytest.mark.parametrize(("name", "count"), [("googlenet", 3), ("inception_v3", 2)])
def test_auxiliary_heads(name: str, count: int) -> None:
    """In training the output is a tuple, with the logits first; a head that does not run has its weights still."""
    model = archspec.build(name, device="meta")
    image = torch.empty(2, 3, 299, 299, device="meta")
    assert [output.shape for output in model.train()(image)] == [(2, 1000)] * count
    assert model.eval()(image).shape == (2, 1000)


@pytest.mark.parametrize("name", ANY_SIZE)
@pytest.mark.parametrize("shape", [(1, 3, 96, 64), (3, 3, 65, 97)])
def test_other_image_sizes(name: str, shape: tuple[int, ...], same_weights: Same) -> None:
    """These take images of any size and batches of any number, as the originals."""
    theirs, ours = same_weights(_torchvision(name), archspec.build(name))
    image = torch.randn(shape)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


@pytest.mark.parametrize("name", [*ANY_SIZE, "inception_v3", "vgg11"])
def test_named_dimensions_vary(name: str) -> None:
    """`N`, `H` and `W` are names in these specs, and nothing in the model fixes them."""
    compilation = archspec.compile(name)
    assert [item.dims for item in compilation.graph.inputs] == [("N", None, "H", "W")]
    assert compilation.fixed_dimensions == {}


@pytest.mark.parametrize("name", ["lenet", "maxvit", "vit"])
def test_fixed_dimensions_are_numbers(name: str) -> None:
    """Where the model fixes the size of an image, the spec says so."""
    assert [item.dims for item in archspec.compile(name).graph.inputs] == [("N", None, None, None)]


def _convnext() -> nn.Module:
    blocks = [CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 3)]
    return models.ConvNeXt(blocks, stochastic_depth_prob=0.9, layer_scale=0.5, num_classes=7)


def _swin_v2() -> nn.Module:
    return models.SwinTransformer(
        [4, 4],
        8,
        [1, 2],
        [2, 4],
        [6, 6],
        dropout=0.1,
        stochastic_depth_prob=0.2,
        block=SwinTransformerBlockV2,
        downsample_layer=PatchMergingV2,
    )


def _maxvit() -> nn.Module:
    return models.MaxVit(
        (64, 64),
        8,
        8,
        [8, 16],
        [1, 2],
        4,
        0.5,
        norm_layer=nn.BatchNorm2d,
        squeeze_ratio=0.5,
        expansion_ratio=2,
        mlp_ratio=3,
        mlp_dropout=0.2,
        attention_dropout=0.1,
        num_classes=7,
    )


PARAMS: list[Any] = [
    (
        "squeezenet1_0",
        {"num_classes": 7, "dropout": 0.3},
        lambda: models.squeezenet1_0(num_classes=7, dropout=0.3),
    ),
    (
        "mnasnet",
        {"alpha": 0.35, "num_classes": 7, "dropout": 0.5},
        lambda: models.MNASNet(0.35, num_classes=7, dropout=0.5),
    ),
    (
        "mobilenet_v3_small",
        {"width_mult": 0.6, "num_classes": 7, "dropout": 0.5},
        lambda: models.mobilenet_v3_small(width_mult=0.6, num_classes=7, dropout=0.5),
    ),
    (
        "mobilenet_v3_large",
        {"width_mult": 0.35},
        lambda: models.mobilenet_v3_large(width_mult=0.35),
    ),
    (
        "shufflenet_v2",
        {"widths": [8, 16, 32, 64, 24], "repeats": [2, 1, 3], "num_classes": 7},
        lambda: models.ShuffleNetV2([2, 1, 3], [8, 16, 32, 64, 24], num_classes=7),
    ),
    (
        "googlenet",
        {"num_classes": 7, "dropout": 0.5, "dropout_aux": 0.3, "transform_input": True},
        lambda: models.GoogLeNet(7, transform_input=True, init_weights=True, dropout=0.5, dropout_aux=0.3),
    ),
    (
        "convnext",
        {
            "depths": [2, 3],
            "dims": [8, 16],
            "stochastic_depth_prob": 0.9,
            "layer_scale": 0.5,
            "num_classes": 7,
        },
        _convnext,
    ),
    (
        "efficientnet_b0",
        {"stochastic_depth_prob": 0.9, "dropout": 0.5, "num_classes": 7},
        lambda: models.efficientnet_b0(stochastic_depth_prob=0.9, dropout=0.5, num_classes=7),
    ),
    ("alexnet", {"num_classes": 7, "dropout": 0.3}, lambda: models.alexnet(num_classes=7, dropout=0.3)),
    *(
        ("mobilenet_v2", {"width_mult": width}, lambda width=width: models.mobilenet_v2(width_mult=width))
        for width in (0.35, 0.5, 0.75, 1.4)
    ),
    ("mobilenet_v2", {"dropout": 0.5}, lambda: models.mobilenet_v2(dropout=0.5)),
    (
        "densenet",
        {"growth_rate": 8, "block_config": [2, 3], "init_features": 10, "bn_size": 2, "drop_rate": 0.4},
        lambda: models.DenseNet(8, (2, 3), 10, bn_size=2, drop_rate=0.4),
    ),
    (
        "resnet",
        {"block": "Bottleneck", "layers": [1, 2, 1, 1], "groups": 4, "width_per_group": 8, "num_classes": 3},
        lambda: models.ResNet(models.resnet.Bottleneck, [1, 2, 1, 1], 3, groups=4, width_per_group=8),
    ),
    (
        "vit",
        {
            "patch": 14,
            "image_size": 56,
            "depth": 2,
            "heads": 4,
            "dim": 32,
            "mlp_dim": 64,
            "dropout": 0.1,
            "attention_dropout": 0.2,
        },
        lambda: models.VisionTransformer(56, 14, 2, 4, 32, 64, dropout=0.1, attention_dropout=0.2),
    ),
    (
        "swin",
        {
            "patch": 2,
            "dim": 8,
            "depths": [1, 3],
            "heads": [2, 4],
            "window": 5,
            "mlp_ratio": 3.0,
            "dropout": 0.1,
            "attention_dropout": 0.2,
            "stochastic_depth_prob": 0.9,
            "num_classes": 7,
        },
        lambda: models.SwinTransformer(
            [2, 2], 8, [1, 3], [2, 4], [5, 5], 3.0, 0.1, attention_dropout=0.2, stochastic_depth_prob=0.9, num_classes=7
        ),
    ),
    ("swin_v2", {"dim": 8, "depths": [1, 2], "heads": [2, 4], "window": 6, "dropout": 0.1}, _swin_v2),
    (
        "maxvit",
        {
            "image_size": 64,
            "stem_channels": 8,
            "channels": [8, 16],
            "depths": [1, 2],
            "head_dim": 4,
            "partition": 8,
            "mlp_ratio": 3,
            "expansion_ratio": 2.0,
            "squeeze_ratio": 0.5,
            "attention_dropout": 0.1,
            "mlp_dropout": 0.2,
            "stochastic_depth_prob": 0.5,
            "norm": "BatchNorm2d",
            "num_classes": 7,
        },
        _maxvit,
    ),
]


@pytest.mark.parametrize(("name", "params", "original"), PARAMS, ids=[f"{item[0]}-{item[1]}" for item in PARAMS])
def test_params(
    name: str,
    params: dict[str, Any],
    original: Callable[[], nn.Module],
    entries: Callable[[nn.Module], Entries],
    same_weights: Same,
) -> None:
    """Every param does what torchvision's argument does: to shapes, first weights, and numbers in both modes."""
    torch.manual_seed(0)
    theirs = original()
    ours = archspec.compile(name, params=params).build(seed=0)
    assert entries(ours) == entries(theirs)
    first = [*zip(theirs.state_dict().values(), ours.state_dict().values(), strict=True)]
    assert all(torch.equal(their, our) for their, our in first)
    image = torch.randn(4, 3, 56, 56) if name == "vit" else torch.randn(4, 3, 64, 64)
    same_weights(theirs, ours)
    for train in (True, False):
        outputs = []
        for model in (theirs, ours):
            torch.manual_seed(2)
            outputs.append(model.train(train)(image))
        _assert_same(*outputs)


def test_transformed_input_of_inception(same_weights: Same) -> None:
    """`transform_input` takes images as torchvision's other networks do, to the same bits."""
    theirs = models.Inception3(transform_input=True, init_weights=False)
    ours = archspec.build("inception_v3", transform_input=True)
    same_weights(theirs, ours)
    image = torch.randn(2, 3, 80, 80)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "swin_v2_t"])
def test_reduced_precision(name: str, same_weights: Same) -> None:
    """`dtype=` is what `.to(dtype)` of the original is, bitwise, in bfloat16 too."""
    theirs, ours = same_weights(_torchvision(name).to(torch.bfloat16), archspec.build(name, dtype=torch.bfloat16))
    image = torch.randn(2, 3, 64, 64, dtype=torch.bfloat16)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


def _torchvision(name: str) -> nn.Module:
    return models.get_model(name, **({"init_weights": True} if name in INIT_WEIGHTS else {}))


def _on_meta(name: str) -> nn.Module:
    """A model of torchvision without numbers. RegNet works out its widths with tensors, which must hold some."""
    work_out = BlockParams.from_init_params

    def on_cpu(*args: Any, **kwargs: Any) -> BlockParams:
        with torch.device("cpu"):
            return work_out(*args, **kwargs)

    with torch.device("meta"), patch.object(BlockParams, "from_init_params", on_cpu):
        return models.get_model(name, **({"init_weights": False} if name in INIT_WEIGHTS else {}))


# torchvision's modules without weights that are operations here, and blocks of operations that it has no modules for.
# What does nothing (`Identity`, an empty `Sequential`) is not there. `LayerNorm2d` is a layer of torchvision's own, for
# which a block with the same parameters stands.
LEFT_OUT = {
    *("StochasticDepth", "SwapAxes", "WindowPartition", "WindowDepartition"),
    *("Windows", "Image", "Masked"),
    *("Identity", "Sequential", "LayerNorm2d"),
}


def _layers(model: nn.Module) -> dict[str, str]:
    """Every layer by its path, as it prints itself, but for those left out."""
    layers = {path: module for path, module in model.named_modules() if not [*module.children()]}
    return {path: repr(module) for path, module in layers.items() if type(module).__name__ not in LEFT_OUT}


def _assert_same(theirs: Any, ours: Any) -> None:
    """Bitwise equal, and worth comparing: finite and not all one number. Tuples of as many tensors."""
    pairs = zip(theirs, ours, strict=True) if isinstance(theirs, tuple) else [(theirs, ours)]
    for their, our in pairs:
        assert their.std() > 0
        assert torch.equal(our, their)
