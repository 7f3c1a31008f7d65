"""More of torchvision's families: the same keys in the same order, first weights and numbers, bitwise."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.regnet import BlockParams

import archspec

# Presets by family, the smallest first: the first two of each are always tried, the others in the slow tests.
PRESETS = {
    "vgg": ["vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn"],
    "squeezenet": ["squeezenet1_1", "squeezenet1_0"],
    "mnasnet": ["mnasnet0_5", "mnasnet0_75", "mnasnet1_0", "mnasnet1_3"],
    "mobilenet_v3": ["mobilenet_v3_small", "mobilenet_v3_large"],
    "shufflenet_v2": ["shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "shufflenet_v2_x1_5", "shufflenet_v2_x2_0"],
    "googlenet": ["googlenet"],
    "inception_v3": ["inception_v3"],
    "regnet": [
        "regnet_x_400mf",
        "regnet_y_400mf",
        *(f"regnet_{kind}_{size}" for size in ("800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf") for kind in "xy"),
        "regnet_y_128gf",
    ],
    "convnext": ["convnext_tiny", "convnext_small", "convnext_base", "convnext_large"],
    "efficientnet": [
        *(f"efficientnet_b{size}" for size in range(8)),
        *(f"efficientnet_v2_{size}" for size in "sml"),
    ],
}
ALL = [name for names in PRESETS.values() for name in names]
SLOW = {name for names in PRESETS.values() for name in names[2:]}
# 644 million parameters, twice, are compared by keys and shapes only.
META_ONLY = {"regnet_y_128gf"}
ALLOCATED = [
    pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in ALL if name not in META_ONLY
]
SMALLEST = [names[0] for names in PRESETS.values()]
# Two are left out of further tests: VGG has 133 million parameters, Inception v3 trains on images of 299x299.
QUICK = [name for name in SMALLEST if name not in {"vgg11", "inception_v3"}]

FAMILIES = {
    f"torchvision.models.{module}"
    for module in (
        "convnext",
        "efficientnet",
        "googlenet",
        "inception",
        "mnasnet",
        "mobilenetv3",
        "regnet",
        "shufflenetv2",
        "squeezenet",
        "vgg",
    )
}

# torchvision's constructors of these ask whether the slow first weights are wanted; archspec always gives them.
INIT_WEIGHTS = {"googlenet", "inception_v3"}

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
    theirs = _torchvision(request.param)
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
def images(built: Built) -> dict[str, torch.Tensor]:
    """Images as small as the architecture allows, in evaluation and in training."""
    evaluation, training = (96, 299) if built.name == "inception_v3" else (64, 64)
    return {"eval": torch.randn(2, 3, evaluation, evaluation), "train": torch.randn(2, 3, training, training)}


@pytest.fixture(scope="module", params=ALL)
def on_meta(request: pytest.FixtureRequest) -> Pair:
    """An architecture, made by torchvision and by archspec, without numbers."""
    return _torchvision_on_meta(request.param), archspec.build(request.param, device="meta")


def test_every_published_name_of_a_family_is_shipped() -> None:
    """Whoever knows an architecture by torchvision's name finds it under that name."""
    published = {name for name in models.list_models() if models.get_model_builder(name).__module__ in FAMILIES}
    assert published == set(ALL)


def test_state_dict(on_meta: Pair) -> None:
    """Checkpoints go both ways: the same keys in the same order, with the same shapes and dtypes."""
    theirs, ours = on_meta
    assert _entries(ours) == _entries(theirs)


def test_layers(on_meta: Pair) -> None:
    """The module tree holds the same layers at the same paths, but for the three kinds that `_layers` leaves out."""
    theirs, ours = on_meta
    assert _layers(ours) == _layers(theirs)


@pytest.mark.parametrize("name", ["vgg11", "vgg19_bn"])
def test_printed_model(name: str) -> None:
    """Where torchvision uses plain containers, even `print(model)` is the same to the letter."""
    assert repr(archspec.build(name, device="meta")) == repr(_torchvision_on_meta(name))


def test_first_weights(built: Built) -> None:
    """After `torch.manual_seed` the weights are bitwise those of torchvision's constructor, in every family."""
    assert built.unlike == []


def test_weights_go_back(built: Built, pair: Pair) -> None:
    """A model trained here loads into torchvision's, strictly."""
    theirs, ours = pair
    state = ours.state_dict()
    if built.name.startswith("mnasnet"):  # it reads a version of its own from the metadata, and ours has none
        state._metadata = theirs.state_dict()._metadata
    theirs.load_state_dict(state, strict=True)
    assert _different(theirs.state_dict(), ours.state_dict()) == []


def test_output_in_eval_mode(pair: Pair, images: dict[str, torch.Tensor]) -> None:
    """With the same weights the output is bitwise equal, and one tensor: auxiliary heads do not run."""
    with torch.no_grad():
        theirs, ours = (model.eval()(images["eval"]) for model in pair)
    _assert_same(theirs, ours)


def test_output_and_statistics_in_train_mode(pair: Pair, images: dict[str, torch.Tensor]) -> None:
    """So it is in training, with the same seed for dropout and stochastic depth; auxiliary heads are in the tuple."""
    outputs = []
    with torch.no_grad():
        for model in pair:
            torch.manual_seed(1)
            outputs.append(model.train()(images["train"]))
    _assert_all_same(*outputs)
    theirs, ours = pair
    assert _different(dict(theirs.named_buffers()), dict(ours.named_buffers())) == []


