"""The models archspec began with, each as its shipped spec: LeNet, twenty linear layers, and a choice of layers."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import archspec

EXAMPLES = Path(__file__).parents[2] / "examples"

FEATURES = ["conv1", "relu1", "pool1", "conv2", "relu2", "pool2"]
CLASSIFIER = ["fc1", "relu3", "fc2", "relu4", "fc3"]


class LeNet(nn.Module):
    """LeNet as it is written by hand; the layers have names if they are given."""

    def __init__(self, classes: int, names: tuple[list[str], list[str]] | None = None) -> None:
        """Make the layers in order."""
        super().__init__()
        features = [nn.Conv2d(3, 6, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)]
        features += [nn.Conv2d(6, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2, 2)]
        classifier = [nn.Linear(400, 120), nn.ReLU(inplace=True), nn.Linear(120, 84), nn.ReLU(inplace=True)]
        classifier += [nn.Linear(84, classes)]
        self.features = _sequential(features, None if names is None else names[0])
        self.classifier = _sequential(classifier, None if names is None else names[1])

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Features, flattened, classified."""
        return self.classifier(torch.flatten(self.features(input), 1))


def _sequential(layers: list[nn.Module], names: list[str] | None) -> nn.Sequential:
    return nn.Sequential(*layers) if names is None else nn.Sequential(OrderedDict(zip(names, layers, strict=True)))


@pytest.fixture
def linears() -> nn.Module:
    """Twenty linear layers in a ModuleList."""
    return archspec.build(EXAMPLES / "linears.yaml", seed=0)


@pytest.fixture
def choices() -> nn.Module:
    """Two ModuleDicts, a key for each of them given at every call."""
    return archspec.build(EXAMPLES / "choices.yaml", seed=0)


@pytest.mark.parametrize("classes", [10, 100])
@pytest.mark.parametrize(
    ("spec", "names"), [("lenet", (FEATURES, CLASSIFIER)), (EXAMPLES / "lenet_positional.yaml", None)]
)
def test_lenet(spec: str | Path, names: tuple[list[str], list[str]] | None, classes: int) -> None:
    """With named Sequentials and with numbered ones it is the model written by hand: printed, keyed and computed."""
    torch.manual_seed(0)
    by_hand = LeNet(classes, names)
    model = archspec.build(spec, seed=0, classes=classes)
    assert repr(model) == repr(by_hand)
    assert list(model.state_dict()) == list(by_hand.state_dict())
    image = torch.randn(4, 3, 32, 32)
    assert torch.equal(model(image), by_hand(image))
    assert model(image).shape == (4, classes)


def test_the_two_lenets_compute_the_same() -> None:
    """Names are only names."""
    image = torch.randn(2, 3, 32, 32)
    named, numbered = (archspec.build(spec, seed=0) for spec in ("lenet", EXAMPLES / "lenet_positional.yaml"))
    assert torch.equal(named(image), numbered(image))


def test_twenty_linears(linears: nn.Module) -> None:
    """`repeat: 20` in a ModuleList is twenty layers of their own, run one after the other."""
    assert type(linears.linears) is nn.ModuleList
    assert len(linears.linears) == len({*linears.linears}) == 20
    assert {(layer.in_features, layer.out_features) for layer in linears.linears} == {(10, 10)}
    expected = torch.ones(10, 10)
    for layer in linears.linears:
        expected = layer(expected)
    assert torch.equal(linears(torch.ones(10, 10)), expected)


def _halve() -> nn.Linear:
    """A layer whose effect on a result is plain to see."""
    layer = nn.Linear(10, 10, bias=False)
    nn.init.eye_(layer.weight)
    layer.weight.data /= 2
    return layer


def test_append_to_a_module_list(linears: nn.Module) -> None:
    """`append` works as in PyTorch, and forward runs the new layer last."""
    before = linears(torch.ones(10, 10))
    linears.linears.append(_halve())
    assert torch.equal(linears(torch.ones(10, 10)), before / 2)
    assert "linears.20.weight" in linears.state_dict()


def test_extend_a_module_list(linears: nn.Module) -> None:
    """`extend` works as in PyTorch, and forward runs the new layers last."""
    before = linears(torch.ones(10, 10))
    linears.linears.extend([_halve(), _halve()])
    assert torch.equal(linears(torch.ones(10, 10)), before / 4)


def test_insert_into_a_module_list(linears: nn.Module) -> None:
    """`insert` works as in PyTorch, and forward runs the new layer in its place."""
    before = linears(torch.ones(10, 10) / 2)
    linears.linears.insert(0, _halve())
    assert len(linears.linears) == 21
    assert torch.equal(linears(torch.ones(10, 10)), before)


def test_shorten_a_module_list(linears: nn.Module) -> None:
    """Deleting, popping and assigning work as in PyTorch, and forward runs what is left."""
    del linears.linears[1:]
    linears.linears.append(nn.ReLU())
    linears.linears.pop(0)
    linears.linears[0] = _halve()
    assert torch.equal(linears(torch.ones(10, 10)), torch.ones(10, 10) / 2)


@pytest.mark.parametrize(("choice", "size"), [("conv", 30), ("pool", 10)])
@pytest.mark.parametrize("act", ["relu", "prelu"])
def test_choices(choices: nn.Module, choice: str, size: int, act: str) -> None:
    """`net(image, "conv", "relu")` runs the layers of these names and no others."""
    image = torch.randn(4, 10, 32, 32)
    output = choices(image, choice, act)
    assert output.shape == (4, 10, size, size)
    assert torch.equal(output, choices.activations[act](choices.choices[choice](image)))


def test_the_choices_are_a_plain_module_dict(choices: nn.Module) -> None:
    """`items`, `keys` and `values` are PyTorch's, in the order of the spec."""
    assert type(choices.choices) is nn.ModuleDict
    assert list(choices.choices.keys()) == ["conv", "pool"]
    assert [type(layer) for layer in choices.choices.values()] == [nn.Conv2d, nn.MaxPool2d]
    assert dict(choices.activations.items()) == {name: choices.activations[name] for name in ("relu", "prelu")}


def test_add_a_choice(choices: nn.Module) -> None:
    """A layer that is added later can be chosen, as can one that replaces another."""
    choices.choices["same"] = nn.Identity()
    choices.activations.update({"relu": nn.Tanh()})
    image = torch.randn(4, 10, 32, 32)
    assert torch.equal(choices(image, "same", "relu"), torch.tanh(image))


@pytest.mark.parametrize("remove", [lambda layers: layers.pop("conv"), lambda layers: layers.clear()])
def test_remove_a_choice(choices: nn.Module, remove: Callable[[nn.ModuleDict], object]) -> None:
    """What `pop` or `clear` took away cannot be chosen any more, and is no longer in the state."""
    remove(choices.choices)
    assert "conv" not in choices.choices
    assert [key for key in choices.state_dict() if key.startswith("choices")] == []
    with pytest.raises(KeyError, match=r"^'conv'$"):
        choices(torch.randn(4, 10, 32, 32), "conv", "relu")


def test_an_unknown_choice(choices: nn.Module) -> None:
    """A key that no layer has is PyTorch's own KeyError."""
    with pytest.raises(KeyError, match=r"^'convolution'$"):
        choices(torch.randn(4, 10, 32, 32), "convolution", "relu")
