"""Multiply-accumulates: what is counted, for which node, and at which inputs."""

from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.elaborate.macs import Macs
from archspec.graph.types import TensorType

SEQUENCE = "input: [N, T=16, 64]"
ATTENTION = 4 * 16 * 64 * 64 + 2 * 16 * 16 * 64  # four projections; queries by keys, and weights by values


def counted(model: str, inputs: str = SEQUENCE, **options: Any) -> Macs:
    """The multiply-accumulates of a model."""
    return archspec.compile(f"archspec: 1\nname: Net\n{inputs}\nmodel: {model}\n", **options).macs


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("Linear: 10", 16 * 64 * 10),
        ("Linear: {out_features: 10, bias: false}", 16 * 64 * 10),
        ("LSTM: {hidden_size: 32, batch_first: true}", 16 * 4 * 32 * (64 + 32)),
        ("GRU: {hidden_size: 32, num_layers: 2, batch_first: true}", 16 * 3 * 32 * (64 + 32 + 32 + 32)),
        ("MultiheadAttention: {num_heads: 4, batch_first: true}, from: [input, input, input]", ATTENTION),
        ("TransformerEncoderLayer: {nhead: 4, dim_feedforward: 9, batch_first: true}", ATTENTION + 2 * 16 * 64 * 9),
        ("scaled_dot_product_attention: {is_causal: true}, from: [input, input, input]", 2 * 16 * 16 * 64),
        ("Conv1d: {out_channels: 8, kernel_size: 3, padding: 1}", 64 * 16 * 8 * 3),
        ("Conv1d: {out_channels: 16, kernel_size: 3, padding: 1, groups: 16}", 64 * 16 * 3),
        ("ConvTranspose1d: {out_channels: 8, kernel_size: 2, stride: 2}", 64 * 16 * 8 * 2),
        ("einsum: 'n t c, n s c -> n t s', from: [input, input]", 16 * 16 * 64),
        ("matmul: , from: [input, vector]", 16 * 64),
        ("compute: vector @ vector", 64),
        ("LayerNorm: ", 0),
        ("ReLU: ", 0),
        ("AvgPool1d: 2", 0),
        ("mul: , from: [input, input]", 0),
    ],
)
def test_products_are_counted(node: str, expected: int) -> None:
    """Convolutions and products of matrices and vectors, wherever they are; nothing else."""
    wired = node if "from: " in node or "compute: " in node else f"{node}, from: input"
    macs = counted(f"{{vector: {{Parameter: {{shape: [64], init: ones}}}}, node: {{{wired}}}}}")
    assert macs.total == expected
    assert macs.by_path.get("node", 0) == expected


@pytest.mark.parametrize("steps", [1, 2, 1_000])
def test_a_recurrent_layer_counts_each_step(steps: int) -> None:
    """On meta one step runs, whatever the sequence; all of them are counted."""
    lstm = "{a: {LSTM: {hidden_size: 32}}}"
    assert counted(lstm, f"input: [T={steps}, N, 64]").total == steps * 4 * 32 * (64 + 32)
    assert counted(lstm, f"input: [{steps}, 64]").total == steps * 4 * 32 * (64 + 32)


def test_a_layer_of_one_vector_is_counted() -> None:
    """Without a batch a Linear is a product of a matrix and a vector, for which torch's own counter has no formula."""
    assert (
        counted("{a: {Linear: 10}, b: {Linear: {out_features: 3, bias: false}}}", "input: [64]").total == 64 * 10 + 30
    )


def test_a_node_has_what_is_below_it() -> None:
    """Paths are those of the spec; a module that is called again counts where it is called."""
    macs = counted(
        "{body: [{Linear: 32}, ReLU, {Linear: 64}], again: {call: body.0},"
        " held: {ModuleDict: {a: {Linear: 2}}, mode: hold}, one: {call: held.a}, two: {call: held.a, from: again}}",
        "input: [N, 64]",
    )
    once = 64 * 32
    assert dict(macs.by_path) == {
        "": 3 * once + 2 * 64,
        "body": 2 * once,
        "body.0": once,
        "body.2": once,
        "again": once,
        "one": 2 * 32,
        "two": 2 * 32,
    }
    assert macs.total == macs.by_path[""]


def test_operations_inside_blocks_have_paths() -> None:
    """A product in the middle of a block is told from the layers beside it."""
    macs = counted("{a: {Graph: {q: {Linear: 8}, s: {compute: 'q @ transpose(q, dim0=1, dim1=2)'}}}, b: {Linear: 4}}")
    assert dict(macs.by_path) == {"": 11_264, "a": 10_240, "a.q": 8192, "a.s": 2048, "b": 1024}