@pytest.mark.parametrize(("name", "count"), [("googlenet", 3), ("inception_v3", 2)])
def test_auxiliary_heads(name: str, count: int) -> None:
    """In training the output is a tuple, with the logits first; a head that does not run has its weights still."""
    model = archspec.build(name, device="meta")
    image = torch.empty(2, 3, 299, 299, device="meta")
    assert [output.shape for output in model.train()(image)] == [(2, 1000)] * count
    assert model.eval()(image).shape == (2, 1000)


@pytest.mark.parametrize("name", [name for name in QUICK if name != "googlenet"])
def test_gradients(name: str) -> None:
    """A backward pass gives every parameter the same gradient, so training goes the same way."""
    theirs, ours = _same_weights(_torchvision(name), archspec.build(name))
    image, target = torch.randn(2, 3, 64, 64), torch.tensor([1, 2])
    gradients = [_gradients(model, image, target) for model in (theirs, ours)]
    assert len(gradients[0]) == len([*theirs.parameters()])
    assert _different(*gradients) == []


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("shape", [(1, 3, 96, 64), (3, 3, 65, 97)])
def test_other_image_sizes(name: str, shape: tuple[int, ...]) -> None:
    """These take images of any size and batches of any number, as the originals."""
    theirs, ours = _same_weights(_torchvision(name), archspec.build(name))
    image = torch.randn(shape)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


@pytest.mark.parametrize("name", SMALLEST)
def test_named_dimensions_vary(name: str) -> None:
    """`N`, `H` and `W` are names in these specs, and nothing in the model fixes them."""
    compilation = archspec.compile(name)
    assert [item.dims for item in compilation.graph.inputs] == [("N", None, "H", "W")]
    assert compilation.fixed_dimensions == {}


def _convnext() -> nn.Module:
    blocks = [CNBlockConfig(8, 16, 2), CNBlockConfig(16, None, 3)]
    return models.ConvNeXt(blocks, stochastic_depth_prob=0.9, layer_scale=0.5, num_classes=7)


PARAMS: list[tuple[str, dict[str, Any], Callable[[], nn.Module]]] = [
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
]


@pytest.mark.parametrize(("name", "params", "original"), PARAMS, ids=[f"{item[0]}-{item[1]}" for item in PARAMS])
def test_params(name: str, params: dict[str, Any], original: Callable[[], nn.Module]) -> None:
    """Every param does what torchvision's argument does: to shapes, first weights, and numbers in both modes."""
    torch.manual_seed(0)
    theirs = original()
    ours = archspec.compile(name, params=params).build(seed=0)
    assert _entries(ours) == _entries(theirs)
    assert _different(theirs.state_dict(), ours.state_dict()) == []
    image = torch.randn(4, 3, 64, 64)
    _same_weights(theirs, ours)
    for train in (True, False):
        outputs = []
        for model in (theirs, ours):
            torch.manual_seed(2)
            outputs.append(model.train(train)(image))
        _assert_all_same(*outputs)


def test_transformed_input_of_inception() -> None:
    """`transform_input` takes images as torchvision's other networks do, to the same bits."""
    theirs = models.Inception3(transform_input=True, init_weights=False)
    ours = archspec.build("inception_v3", transform_input=True)
    _same_weights(theirs, ours)
    image = torch.randn(2, 3, 80, 80)
    with torch.no_grad():
        _assert_same(theirs(image), ours(image))


def _torchvision(name: str) -> nn.Module:
    return models.get_model(name, **({"init_weights": True} if name in INIT_WEIGHTS else {}))


def _torchvision_on_meta(name: str) -> nn.Module:
    """RegNet works out its widths with tensors, which must hold numbers."""
    work_out = BlockParams.from_init_params

    def on_cpu(*args: Any, **kwargs: Any) -> BlockParams:
        with torch.device("cpu"):
            return work_out(*args, **kwargs)

    with torch.device("meta"), patch.object(BlockParams, "from_init_params", on_cpu):
        return models.get_model(name, **({"init_weights": False} if name in INIT_WEIGHTS else {}))


def _entries(model: nn.Module) -> list[tuple[str, tuple[int, ...], torch.dtype]]:
    """What a checkpoint of the model holds, in order."""
    return [(key, tuple(value.shape), value.dtype) for key, value in model.state_dict().items()]


def _layers(model: nn.Module) -> dict[str, str]:
    """Every layer by its path, as it prints itself, but for three kinds.

    torchvision's `StochasticDepth` is an operation here, an empty `Sequential` that nothing runs is not there, and
    `LayerNorm2d` is a layer of torchvision's own, for which a block with the same parameters stands.
    """
    layers = {path: module for path, module in model.named_modules() if not [*module.children()]}
    left_out = ("StochasticDepth", "Sequential", "LayerNorm2d")
    return {path: repr(module) for path, module in layers.items() if type(module).__name__ not in left_out}


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


def _assert_all_same(theirs: Any, ours: Any) -> None:
    """The same of tuples, of as many tensors."""
    pairs = zip(theirs, ours, strict=True) if isinstance(theirs, tuple) else [(theirs, ours)]
    for their, our in pairs:
        _assert_same(their, our)


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
