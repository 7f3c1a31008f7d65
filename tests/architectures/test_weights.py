"""Weights of the architectures that ship: what torchvision saves loads, and what archspec saves comes back."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision import models

import archspec
from archspec.emit.weights import save_weights
from archspec.spec.shipped import shipped

PUBLISHED = sorted({name for item in shipped().values() for name in item.names} & set(models.list_models()))
QUICK = {"densenet121", "mobilenet_v2", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1"}
# Two of each, 600 million parameters and more, would take more memory than a test should.
HUGE = {"regnet_y_128gf", "vit_h_14"}
INIT_WEIGHTS = {"googlenet", "inception_v3"}


def _torchvision(name: str) -> nn.Module:
    """The model of torchvision; random numbers come later, so that its constructor need not draw any."""
    options: dict[str, Any] = {"init_weights": False} if name in INIT_WEIGHTS else {}
    if name.startswith(("deeplabv3", "fcn", "lraspp")):
        options["weights_backbone"] = None
    with torch.device("cpu" if name.startswith("regnet") else "meta"):  # the rule of RegNet reads tensors
        return models.get_model(name, **options)


def _state(model: nn.Module) -> dict[str, torch.Tensor]:
    """Numbers for every key of a model, such that outputs neither vanish nor overflow."""
    state = {}
    for key, tensor in model.state_dict().items():
        if not tensor.is_floating_point():
            state[key] = torch.zeros(tensor.shape, dtype=tensor.dtype)
        elif tensor.ndim < 2:
            state[key] = torch.rand(tensor.shape) * 0.1 + (0.95 if key.endswith(("weight", "var")) else 0)
        else:
            state[key] = torch.randn(tensor.shape) * (2 / tensor[0].numel()) ** 0.5
    return state


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in PUBLISHED if name not in HUGE],
)
def test_what_torchvision_saves_loads(name: str, tmp_path: Path) -> None:
    """As safetensors and as a file of torch.save, bitwise, with nothing left on meta."""
    state = _state(_torchvision(name))
    compilation = archspec.compile(name)
    save_file(state, tmp_path / "net.safetensors")
    torch.save(state, tmp_path / "net.pth")
    for file in ("net.safetensors", "net.pth"):
        model = compilation.build(weights=tmp_path / file, allow_pickle=True)
        found = model.state_dict()
        assert list(found) == list(state)
        assert all(torch.equal(found[key], value) for key, value in state.items())
        assert not any(tensor.is_meta for tensor in (*model.parameters(), *model.buffers()))
        (tmp_path / file).unlink()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["googlenet", "maxvit_t", "mnasnet0_5", "regnet_x_400mf", "resnet18", "swin_t", "vit_b_32"]
)
def test_outputs_are_those_of_torchvision(name: str, tmp_path: Path) -> None:
    """With the weights that it saved, bitwise: tables that no file holds are there too."""
    torch.manual_seed(0)
    theirs = models.get_model(name, **({"init_weights": True} if name in INIT_WEIGHTS else {})).eval()
    torch.save(theirs.state_dict(), tmp_path / "net.pth")
    ours = archspec.build(name, weights=tmp_path / "net.pth", allow_pickle=True).eval()
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        assert torch.equal(ours(image), theirs(image))


def test_weights_come_back(small: Any, tmp_path: Path) -> None:
    """Each spec that ships, ties and buffers included: the same state, the same output."""
    model = small.build()
    save_weights(model, tmp_path / "net.safetensors", name=small.name)
    loaded = small.compilation.build(weights=tmp_path / "net.safetensors").eval()
    expected = model.state_dict()
    assert list(loaded.state_dict()) == list(expected)
    assert all(torch.equal(loaded.state_dict()[key], value) for key, value in expected.items())
    assert len(list(loaded.parameters())) == len(list(model.parameters()))
    assert _flat(loaded(*small.inputs())) == _flat(model(*small.inputs()))


def _flat(output: Any) -> list[Any]:
    """The numbers of an output, whatever it is made of."""
    if isinstance(output, torch.Tensor):
        return [output.nan_to_num(0.5).flatten().tolist()]
    parts = output.values() if isinstance(output, dict) else output
    return [] if output is None else [number for part in parts for number in _flat(part)]