def test_what_runs_in_training_only_is_not_counted() -> None:
    """A forward in evaluation is what people compare; what an auxiliary head calls is left out with it."""
    macs = counted(
        "{body: {Linear: 32}, aux: {Linear: 10, only: train}, again: {call: aux, from: body, only: train},"
        " head: {Linear: 10, from: body}}",
        "input: [N, 64]",
    )
    assert dict(macs.by_path) == {"": 64 * 32 + 320, "body": 64 * 32, "head": 320}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [("select: b", {"b": 512}), ("select: key", {"a": 256}), ("mode: branch", {"a": 256, "b": 512})],
)
def test_only_what_is_selected_is_counted(selection: str, expected: dict[str, int]) -> None:
    """One module of a ModuleDict runs: the one that is named, at run time the first; all of them as branches."""
    macs = counted(
        f"{{pick: {{ModuleDict: {{a: {{Linear: 4}}, b: {{Linear: 8}}}}, {selection}, from: x}}}}",
        "inputs: {x: [N, 64], key: str}" if "key" in selection else "inputs: {x: [N, 64]}",
    )
    assert {path: count for path, count in macs.by_path.items() if "." in path} == {
        f"pick.{name}": count for name, count in expected.items()
    }
    assert macs.total == sum(expected.values())


@pytest.mark.parametrize(
    ("inputs", "shapes"),
    [
        ("input: [N, T=16, 64]", {"input": (1, 16, 64)}),
        ("input: [B, T=16, 64]", {"input": (1, 16, 64)}),
        ("input: [T=16, N, 64]", {"input": (16, 1, 64)}),
        ("input: [5, T=16, 64]", {"input": (5, 16, 64)}),
        ("inputs: {x: [N, T=16, 64], y: {shape: [M, N]}}", {"x": (1, 16, 64), "y": (2, 1)}),
    ],
)
def test_the_batch_is_one(inputs: str, shapes: dict[str, tuple[int, ...]]) -> None:
    """The batch is `N`, else the first dimension; a number stays what it is."""
    name = next(iter(shapes))
    macs = counted(f"{{node: {{Linear: 2, from: {name}}}}}", inputs)
    assert {key: kind.shape for key, kind in macs.inputs.items() if isinstance(kind, TensorType)} == shapes
    sizes = shapes[name]
    assert macs.total == sizes[0] * sizes[1] * 64 * 2


def test_other_sizes_are_those_of_the_check() -> None:
    """The caller's sizes count, but for the batch."""
    macs = counted("{node: {Linear: 2}}", sizes={"N": 7, "T": 3})
    assert macs.total == 3 * 64 * 2


def test_a_batch_that_cannot_be_one_is_as_checked() -> None:
    """A model that fixes its batch is counted with it."""
    macs = counted("{pairs: {reshape: {shape: [2, 32]}}, node: {Linear: 3}}", "input: [N=4, 16]")
    assert macs.inputs["input"] == TensorType((4, 16))
    assert macs.total == 2 * 32 * 3


class Twice(nn.Module):
    """A layer of the caller's, with a product in it."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(features, features))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Multiply twice."""
        return x @ self.weight @ self.weight


def test_a_registered_class_is_counted() -> None:
    """It runs on meta as the layers of torch do."""
    registry = Registry()
    registry.register(Twice)
    assert counted("{node: {Twice: 64}}", "input: [N, 64]", registry=registry).total == 2 * 64 * 64


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_b_32", "gpt2"])
def test_a_real_forward_takes_as_many(name: str) -> None:
    """What torch counts while the module that is built runs is what was counted before it was built."""
    from torch.utils.flop_counter import FlopCounterMode

    compilation = archspec.compile(name)
    model = compilation.build(device="meta").eval()
    kinds = [kind for kind in compilation.macs.inputs.values() if isinstance(kind, TensorType)]
    inputs = [torch.empty(kind.shape, dtype=getattr(torch, kind.dtype), device="meta") for kind in kinds]
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    assert counter.get_total_flops() == 2 * compilation.macs.total
    counts = counter.get_flop_counts()
    for path, module in model.named_modules():
        if not [*module.children()]:
            theirs = sum(counts.get(f"{type(model).__name__}.{path}", {}).values())
            assert theirs in (2 * compilation.macs.by_path.get(path, 0), 0), path


def test_torch_is_asked_once_for_each_layer_that_repeats() -> None:
    """A deep model of equal blocks takes no longer to count than its layers are different."""
    deep = "[{Linear: 64, repeat: 500}]"
    macs = counted(deep, "input: [N, 64]")
    assert macs.total == 500 * 64 * 64
