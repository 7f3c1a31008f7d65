"""The shipped architectures are torchvision's: the same keys in the same order, first weights and numbers, bitwise."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn
from torchvision import models

import archspec

FAST = ["alexnet", "densenet121", "mobilenet_v2", "resnet18", "resnet50", "resnext50_32x4d", "vit_b_32"]
SLOW = [
    "densenet161",
    "densenet169",
    "densenet201",
    "resnet34",
    "resnet101",
    "resnet152",
    "resnext101_32x8d",
    "resnext101_64x4d",
    "vit_b_16",
    "vit_l_16",
    "vit_l_32",
    "wide_resnet50_2",
    "wide_resnet101_2",
]
# 632 million parameters twice over are more than a test should allocate: its shapes are compared on meta, its numbers
# are those of the other Vision Transformers.
META_ONLY = ["vit_h_14"]

ALLOCATED = [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
ALL = [*FAST, *SLOW, *META_ONLY]

FAMILIES = {
    f"torchvision.models.{module}" for module in ("alexnet", "densenet", "mobilenetv2", "resnet", "vision_transformer")
}

Pair = tuple[nn.Module, nn.Module]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """An architecture twice over, and the keys whose first weights were not the same."""

    name: str
    models: Pair
    unlike: list[str]


@pytest.fixture(scope="module", params=ALLOCATED)
def built(request: pytest.FixtureRequest) -> Built:
    """An architecture, made by torchvision and by archspec from the same random state; then theirs is disturbed."""
    torch.manual_seed(0)
    theirs = models.get_model(request.param)
    torch.manual_seed(0)
    ours = archspec.build(request.param)
    unlike = _different(theirs.state_dict(), ours.state_dict())
    _disturb(theirs)
    return Built(name=request.param, models=(theirs, ours), unlike=unlike)


@pytest.fixture
def pair(built: Built) -> Pair:
    """Both models, in the same state: torchvision's, loaded strictly."""
    theirs, ours = built.models
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs, ours


@pytest.fixture
def image(built: Built) -> torch.Tensor:
    """Images as small as the architecture allows; a Vision Transformer takes one size only."""
    size = 224 if built.name.startswith("vit") else 64
    return torch.randn(2, 3, size, size)


def test_every_published_name_of_a_family_is_shipped() -> None:
    """Whoever knows an architecture by torchvision's name finds it under that name."""
    published = {name for name in models.list_models() if models.get_model_builder(name).__module__ in FAMILIES}
    assert published == set(ALL)


@pytest.mark.parametrize("name", ALL)
def test_state_dict(name: str) -> None:
    """Checkpoints go both ways: the same keys in the same order, with the same shapes and dtypes."""
    with torch.device("meta"):
        theirs = models.get_model(name)
    assert _entries(archspec.build(name, device="meta")) == _entries(theirs)


@pytest.mark.parametrize("name", ALL)
def test_layers(name: str) -> None:
    """The module tree holds the same layers at the same paths; Bottlenecks register their one `relu` elsewhere."""
    with torch.device("meta"):
        theirs = models.get_model(name)
    assert _layers(archspec.build(name, device="meta")) == _layers(theirs)


@pytest.mark.parametrize("name", ["alexnet", "resnet18", "resnet34"])
def test_printed_model(name: str) -> None:
    """Where torchvision uses plain containers, even `print(model)` is the same to the letter."""
    with torch.device("meta"):
        theirs = models.get_model(name)
    assert repr(archspec.build(name, device="meta")) == repr(theirs)


def test_first_weights(built: Built) -> None:
    """After `torch.manual_seed` the weights are bitwise those of torchvision's constructor: `init:` is all it takes."""
    assert built.unlike == []


def test_weights_go_back(pair: Pair) -> None:
    """A model trained here loads into torchvision's, strictly."""
    theirs, ours = pair
    theirs.load_state_dict(ours.state_dict(), strict=True)


def test_output_in_eval_mode(pair: Pair, image: torch.Tensor) -> None:
    """With the same weights the output is bitwise equal."""
    with torch.no_grad():
        outputs = [model.eval()(image) for model in pair]
    _assert_same(*outputs)


def test_output_and_statistics_in_train_mode(pair: Pair, image: torch.Tensor) -> None:
    """So it is in training, dropout included when the seed is the same, and batch norm keeps the same statistics."""
    outputs = []
    with torch.no_grad():
        for model in pair:
            torch.manual_seed(1)
            outputs.append(model.train()(image))
    _assert_same(*outputs)
    theirs, ours = pair
    assert _different(dict(theirs.named_buffers()), dict(ours.named_buffers())) == []


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "densenet121"])
def test_gradients(name: str) -> None:
    """A backward pass gives every parameter the same gradient, so training goes the same way."""
    theirs, ours = _same_weights(models.get_model(name), archspec.build(name))
    image, target = torch.randn(2, 3, 64, 64), torch.tensor([1, 2])
    gradients = [_gradients(model, image, target) for model in (theirs, ours)]
    assert len(gradients[0]) == len([*theirs.parameters()])
    assert _different(*gradients) == []


