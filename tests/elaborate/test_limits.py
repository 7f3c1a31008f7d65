"""Every budget of a document and its elaboration at one below, at, and one above its limit."""

import pytest

import archspec
from archspec.errors import LimitError
from archspec.limits import Limits

HEAD = "archspec: 1\ninput: [N, 4]\n"
CASES = {
    "repeat": (5, HEAD + "model: [{ReLU: , repeat: 5}]\n"),
    "expansion_steps": (8, HEAD + "model: [{ReLU: , repeat: 7}, Tanh]\n"),
    "modules": (7, HEAD + "model: [{Sequential: [ReLU, ReLU]}, {Sequential: [ReLU, Tanh]}]\n"),
    "module_depth": (3, HEAD + "model: [{Sequential: [ReLU]}]\n"),
    "block_depth": (2, HEAD + "model: [A]\nblocks: {A: {model: [B]}, B: {model: [ReLU]}}\n"),
    "tensor_rank": (3, HEAD + "model:\n  a: {unsqueeze: 0}\n"),
    "dimension": (100, HEAD + "model: [{Linear: 100}]\n"),
    "meta_parameter_bytes": (4 * (4 * 10 + 10), HEAD + "model: [{Linear: 10}]\n"),
    "activation_bytes": (4 * 2 * 10, HEAD + "model: [{Linear: 10}]\n"),
    "expression_steps": (7, HEAD + "model: [{Linear: $(1 + 2 + 3 + 4)}]\n"),
    "total_expression_steps": (6, HEAD + "model: [{Linear: $(1 + 2)}, {Linear: $(1 + 3)}]\n"),
    "list_result": (3, HEAD + "params: {p: [1, 2]}\nlet: {q: '$(p + [3])'}\nmodel: [{Linear: '$(q[0])'}]\n"),
    "doc_bytes": (3, HEAD + "doc: abc\nmodel: [ReLU]\n"),
    "text_result": (4, HEAD + "let: {q: $('ab' * 2)}\nmodel: [{Linear: $(len(q))}]\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_limit_lets_its_own_value_pass(name: str) -> None:
    """A spec that asks for exactly the limit, or for less, compiles."""
    value, text = CASES[name]
    archspec.compile(text, limits=Limits(**{name: value}))
    archspec.compile(text, limits=Limits(**{name: value + 1}))


@pytest.mark.parametrize("name", CASES)
def test_one_more_is_refused_by_name(name: str) -> None:
    """A spec that asks for one more is refused, with the limit's name, both numbers, the line and the flag."""
    value, text = CASES[name]
    with pytest.raises(LimitError) as caught:
        archspec.compile(text, limits=Limits(**{name: value - 1}))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0801"
    assert f"is over the limit of {value - 1:,} (`{name}`)" in diagnostic.message
    assert f"--limit {name}=" in diagnostic.hint
    assert diagnostic.span is not None


def test_parameter_bytes_bound_what_is_allocated() -> None:
    """A model that is too large to allocate can still be described on meta."""
    compilation = archspec.compile(CASES["dimension"][1], limits=Limits(parameter_bytes=1_999))
    with pytest.raises(LimitError, match="parameter_bytes"):
        compilation.build()
    compilation.build(device="meta")
    archspec.compile(CASES["dimension"][1], limits=Limits(parameter_bytes=2_000)).build()


def test_two_to_the_forty_modules_are_refused_without_expanding() -> None:
    """Blocks that call the next one twice are elaborated once each, and counted as what they would be."""
    doubling = "".join(f"  B{i}: {{model: [{{B{i + 1}: }}, {{B{i + 1}: }}]}}\n" for i in range(30))
    text = f"{HEAD}model: [B0]\nblocks:\n{doubling}  B30: {{model: [ReLU]}}\n"
    with pytest.raises(LimitError) as caught:
        archspec.compile(text, limits=Limits(expansion_steps=10**12))
    assert "(`modules`)" in caught.value.diagnostics[0].message


def test_loops_are_counted_before_they_are_expanded() -> None:
    """Nested loops of a hundred million steps are refused by multiplying, not by walking."""
    text = HEAD + "model: [{repeat: 10000, do: [{repeat: 10000, do: [ReLU]}]}]\n"
    with pytest.raises(LimitError) as caught:
        archspec.compile(text)
    assert "100,000,000 is over the limit of 400,000" in caught.value.diagnostics[0].message
