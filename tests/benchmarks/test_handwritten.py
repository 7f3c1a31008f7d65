"""The floor: what is written by hand is the model that the spec describes."""

from collections.abc import Iterator

import pytest
import torch

import archspec
from benchmarks.growth import FAMILIES, make
from benchmarks.interpreter import Interpreted
from benchmarks.peers.models import MODELS, Model

LARGE = [name for name in MODELS if name != "LeNet"]


@pytest.mark.parametrize("title", MODELS)
def test_it_has_the_modules_of_the_spec(title: str) -> None:
    """Whoever compares times compares the same layers under the same names."""
    model = MODELS[title]
    ours = archspec.build(model.spec.removesuffix(".yaml"), preset=model.preset, device="meta")
    with torch.device("meta"):
        floor = model.by_hand()
    assert [(name, value.shape) for name, value in ours.state_dict().items()] == [
        (name, value.shape) for name, value in floor.state_dict().items()
    ]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in floor.named_modules()]


@pytest.mark.parametrize("title", ["LeNet", *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_it_computes_what_the_spec_says(title: str) -> None:
    """Bit by bit, for the same operations run in the same order."""
    ours, floor = _pair(MODELS[title])
    side = 224 if title in LARGE else 32
    image = torch.rand(1, 3, side, side)
    with torch.no_grad():
        assert torch.equal(ours(image), floor(image))


@pytest.mark.slow
@pytest.mark.parametrize("title", [name for name in LARGE if MODELS[name].initialise is not None])
def test_it_is_filled_as_the_spec_says(title: str) -> None:
    """The same first numbers; those of ViT's blocks are drawn in another order, and spread as far."""
    model = MODELS[title]
    ours = archspec.build(model.spec.removesuffix(".yaml"), preset=model.preset, seed=0)
    torch.manual_seed(0)
    floor = model.initialised()
    for (name, value), other in zip(ours.state_dict().items(), floor.state_dict().values(), strict=True):
        if title != "ViT-B/16":
            assert torch.equal(value, other), name
        elif value.numel() > 1000:
            assert value.std().item() == pytest.approx(other.std().item(), rel=0.1), name


def _pair(model: Model) -> Iterator[torch.nn.Module]:
    ours = archspec.build(model.spec.removesuffix(".yaml"), preset=model.preset).eval()
    floor = model.by_hand().eval()
    floor.load_state_dict(ours.state_dict())
    yield from (ours, floor)


@pytest.mark.parametrize("name", FAMILIES)
def test_what_grows_has_the_modules_of_its_text(name: str) -> None:
    """The time and memory of each module are divided by as many as there are."""
    family = FAMILIES[name]
    ours, floor = make(family.source(3)), family.by_hand(3)
    assert [*ours.state_dict()] == [*floor.state_dict()]
    assert [name for name, _ in ours.named_modules()] == [name for name, _ in floor.named_modules()]
    assert len([*floor.modules()]) == 1 + 3 * family.modules


def test_an_interpreter_gives_what_the_module_gives() -> None:
    """The loop that is timed runs the model, with the module's own parameters."""
    module = MODELS["LeNet"].by_hand().eval()
    loop = Interpreted(module)
    image = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(loop(image), module(image))
    assert [*loop.parameters()] == [*module.parameters()]