@pytest.mark.parametrize("name", ["alexnet", "densenet121", "mobilenet_v2", "resnet18"])
@pytest.mark.parametrize("shape", [(1, 3, 96, 64), (3, 3, 65, 97)])
def test_other_image_sizes(name: str, shape: tuple[int, ...]) -> None:
    """An architecture with adaptive pooling takes images of any size and batches of any number, as the original."""
    theirs, ours = _same_weights(models.get_model(name), archspec.build(name))
    image = torch.randn(shape)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


@pytest.mark.parametrize("name", ["alexnet", "densenet", "mobilenet_v2", "resnet"])
def test_named_dimensions_vary(name: str) -> None:
    """`N`, `H` and `W` are names in these specs, and nothing in the model fixes them."""
    compilation = archspec.compile(name)
    assert [item.dims for item in compilation.graph.inputs] == [("N", None, "H", "W")]
    assert compilation.fixed_dimensions == {}


@pytest.mark.parametrize("name", ["lenet", "vit"])
def test_fixed_dimensions_are_numbers(name: str) -> None:
    """Where the model fixes the size of an image, the spec says so."""
    assert [item.dims for item in archspec.compile(name).graph.inputs] == [("N", None, None, None)]


PARAMS: list[Any] = [
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
]


@pytest.mark.parametrize(("name", "params", "original"), PARAMS, ids=[f"{item[0]}-{item[1]}" for item in PARAMS])
def test_params(name: str, params: dict[str, Any], original: Any) -> None:
    """Every param does what torchvision's argument does: to shapes, first weights, and numbers in both modes."""
    torch.manual_seed(0)
    theirs = original()
    ours = archspec.compile(name, params=params).build(seed=0)
    assert _entries(ours) == _entries(theirs)
    assert _different(theirs.state_dict(), ours.state_dict()) == []
    image = torch.randn(2, 3, 56, 56) if name == "vit" else torch.randn(2, 3, 64, 64)
    _same_weights(theirs, ours)
    for train in (True, False):
        outputs = []
        for model in (theirs, ours):
            torch.manual_seed(2)
            outputs.append(model.train(train)(image))
        _assert_same(*outputs)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2"])
def test_reduced_precision(name: str) -> None:
    """`dtype=` is what `.to(dtype)` of the original is, bitwise, in bfloat16 too."""
    theirs, ours = _same_weights(models.get_model(name).to(torch.bfloat16), archspec.build(name, dtype=torch.bfloat16))
    image = torch.randn(2, 3, 64, 64, dtype=torch.bfloat16)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


def _entries(model: nn.Module) -> list[tuple[str, tuple[int, ...], torch.dtype]]:
    """What a checkpoint of the model holds, in order."""
    return [(key, tuple(value.shape), value.dtype) for key, value in model.state_dict().items()]


def _layers(model: nn.Module) -> dict[str, str]:
    """Every layer by its path, as it prints itself."""
    return {path: repr(module) for path, module in model.named_modules() if not [*module.children()]}


def _different(some: dict[str, torch.Tensor], others: dict[str, torch.Tensor]) -> list[str]:
    """The names whose tensors are not bitwise equal; all of them must be on both sides."""
    assert list(some) == list(others)
    return [name for name, value in some.items() if not torch.equal(value, others[name])]


def _disturb(model: nn.Module) -> None:
    """Add a little to every number in the model's state, so that none is a plain zero; variances stay positive."""
    with torch.no_grad():
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                noise = torch.randn_like(value) * 0.002
                value.add_(noise.abs() if name.endswith("running_var") else noise)


def _assert_same(theirs: torch.Tensor, ours: torch.Tensor) -> None:
    """Bitwise equal, and worth comparing: finite and not all one number."""
    assert theirs.std() > 0
    assert torch.equal(ours, theirs)


def _same_weights(theirs: nn.Module, ours: nn.Module) -> Pair:
    """Both models in eval mode, with torchvision's weights, disturbed."""
    _disturb(theirs)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs.eval(), ours.eval()


def _gradients(model: nn.Module, image: torch.Tensor, target: torch.Tensor) -> dict[str, torch.Tensor]:
    """The gradient of every parameter after one backward pass in train mode with a seed of its own."""
    torch.manual_seed(3)
    nn.functional.cross_entropy(model.train()(image), target).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
