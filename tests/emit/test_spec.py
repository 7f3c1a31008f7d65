"""Concrete specs: they read well, and what is built of one is what is built of the spec it came from."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.compiler import Compilation
from archspec.emit.spec import concrete_spec, emit_spec
from archspec.errors import SpecError
from archspec.graph.graph import Graph
from archspec.graph.types import TensorType, TextType
from archspec.spec.given import SpecLike
from archspec.spec.shipped import shipped_names

TESTS = Path(__file__).parent.parent
EXAMPLES = sorted((TESTS.parent / "examples").glob("*.yaml"))
FEATURES = sorted((TESTS / "fixtures" / "expand").glob("*.yaml"))
LARGEST_RUN = 12_000_000
"""Larger models are compared by their graphs alone: allocating and running them proves nothing more."""


def comparable(value: Any) -> Any:
    """A graph as plain data, without the places in the text it came from, and how its blocks were called there."""
    if dataclasses.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value) if field.compare and field.name != "span"]
        return type(value).__name__, {name: comparable(getattr(value, name)) for name in fields}
    return tuple(map(comparable, value)) if isinstance(value, tuple) else value


def example_inputs(graph: Graph) -> list[Any]:
    """Values for the inputs of a model: of a run-time string its last key, nothing for what may be left out."""
    keys = dict(graph.choices)
    values = []
    for item in graph.inputs:
        if isinstance(item.type, TextType):
            values.append(keys[item.name][-1])
        elif not isinstance(item.type, TensorType):
            values.append(None)
        elif item.type.dtype == "float32":
            values.append(torch.randn(item.type.shape))
        else:
            values.append(torch.randint(0, 2, item.type.shape).to(getattr(torch, item.type.dtype)))
    return values


def flat(value: Any) -> list[Any]:
    """Every tensor in what a model returns, with the kinds and keys of the collections around it."""
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [type(value), *(part for key, item in items for part in (key, *flat(item)))]


def outputs(model: nn.Module, inputs: list[Any], *, train: bool) -> list[Any]:
    """What a model gives in one of its modes."""
    torch.manual_seed(1)
    with torch.no_grad():
        return flat(model.train(train)(*inputs))


def assert_same_model(compilation: Compilation, again: Compilation) -> None:
    """Both build one tree with one start and, in training and after it, bitwise one output."""
    first, second = compilation.build(seed=0), again.build(seed=0)
    assert repr(first) == repr(second)
    state, other = first.state_dict(), second.state_dict()
    assert list(state) == list(other)
    assert all(torch.equal(state[key], other[key]) and state[key].dtype == other[key].dtype for key in state)
    inputs = example_inputs(compilation.graph)
    for train in (True, False):
        pairs = zip(outputs(first, inputs, train=train), outputs(second, inputs, train=train), strict=True)
        assert all(torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b for a, b in pairs)


def expand(spec: SpecLike, registry: Registry | None = None) -> tuple[Compilation, Compilation, str]:
    """A spec and its expansion, compiled, and the text of the expansion, which is its own expansion."""
    compilation = archspec.compile(spec, registry=registry)
    text = emit_spec(compilation.graph, registry=registry)
    again = archspec.compile(text, registry=registry)
    assert emit_spec(again.graph, registry=registry) == text
    return compilation, again, text


@pytest.mark.parametrize("spec", [*shipped_names(), *map(str, EXAMPLES)], ids=lambda spec: Path(spec).stem)
def test_a_published_architecture_survives_expansion(spec: str) -> None:
    """Every shipped architecture, preset and example expands to the same graph, and so to the same model."""
    compilation, again, _ = expand(spec)
    assert comparable(again.graph) == comparable(compilation.graph)
    if compilation.graph.parameters <= LARGEST_RUN:
        assert_same_model(compilation, again)


@pytest.mark.parametrize("path", FEATURES, ids=lambda path: path.stem)
def test_every_feature_of_the_language_survives_expansion(path: Path) -> None:
    """Small specs that use every feature between them expand to the same model."""
    compilation, again, _ = expand(path.read_text())
    assert_same_model(compilation, again)


def expanded(text: str) -> str:
    """The lines of an expansion below its name and input."""
    head, _, model = expand(f"archspec: 1\nname: Small\ninput: [N, 4]\n{text}")[2].partition("input: [N, 4]\n")
    assert head == "archspec: 1\nname: Small\n"
    return model


def test_the_whole_text() -> None:
    """One node a line with all its arguments; lists, graphs and blocks are spread over lines."""
    spec = """\
archspec: 1
name: Whole
doc: |
  Two lines.
  This is the second.
params: {width: 6}
input: [N=3, T=5, 4]
model:
  stem: [{Linear: $width}, ReLU]
  block: {Residual: {}}
  flat: {reshape: {shape: ["$(size(block, 0) * 5)", -1]}}
  off: {Dropout: 0.5, when: width > 6}
  head: {Linear: 2}
output: {logits: head, off: off}
init: [{match: Linear, weight: {normal: {std: 1e-3}}, bias: zeros}]
tie: {stem.0.bias: block.norm.bias}
blocks:
  Residual: {model: {norm: LayerNorm, act: relu, sum: {add: , from: [input, act]}}}
"""
    assert (
        expand(spec)[2]
        == """\
archspec: 1
name: Whole
doc: |
  Two lines.
  This is the second.
