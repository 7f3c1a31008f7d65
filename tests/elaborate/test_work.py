"""What it takes to find shapes: names of the table exist, and what is dear counts for more."""

import pytest
from torch import nn

import archspec
from archspec.catalog.modules import torch_layers
from archspec.catalog.operations import OPERATIONS
from archspec.elaborate.work import DEAR, work_of_formula, work_of_layer, work_of_operation
from archspec.errors import LimitError
from archspec.limits import Limits


@pytest.mark.parametrize("name", sorted(DEAR))
def test_every_name_is_a_layer_or_an_operation(name: str) -> None:
    """One that is misspelt would count for nothing in silence."""
    assert name in torch_layers() or name in OPERATIONS


@pytest.mark.parametrize(
    ("text", "work"),
    [
        ("x + y", 1),
        (f"x{' + y' * 8}", 1 + 33 // 16),
        ("normalize(x)", 1 + 10),
        ("normalize(x) + normalize(y)", 1 + 27 // 16 + 20),
        ("interpolate(x, size=[4, 4])", 1 + 27 // 16),
        ('interpolate(x, mode="bicubic")', 1 + 30 // 16 + 240),
        ("grid_sample(x, y)", 1 + 17 // 16 + 50),
        ("grid_sample(x, y, 'bicubic')", 1 + 28 // 16 + 210),
    ],
)
def test_a_formula(text: str, work: int) -> None:
    """Its length counts, and each call of a dear operation in the dearest mode that it names."""
    assert work_of_formula(text) == work


def test_layers_and_operations() -> None:
    """Layers count by their modules, recurrent ones by their parameters, and both kinds by mode where they have one."""
    assert work_of_operation("relu", {}) == 1
    assert work_of_operation("interpolate", {"size": [4, 4]}) == 1
    assert work_of_operation("interpolate", {"mode": "bilinear"}) == 1 + 36
    assert work_of_operation("grid_sample", {}) == 1 + 50
    assert work_of_layer(nn.ReLU()) == 2
    assert work_of_layer(nn.Linear(2, 2)) == 2 + 1
    assert work_of_layer(nn.Sequential(nn.ReLU(), nn.ReLU())) == 6
    assert work_of_layer(nn.MultiheadAttention(2, 1)) == 2 * 2 + 4 // 2 + 10
    assert work_of_layer(nn.LSTM(2, 2, num_layers=2)) == 2 + 3 * 8
    assert work_of_layer(nn.Upsample(scale_factor=2, mode="bicubic")) == 2 + 240
    assert work_of_layer(nn.Upsample(scale_factor=2)) == 2


def test_equal_ones_count_once() -> None:
    """What repeats is known, whatever it takes."""
    node = "{interpolate: {size: [4, 4], mode: bicubic}, from: image}"
    text = f"archspec: 1\nname: Net\ninputs: {{image: [N, 2, 8, 8]}}\nmodel:\n  a: {node}\n  b: {node}\n  c: {node}\n"
    archspec.compile(text, limits=Limits(shape_runs=1 + 240)).graph  # noqa: B018 - it is made, or refused
    with pytest.raises(LimitError, match="shape_runs"):
        archspec.compile(f"{text}  d: ReLU\n", limits=Limits(shape_runs=240)).graph  # noqa: B018
