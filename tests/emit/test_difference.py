"""Differences of two architectures: what was added, removed, changed and moved."""

import archspec
from archspec.emit.difference import Difference, compare
from archspec.emit.difference_text import described, described_keys

OLD = """\
archspec: 1
name: Net
input: [N, 4]
model:
  stem: {Linear: 4}
  body: [{Linear: 4}, ReLU, {Linear: 4}, {LayerNorm: {}}]
  pool: {mean: {dim: 1, keepdim: true}}
  head: {Linear: 2}
"""


def _compare(old: str, new: str) -> Difference:
    return compare(archspec.compile(old).graph, archspec.compile(new).graph)


def _lines(new: str, old: str = OLD) -> list[str]:
    return list(described(_compare(old, new)))


def test_equal_architectures_have_no_difference() -> None:
    """Names that do not count are no difference."""
    difference = _compare(OLD, OLD.replace("name: Net", "name: Other"))
    assert difference.equal
    assert (list(described(difference)), bool(difference.keys), difference.key_map) == ([], False, {})


def test_a_changed_layer_is_shown_on_both_sides() -> None:
    """With the arguments that are not as by default."""
    assert _lines(OLD.replace("ReLU", "{GELU: {approximate: tanh}}")) == [
        "~ body.1: ReLU -> GELU(approximate='tanh')",
    ]


def test_a_changed_width_is_a_change_of_keys_too() -> None:
    """A layer at the same path with other arguments is one change; its keys have other shapes."""
    difference = _compare(OLD, OLD.replace("head: {Linear: 2}", "head: {Linear: 3}"))
    assert list(described(difference)) == ["~ head: Linear(1, 2) -> Linear(1, 3)"]
    assert list(described_keys(difference.keys)) == ["~ head.weight: 2×1 -> 3×1", "~ head.bias: 2 -> 3"]


def test_what_one_side_has_alone_is_named_once() -> None:
    """Of a subtree only its root is listed."""
    new = OLD.replace("  pool:", "  extra: {Graph: {a: {Linear: 4}, b: {LayerNorm: {}}}}\n  pool:")
    assert _lines(new) == ["+ extra: Graph, 28 parameters"]
    assert _lines(OLD, new) == ["- extra: Graph, 28 parameters"]


def test_a_changed_operation_is_not_also_wiring() -> None:
    """The block around it is as it was."""
    assert _lines(OLD.replace("dim: 1", "dim: -1")) == [
        "~ pool: mean(dim=1, keepdim=True) -> mean(dim=-1, keepdim=True)",
    ]


def test_wiring_alone_is_told() -> None:
    """The same nodes, connected in another way, are another function."""
    new = OLD.replace("keepdim: true}}", "keepdim: true}, from: stem}")
    assert _lines(new) == ["~ the model: its nodes are wired in another way"]


def test_a_renamed_module_has_moved() -> None:
    """The same subtree under another name, with a map of its keys."""
    difference = _compare(OLD, OLD.replace("body", "trunk"))
    assert list(described(difference)) == ["> body -> trunk: Sequential"]
    assert difference.key_map == {
        f"body.{key}": f"trunk.{key}" for key in ("0.weight", "0.bias", "2.weight", "2.bias", "3.weight", "3.bias")
    }


def test_parts_of_a_renamed_module_are_found() -> None:
    """Where the subtree was changed too, what stayed the same in it has moved."""
    new = OLD.replace(
        "body: [{Linear: 4}, ReLU, {Linear: 4}, {LayerNorm: {}}]", "trunk: [{Linear: 4}, ReLU, {LayerNorm: {}}]"
    )
    difference = _compare(OLD, new)
    assert "> body.0 -> trunk.0: Linear" in described(difference)
    assert "> body.3 -> trunk.2: LayerNorm" in described(difference)
    assert "- body.2: Linear(4, 4), 20 parameters" in described(difference)
    assert difference.key_map["body.3.weight"] == "trunk.2.weight"


def test_modules_that_are_alike_move_in_their_order() -> None:
    """Each is taken once."""
    old = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {a: [{Linear: 4}, {Linear: 4}]}\n"
    new = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {b: {Linear: 4}, c: {Linear: 4}}\n"
    assert [line for line in _lines(new, old) if line.startswith(">")] == ["> a.0 -> b: Linear", "> a.1 -> c: Linear"]


def test_inputs_and_ties_are_compared() -> None:
    """What no row of the table shows is listed as well."""
    old = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {a: {Linear: 4}, b: {Linear: 4}}\n"
    assert _lines(old + "tie: {b.weight: a.weight}\n", old) == ["~ tie: none -> b.weight: a.weight"]
    tokens = "archspec: 1\nname: Net\ninput: {shape: [N, 4], dtype: DTYPE, max: 3}\nmodel: {a: {Embedding: [3, 2]}}\n"
    assert _lines(tokens.replace("DTYPE", "int32"), tokens.replace("DTYPE", "int64")) == [
        "~ input: input int64 -> input int32",
    ]


def test_architectures_that_differ_always_say_how() -> None:
    """Every change that the fingerprint sees has a line."""
    for other in ("resnet34", "resnet50", "wide_resnet50_2"):
        assert _compare("resnet18", other).equal is (not list(described(_compare("resnet18", other))))
