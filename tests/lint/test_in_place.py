"""Layers that overwrite what others need."""

from collections.abc import Callable

import pytest
import torch

import archspec

Lint = Callable[..., list[tuple[str, int]]]

CONV = "Conv2d: {out_channels: 8, kernel_size: 1}"
RELU = "ReLU: {inplace: true}"


def test_a_tensor_that_is_read_later(lint: Lint) -> None:
    """The sum adds the changed values."""
    assert lint(f"a: {{{CONV}}}\nb: {{{RELU}}}\nc: {{add: , from: [a, b]}}") == [("W0203", 2)]


def test_what_is_read_later_really_changes() -> None:
    """The warning is true of the compiled model: with `inplace`, it gives something else."""
    text = (
        "archspec: 1\ninput: [N, 8]\nmodel:\n  a: {Linear: 8}\n  b: {ReLU: {inplace: %s}}\n  c: {add: , from: [a, b]}\n"
    )
    given = torch.randn(4, 8)
    outputs = [archspec.build(text % word, seed=0)(given) for word in ("true", "false")]
    assert not torch.equal(*outputs)


def test_an_input_that_gradients_need(lint: Lint) -> None:
    """A layer with weights that ran before keeps its input for the backward pass."""
    model = f"a: {{{CONV}}}\nb: {{{CONV}, from: a}}\nc: {{{RELU}, from: a}}\nd: {{add: , from: [b, c]}}"
    assert lint(model) == [("W0203", 3)]


def test_such_a_backward_pass_fails() -> None:
    """PyTorch says so, but only in training."""
    text = (
        "archspec: 1\ninput: [N, 8]\nmodel:\n  a: {Linear: 8}\n  b: {Linear: 8, from: a}\n"
        "  c: {ReLU: {inplace: true}, from: a}\n  d: {add: , from: [b, c]}\n"
    )
    output = archspec.build(text)(torch.randn(4, 8))
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


def test_a_view_of_a_tensor_shares_its_memory(lint: Lint) -> None:
    """To overwrite the one changes the other."""
    model = f"a: {{{CONV}}}\nb: {{flatten: 1}}\nc: {{{RELU}}}\nd: {{Flatten: , from: a}}\ne: {{add: , from: [c, d]}}"
    assert lint(model) == [("W0203", 3)]


def test_the_callers_tensor(lint: Lint) -> None:
    """An input of the model belongs to whoever calls it."""
    assert lint(f"- {RELU}\n- {CONV}") == [("W0203", 1)]


def test_a_tensor_that_the_model_returns_too(lint: Lint) -> None:
    """The caller gets it with the changed values."""
    model = f"a: {{{CONV}}}\nb: {{{RELU}}}"
    assert lint(model, rest="output: [a, b]\n") == [("W0203", 2)]
    assert lint(model) == []


def test_a_parameter(lint: Lint) -> None:
    """It would change with every forward."""
    assert lint(
        "w: {Parameter: {shape: [8], init: zeros}}\nr: {relu: {inplace: true}, from: w}", rest="output: r\n"
    ) == [("W0203", 2)]


def test_branches_that_start_in_place(lint: Lint) -> None:
    """The second branch reads what the first has changed."""
    model = f"a: {{{CONV}}}\nb:\n  mode: branch\n  ModuleList:\n    - - {RELU}\n      - {CONV}\n    - {CONV}"
    assert lint(model) == [("W0203", 5)]


def test_entries_of_which_one_runs(lint: Lint) -> None:
    """A `ModuleDict` that chooses runs one of its entries, so they do not disturb each other."""
    model = f"a: {{{CONV}}}\nb:\n  select: key\n  ModuleDict:\n    one:\n      - {RELU}\n    two:\n      - {RELU}"
    given = "inputs:\n  x: [N, 8, 4, 4]\n  key: str"
    assert lint(model.replace("a: {", "a: {from: x, "), given=given) == []


@pytest.mark.parametrize(
    "model",
    [
        f"a: {{{CONV}}}\nb: {{{RELU}}}\nc: {{{CONV}}}\nd: {{add: , from: [b, c]}}",  # the result is read twice
        f"a: {{{CONV}}}\nb: {{ones_like: , from: a}}\nc: {{{RELU}, from: a}}\nd: {{add: , from: [b, c]}}",
        f"a: {{{CONV}}}\nb: {{{RELU}}}\nc: {{ones_like: , from: a}}\nd: {{add: , from: [b, c]}}",  # only its shape
        f"a: {{{CONV}}}\nb: {{sigmoid: , from: a}}\nc: {{{RELU}, from: b}}\nd: {{add: , from: [a, c]}}",  # a copy
        f"- {CONV}\n- {RELU}\n- {CONV}\n- {RELU}",
    ],
)
def test_what_may_be_overwritten(lint: Lint, model: str) -> None:
    """Nobody needs the values that were there."""
    assert lint(model) == []