input: [N=3, T=5, 4]
model:
  stem:
    - Linear: {in_features: 4, out_features: 6}
    - ReLU
  block:
    Graph:
      name: Residual
      model:
        norm: {LayerNorm: {normalized_shape: 6}}
        act: relu
        sum: {add: {}, from: [input, act]}
  flat: {reshape: {shape: ["$(size(block, 0) * 5)", -1]}}
  head: {Linear: {in_features: 6, out_features: 2}}
output: {logits: head, off: flat}
init:
  - {match: Linear, weight: {normal: {std: 0.001}}, bias: zeros}
tie:
  stem.0.bias: block.norm.bias
"""
    )


def test_nodes_that_are_off_leave_their_input_behind() -> None:
    """What read a node that is switched off reads what stands in for it, by the name that this has."""
    model = (
        "model: {a: {Linear: 4}, off: {ReLU: , when: false}, b: {Linear: 4, from: input}, c: {add: , from: [off, b]}}\n"
    )
    assert expanded(model) == (
        "model:\n"
        "  a: {Linear: {in_features: 4, out_features: 4}}\n"
        "  b: {Linear: {in_features: 4, out_features: 4}, from: input}\n"
        "  c: {add: {}, from: [a, b]}\n"
    )


def test_an_item_whose_size_is_read_gets_a_name() -> None:
    """`size` reads only names, so an item is named by a node that is off and leaves nothing in the model."""
    model = (
        "model:\n"
        "  rnn: {GRU: 4}\n"
        "  off: {Dropout: 0.5, from: 'rnn[0]', when: false}\n"
        "  out: {reshape: {shape: ['$(size(off, 0))', -1]}}\n"
    )
    assert expanded(model) == (
        "model:\n"
        "  rnn: {GRU: {input_size: 4, hidden_size: 4}}\n"
        '  rnn_0: {Identity: {}, when: false, else: "rnn[0]"}\n'
        '  out: {reshape: {shape: ["$(size(rnn_0, 0))", -1]}}\n'
    )


def test_a_node_in_pascal_case_is_not_taken_for_a_type() -> None:
    """A graph of the one node `Linear` is still a graph: a second name, of a node that is off, says so."""
    model = "model: {Linear: {Linear: 3}, off: {ReLU: , when: false}}\n"
    assert expanded(model) == (
        "model:\n"
        "  Linear: {Linear: {in_features: 4, out_features: 3}}\n"
        "  Linear_: {Identity: {}, when: false, else: Linear}\n"
    )


def test_rules_for_blocks_that_are_not_there_are_left_out() -> None:
    """A rule for a block that this model has none of names nothing in the expansion, and would change nothing."""
    model = (
        "model: {a: {Used: {}}}\n"
        "init: [{match: Used, fc.bias: zeros}, {match: Other, fc.bias: ones}]\n"
        "blocks: {Used: {model: {fc: {Linear: 2}}}, Other: {model: {fc: {Linear: 2}}}}\n"
    )
    assert expanded(model).endswith("init:\n  - {match: Used, fc.bias: zeros}\n")


class Described(nn.Module):
    """A module with arguments of every kind of plain value."""

    def __init__(self, text: str, values: list[str], other: int | None = None, rate: float = 0.0) -> None:
        super().__init__()
        self.description = (text, list(values), other, rate)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Give the input back."""
        return x

    def extra_repr(self) -> str:
        """Show the arguments."""
        return repr(self.description)


@pytest.mark.parametrize(
    "text", ["no", "1e-5", "null", "", "~", "010", "$x $(y)", "a: b #c", "[1]", "-", "\u200b\t\x07é\n", "0x1F", "true"]
)
def test_text_stays_text(text: str) -> None:
    """Text that looks like another value, or like an expression, is quoted or escaped so that it is read as itself."""
    registry = Registry()
    registry.register(Described)
    arguments = {"text": text.replace("$", "$$"), "values": [text.replace("$", "$$"), "x"], "rate": 1e-05}
    spec = {"archspec": 1, "name": "Texts", "input": ["N", 4], "model": [{"Described": arguments}]}
    compilation, again, _ = expand(spec, registry)
    assert again.build()[0].description == compilation.build()[0].description == (text, [text, "x"], None, 1e-05)


def test_the_data_builds_as_the_text_does() -> None:
    """`concrete_spec` is the same spec as plain data."""
    graph = archspec.compile("lenet").graph
    assert comparable(archspec.compile(concrete_spec(graph)).graph) == comparable(graph)


def test_a_layer_that_is_registered_no_longer_is_named() -> None:
    """An operation that nobody knows any more cannot be written, since its inputs have no names."""
    registry = Registry()
    registry.register(lambda x: x, name="same")
    spec = "archspec: 1\nname: Small\ninput: [N, 4]\nmodel: {a: {same: }}\n"
    graph = archspec.compile(spec, registry=registry).graph
    with pytest.raises(LookupError, match="no operation is called 'same'; register it before writing"):
        emit_spec(graph, registry=Registry())


def test_an_input_of_a_model_needs_a_shape() -> None:
    """`any` is for blocks, whose callers decide; a model that nobody calls yet must know its shapes."""
    with pytest.raises(SpecError) as caught:
        archspec.compile("archspec: 1\nname: Small\ninputs: {x: any}\nmodel: ReLU\n")
    assert str(caught.value.diagnostics[0]) == (
        "<text>:3:13: error[E0206]: `x` is an input of the model, so its shape must be known\n"
        "  |\n"
        "3 | inputs: {x: any}\n"
        "  |             ^^^\n"
        "  = help: write a shape such as [N, 3, 224, 224]; `any` is for the inputs of blocks"
    )
