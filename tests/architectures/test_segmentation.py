"""FCN and DeepLabV3 are torchvision's: the same keys in the same order, first weights and numbers, bitwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from unittest.mock import patch

import pytest
import torch
from torch import nn
from torchvision import models
from torchvision.models.segmentation.fcn import FCNHead

import archspec

FAST = ["fcn_resnet50", "deeplabv3_resnet50"]
SLOW = ["fcn_resnet101", "deeplabv3_resnet101"]
ALL = [*FAST, *SLOW]
FAMILIES = {"torchvision.models.segmentation.fcn", "torchvision.models.segmentation.deeplabv3"}
# Its backbone is the features of a MobileNetV3 under other names.
NOT_SHIPPED = {"deeplabv3_mobilenet_v3_large"}

# What torchvision says in the metadata of its weights, which have the auxiliary head.
PUBLISHED = {
    "fcn_resnet50": 35_322_218,
    "fcn_resnet101": 54_314_346,
    "deeplabv3_resnet50": 42_004_074,
    "deeplabv3_resnet101": 60_996_202,
}

Pair = tuple[nn.Module, nn.Module]
Output = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A model twice over, and the keys whose first weights were not the same."""

    aux: bool
    models: Pair
    unlike: list[str]


def _cases() -> Iterator[object]:
    for name in ALL:
        marks = [pytest.mark.slow] if name in SLOW else []
        yield pytest.param((name, False), marks=marks, id=name)
        yield pytest.param((name, True), marks=marks, id=f"{name}-aux")


@pytest.fixture(scope="module", params=_cases())
def built(request: pytest.FixtureRequest) -> Built:
    """A model, made by torchvision and by archspec from the same random state; then theirs is disturbed."""
    name, aux = request.param
    torch.manual_seed(0)
    theirs = _torchvision_in_our_order(name, aux=aux)
    ours = archspec.build(name, seed=0, aux_loss=aux)
    unlike = _different(theirs.state_dict(), ours.state_dict())
    _disturb(theirs)
    return Built(aux=aux, models=(theirs, ours), unlike=unlike)


@pytest.fixture
def pair(built: Built) -> Pair:
    """Both models, in the same state: torchvision's, loaded strictly."""
    theirs, ours = built.models
    ours.load_state_dict(theirs.state_dict(), strict=True)
    return theirs, ours


def _torchvision(name: str, *, aux: bool, classes: int | None = None) -> nn.Module:
    return models.get_model(name, weights_backbone=None, aux_loss=aux, num_classes=classes)


def _torchvision_in_our_order(name: str, *, aux: bool) -> nn.Module:
    """The model with random numbers drawn in the order in which its modules stand.

    torchvision draws some for a last layer of the backbone that it then throws away, and makes the auxiliary head
    before the classifier. With a backbone that draws none for that layer, and a head made afterwards, the order is that
    of the `state_dict`.
    """
    with patch.object(nn.Linear, "reset_parameters", lambda _: None):
        model = _torchvision(name, aux=False)
    model.aux_classifier = FCNHead(1024, 21) if aux else None
    if aux:
        model.backbone.return_layers["layer3"] = "aux"
    return model


def test_every_published_name_of_a_family_is_shipped() -> None:
    """Whoever knows an architecture by torchvision's name finds it under that name."""
    published = {name for name in models.list_models() if models.get_model_builder(name).__module__ in FAMILIES}
    assert published - NOT_SHIPPED == set(ALL)


@pytest.mark.parametrize("aux", [False, True])
@pytest.mark.parametrize("name", ALL)
def test_state_dict_and_layers(name: str, *, aux: bool) -> None:
    """Checkpoints go both ways, and the tree holds the same layers at the same paths, with and without the head."""
    with torch.device("meta"):
        theirs = _torchvision(name, aux=aux)
    ours = archspec.build(name, device="meta", aux_loss=aux)
    assert _entries(ours) == _entries(theirs)
    assert _layers(ours) == _layers(theirs)


@pytest.mark.parametrize("name", ALL)
def test_published_counts(name: str) -> None:
    """With the auxiliary head, a model has as many parameters as torchvision says of its weights."""
    assert archspec.compile(name, params={"aux_loss": True}).graph.parameters == PUBLISHED[name]


def test_first_weights(built: Built) -> None:
    """The backbone, the classifier and the auxiliary head begin as those that torchvision makes."""
    assert built.unlike == []


def test_outputs_and_statistics(built: Built, pair: Pair) -> None:
    """A dictionary of scores for every pixel, bitwise equal in both modes, with the auxiliary ones last."""
    image = torch.randn(2, 3, 65, 48)
    for train in (False, True):
        theirs, ours = (_run(model, image, train=train) for model in pair)
        assert [*ours] == [*theirs] == (["out", "aux"] if built.aux else ["out"])
        assert all(ours[key].shape == (2, 21, 65, 48) for key in ours)
        assert all(theirs[key].std() > 0 for key in theirs)
        assert _different(theirs, ours) == []
    assert _different(*(dict(model.named_buffers()) for model in pair)) == []


@pytest.mark.slow
def test_gradients(pair: Pair) -> None:
    """A backward pass gives every parameter the same gradient, so training goes the same way."""
    image = torch.randn(2, 3, 32, 32)
    gradients = []
    for model in pair:
        model.zero_grad()
        scores = _run(model, image, train=True, learn=True)
        sum(value.square().mean() for value in scores.values()).backward()  # type: ignore[union-attr]
        gradients.append({name: value.grad for name, value in model.named_parameters() if value.grad is not None})
    assert len(gradients[0]) == len([*pair[0].parameters()])
    assert _different(*gradients) == []


def test_dilation() -> None:
    """A ResNet alone takes `replace_stride_with_dilation` too, in the stages that torchvision's argument names."""
    for stages in ([True, False, False], [False, True, False], [True, True, True]):
        torch.manual_seed(0)
        theirs = models.ResNet(models.resnet.Bottleneck, [1, 2, 2, 2], replace_stride_with_dilation=stages)
        ours = archspec.build(
            "resnet", seed=0, block="Bottleneck", layers=[1, 2, 2, 2], replace_stride_with_dilation=stages
        )
        assert _layers(ours) == _layers(theirs)
        assert _different(theirs.state_dict(), ours.state_dict()) == []
        image = torch.randn(2, 3, 48, 48)
        with torch.no_grad():
            assert torch.equal(ours.eval()(image), theirs.eval()(image))


def test_a_dilated_basic_block_keeps_the_size() -> None:
    """Where torchvision's BasicBlock takes no dilation, ours does, and later stages see a larger image."""
    shapes = []
    for stages in ([False] * 3, [False, True, True]):
        model = archspec.build("resnet18", replace_stride_with_dilation=stages)
        model.layer4.register_forward_hook(lambda _, __, output: shapes.append(output.shape))
        model(torch.randn(2, 3, 64, 64))
    assert shapes == [(2, 512, 2, 2), (2, 512, 8, 8)]


def _run(model: nn.Module, image: torch.Tensor, *, train: bool, learn: bool = False) -> Output:
    torch.manual_seed(1)
    with torch.set_grad_enabled(learn):
        scores: Output = model.train(train)(image)
    return scores


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
