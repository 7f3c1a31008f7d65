"""Valid specs, made at random: each builds what its expansion builds, and is as large as was counted before.

`--hypothesis-profile explore` tries thousands of each; `make fuzz` goes on for as long as it is told.
"""

from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from archspec.compiler import Compilation
from archspec.elaborate import members
from archspec.elaborate.shapes import of_value
from archspec.emit.spec import emit_spec
from archspec.errors import LimitError
from archspec.graph.graph import Graph
from archspec.graph.types import TensorType, TextType
from archspec.limits import DEFAULT_LIMITS
from fuzz.grammar.specs import Asked, specs
from fuzz.mutations import damaged
from fuzz.verdict import judge

pytestmark = pytest.mark.slow


def compiled(asked: Asked, **limits: int) -> Compilation:
    """What is asked for, on its way to a model."""
    return Compilation(asked.text, preset=asked.preset, params=asked.params, limits=DEFAULT_LIMITS.raised(**limits))


def inputs(graph: Graph) -> list[Any]:
    """Values for the inputs of a model; of a run-time string its last key."""
    keys = dict(graph.choices)
    values: list[Any] = []
    for item in graph.inputs:
        if isinstance(item.type, TextType):
            values.append(keys[item.name][-1])
        else:
            assert isinstance(item.type, TensorType)
            is_float = item.type.dtype == "float32"
            values.append(torch.randn(item.type.shape) if is_float else torch.randint(0, 2, item.type.shape))
    return values


def flat(value: Any) -> list[Any]:
    """Every tensor in what a model returns, with the kinds and keys of the collections around it."""
    if isinstance(value, torch.Tensor):
        return [value]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [type(value), *(part for key, item in items for part in (key, *flat(item)))]


def outputs(model: nn.Module, given: list[Any], *, train: bool) -> list[Any]:
    """What a model gives in one of its modes."""
    torch.manual_seed(1)
    with torch.no_grad():
        return flat(model.train(train)(*given))


def shapes(model: nn.Module) -> list[tuple[str, torch.Size, torch.dtype]]:
    """What a model's weights are called, their shapes and their dtypes."""
    return [(name, value.shape, value.dtype) for name, value in model.state_dict().items()]


def same(a: Any, b: Any) -> bool:
    """Whether two parts of a result are equal to the bit; numbers that are none are."""
    return torch.equal(a.nan_to_num(), b.nan_to_num()) if isinstance(a, torch.Tensor) else a == b


@given(specs())
def test_a_model_is_what_its_expansion_builds(asked: Asked) -> None:
    """`archspec expand` writes the same model: its names, shapes and outputs, and it is its own expansion."""
    compilation = compiled(asked)
    text = emit_spec(compilation.graph)
    again = Compilation(text)
    assert emit_spec(again.graph) == text
    first, second = compilation.build(), again.build()
    assert shapes(first) == shapes(second)
    second.load_state_dict(first.state_dict())
    _copy_unsaved(first, second)
    values = inputs(compilation.graph)
    for train in (False, True):
        pairs = zip(outputs(first, values, train=train), outputs(second, values, train=train), strict=True)
        assert all(same(a, b) for a, b in pairs)


def _copy_unsaved(first: nn.Module, second: nn.Module) -> None:
    for (name, value), (other, target) in zip(first.named_buffers(), second.named_buffers(), strict=True):
        assert name == other
        target.copy_(value)


@given(specs())
def test_a_model_gives_what_was_foretold(asked: Asked) -> None:
    """The type of its output, and how many modules and parameters it has, tied ones apart, is known before."""
    compilation = compiled(asked)
    graph, model = compilation.graph, compilation.build()
    parameters = [tensor for _, tensor in model.named_parameters(remove_duplicate=False)]
    assert graph.root.size.parameters == sum(tensor.numel() for tensor in parameters)
    assert graph.root.size.modules == len(list(model.modules()))
    with torch.no_grad():
        assert of_value(model(*inputs(graph))) == graph.output


@given(specs(), st.sampled_from(["modules", "module_depth", "meta_parameter_bytes"]))
def test_the_real_size_is_the_least_limit(asked: Asked, limit: str) -> None:
    """A limit of just what a model has lets it pass, and one less refuses it."""
    size = compiled(asked).graph.root.size
    value = {"modules": size.modules, "module_depth": size.depth, "meta_parameter_bytes": size.bytes}[limit]
    assume(value > 0)
    assert compiled(asked, **{limit: value}).graph.root.size == size
    with pytest.raises(LimitError, match=f"`{limit}`"):
        compiled(asked, **{limit: value - 1}).graph  # noqa: B018 - it is elaborated when it is asked for


@given(specs())
def test_loops_are_counted_before_they_run(asked: Asked) -> None:
    """What a container is counted to hold is what its loops then make, switched off or not."""
    planned: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        count, expand = members.count, members.expand

        def counted(children: Any, scope: Any, context: Any) -> Any:
            items = list(expand(children, scope, context))
            planned.append((count(children, scope, context), len(items)))
            return iter(items)

        patch.setattr(members, "expand", counted)
        compiled(asked).graph  # noqa: B018 - it is elaborated when it is asked for
    assert [before for before, _ in planned] == [after for _, after in planned]


@given(specs(), st.randoms(use_true_random=False))
def test_a_damaged_spec_never_gives_a_traceback(asked: Asked, choose: Any) -> None:
    """Whatever is done to a spec, it is accepted, or refused where it stands and in text that can be read."""
    text = damaged(asked.text, choose)
    judge(lambda: Compilation(text).build(device="meta"))
