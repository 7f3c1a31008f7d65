"""The table of a model: one row a node, in the order of the tree, and the size of the whole."""

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.emit.table import Row, Totals, rows, totals

SPEC = """\
archspec: 1
name: Small
input: [N, T=5, 4]
model:
  stem: [{Linear: 6}, {ReLU: {inplace: true}}]
  scale: {Parameter: {shape: 6, init: {normal: {std: 0.5}}}}
  shift: {Buffer: {value: [1, 2, 3, 4, 5, 6]}}
  block: {Block: {}, from: stem}
  sum: {compute: block * scale + shift}
  flat: {reshape: {shape: ["$(size(sum, 0) * 5)", -1]}}
  aux: {Head: {}, only: train}
  again: {call: stem.1}
output: [again, aux]
blocks:
  Block: {model: {conv: {Linear: 6}, act: relu}}
  Head: {model: [{Linear: 2}]}
"""


def shown(row: Row) -> tuple[int, str, str, str, int, str, str]:
    """What a reader sees of a row."""
    return row.depth, row.name, row.type, row.output, row.parameters, row.detail, row.kind


def test_every_node_has_a_row() -> None:
    """Modules, tensors, operations and calls, each with what it gives and what it was made with."""
    assert list(map(shown, rows(archspec.compile(SPEC).graph))) == [
        (0, "Small", "Small", "(10×6, 10×2)", 92, "", "block"),
        (1, "stem", "Sequential", "2×5×6", 30, "", "container"),
        (2, "0", "Linear", "2×5×6", 30, "4, 6", "layer"),
        (2, "1", "ReLU", "2×5×6", 0, "inplace=True", "layer"),
        (1, "scale", "Parameter", "6", 6, "normal(std=0.5)", "tensor"),
        (1, "shift", "Buffer", "6 int64", 0, "(1, 2, 3, 4, 5, 6)", "tensor"),
        (1, "block", "Block", "2×5×6", 42, "", "block"),
        (2, "conv", "Linear", "2×5×6", 42, "6, 6", "layer"),
        (2, "act", "relu", "2×5×6", 0, "", "operation"),
        (1, "sum", "compute", "2×5×6", 0, "block * scale + shift", "operation"),
        (1, "flat", "reshape", "10×6", 0, "shape=(size(sum, 0) * 5, -1)", "operation"),
        (1, "aux", "Sequential", "10×2", 14, "", "container"),
        (2, "0", "Linear", "10×2", 14, "6, 2", "layer"),
        (1, "again", "ReLU", "10×6", 0, "stem.1", "call"),
    ]


def test_the_first_call_of_a_held_module_is_no_second_one() -> None:
    """A module that is only registered has its row there; the call that runs it first shares it with no other."""
    nodes = "{h: {Linear: 4, mode: hold}, l: {ModuleList: [{Linear: 4}], mode: hold}, a: {call: h}, b: {call: h},"
    text = f"archspec: 1\ninput: [N, 4]\nmodel: {nodes} c: {{call: l.0}}, d: {{call: l.0}}}}\n"
    found = rows(archspec.compile(text).graph)
    assert [(row.path, row.kind) for row in found[4:]] == [(name, "call") for name in "abcd"]
    assert [row.path for row in found if row.shared] == ["b", "d"]


def test_paths_and_marks() -> None:
    """A path is the YAML path; a module run again and a head for training are marked, with all that is below."""
    found = rows(archspec.compile(SPEC).graph)
    assert [row.path for row in found if row.shared] == ["again"]
    assert [row.path for row in found if row.only_train] == ["aux", "aux.0"]
    assert [row.path for row in found][:4] == ["", "stem", "stem.0", "stem.1"]


def test_modules_have_the_paths_of_the_module_tree() -> None:
    """Every module that a spec names has one row, and they come in PyTorch's own order."""
    compilation = archspec.compile("resnet18")
    modules = [row.path for row in rows(compilation.graph) if row.kind in ("layer", "container", "block")]
    assert modules == [name for name, _ in compilation.build(device="meta").named_modules()]


def test_parameters_are_those_of_the_module() -> None:
    """A row counts what is below it."""
    compilation = archspec.compile("resnet18")
    model = compilation.build(device="meta")
    for row in rows(compilation.graph):
        if row.kind in ("layer", "container", "block"):
            held = sum(parameter.numel() for parameter in model.get_submodule(row.path).parameters())
            assert row.parameters == held, row.path


TIED = """\
archspec: 1
name: Tied
inputs: {tokens: {shape: [N, T=4], dtype: int64}}
model:
  wte: {Embedding: {num_embeddings: 10, embedding_dim: 6}}
  body: {Sequential: {norm: LayerNorm}}
  lm_head: {Linear: 10}
tie: {lm_head.weight: wte.weight}
"""


def test_tied_parameters_count_once() -> None:
    """They count where they stand in the spec, not where they are used again."""
    graph = archspec.compile(TIED).graph
    assert [(row.name, row.parameters) for row in rows(graph)] == [
        ("Tied", 60 + 12 + 10),
        ("wte", 60),
        ("body", 12),
        ("norm", 12),
        ("lm_head", 10),
    ]
    assert totals(graph) == Totals(parameters=82, buffers=0, modules=5, bytes=82 * 4)


@pytest.mark.parametrize("spec", ["resnet18", SPEC])
def test_totals_are_those_of_the_module(spec: str) -> None:
    """Parameters, buffers (of layers and of graphs), modules and bytes agree with what is built."""
    compilation = archspec.compile(spec)
    model = compilation.build(device="meta")
    tensors = [*model.parameters(), *model.buffers()]
    assert totals(compilation.graph) == Totals(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        buffers=sum(buffer.numel() for buffer in model.buffers()),
        modules=len(list(model.modules())),
        bytes=sum(tensor.numel() * tensor.element_size() for tensor in tensors),
    )


def test_containers_say_how_they_are_run() -> None:
    """The mode or the selection; what nothing runs gives nothing."""
    spec = (
        "archspec: 1\ninputs: {x: [N, 4], kind: str}\nmodel:\n"
        "  picked: {ModuleDict: {a: ReLU, b: {Linear: 4}}, select: kind, from: x}\n"
        "  list: {ModuleList: [ReLU, Tanh], mode: branch}\n"
        "  held: {ModuleList: [{Linear: {in_features: 4, out_features: 4}}], mode: hold}\n"
        "output: [picked, list]\n"
    )
    found = {row.path: (row.output, row.detail) for row in rows(archspec.compile(spec).graph)}
    assert found["picked"] == ("2×4", "select=kind")
    assert found["list"] == ("[2×4, 2×4]", "mode=branch")
    assert found["held"] == ("", "mode=hold")
    assert found["held.0"] == ("", "4, 4")


class Scaled(nn.Module):
    """A layer of the caller's."""

    def __init__(self, factor: float, *, shifts: tuple[int, ...] = (0,), note: str = "none") -> None:
        super().__init__()
        self.made_with = (factor, shifts, note)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scale nothing."""
        return x


def test_arguments_are_shown_as_python_writes_them() -> None:
    """Required ones by position, the rest by name, and those that are as by default not at all."""
    registry = Registry()
    registry.register(Scaled)
    encoder = "{TransformerEncoder: {encoder_layer: {TransformerEncoderLayer: {nhead: 2}}, num_layers: 3}}"
    spec = (
        "archspec: 1\ninput: [N, 5, 4]\n"
        "model: [{Scaled: {factor: 2, shifts: [3], note: none}}, {Scaled: {factor: 1, note: a b}}, " + encoder + "]\n"
    )
    graph = archspec.compile(spec, registry=registry).graph
    assert [row.detail for row in rows(graph, registry=registry)][1:] == [
        "2.0, shifts=(3,)",
        "1.0, note='a b'",
        "TransformerEncoderLayer(4, 2), 3",
    ]


def test_long_values_are_cut() -> None:
    """A buffer of many numbers shows the first of them."""
    numbers = [0] * 99
    model = f"{{b: {{Buffer: {{value: {numbers}}}}}, s: {{add: , from: [input, b]}}}}"
    detail = rows(archspec.compile(f"archspec: 1\ninput: [N, 99]\nmodel: {model}\n").graph)[1].detail
    assert detail == f"{repr(tuple(numbers))[:59]}…"


def test_rows_have_the_arithmetic_of_their_nodes() -> None:
    """Modules, operations and calls alike, found by their paths; without the counts all are zero."""
    spec = (
        "archspec: 1\nname: Counted\ninput: [N, 8]\nmodel:\n"
        "  body: [{Linear: 8}, ReLU]\n  again: {call: body.0}\n"
        "  scores: {compute: 'again @ transpose(body, dim0=0, dim1=1)'}\n"
    )
    compilation = archspec.compile(spec)
    found = {row.path: row.macs for row in rows(compilation.graph, macs=compilation.macs.by_path)}
    assert found == {"": 136, "body": 64, "body.0": 64, "body.1": 0, "again": 64, "scores": 8}
    assert {row.macs for row in rows(compilation.graph)} == {0}
