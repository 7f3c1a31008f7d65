"""Intermediate results are freed as soon as nothing needs them, as in code that reuses one variable."""

import weakref
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

Build = Callable[..., nn.Module]


@pytest.fixture(autouse=True)
def _no_grad() -> Iterator[None]:
    """Autograd keeps what a backward pass needs; without it only `forward` holds results."""
    with torch.no_grad():
        yield


def alive_when(model: nn.Module, at: str) -> Callable[..., set[str]]:
    """Calls the model and tells which modules' results are still in memory when the module `at` begins to run."""
    results: dict[str, weakref.ref[torch.Tensor]] = {}
    alive: set[str] = set()

    def keep(name: str) -> Callable[..., None]:
        return lambda _module, _inputs, output: results.__setitem__(name, weakref.ref(output))

    def look(*_: object) -> None:
        alive.update(name for name, result in results.items() if result() is not None)

    for name, module in model.named_modules():
        if name:
            module.register_forward_hook(keep(name))
    model.get_submodule(at).register_forward_pre_hook(look)

    def call(*inputs: torch.Tensor) -> set[str]:
        model(*inputs)
        return alive

    return call


CASES = {
    "a chain of nodes keeps only what comes next": (
        "{a: {Linear: 4}, b: {Linear: 4}, c: {Linear: 4}, d: {Linear: 4}}",
        "d",
        {"c"},
    ),
    "what is read later is kept until then": (
        "{a: {Linear: 4}, b: {Linear: 4}, c: {Linear: 4}, sum: {add: , from: [a, c]}, d: {Linear: 4}}",
        "c",
        {"a", "b"},
    ),
    "and not longer": (
        "{a: {Linear: 4}, b: {Linear: 4}, sum: {add: , from: [a, b]}, d: {Linear: 4}}",
        "d",
        set(),
    ),
    "a ModuleList frees its input when its first module has run": (
        "{a: {Linear: 4}, list: {ModuleList: [{Linear: 4}, {Linear: 4}, {Linear: 4}]}}",
        "list.2",
        {"list.1"},
    ),
    "unless that is read later": (
        "{a: {Linear: 4}, list: {ModuleList: [{Linear: 4}, {Linear: 4}]}, sum: {add: , from: [a, list]}}",
        "list.1",
        {"a", "list.0"},
    ),
    "branches are kept until the list of them is not needed any more": (
        """
          list: {ModuleList: [{Linear: 4}, {Linear: 4}], mode: branch}
          b: {Linear: 4, from: "list[0]"}
          c: {Linear: 4}
        """,
        "c",
        {"b"},
    ),
    "a zip holds no item of its list": (
        """
          list: {ModuleList: [{Linear: 4}, {Linear: 4}], mode: branch}
          zip: {ModuleList: [ReLU, Tanh], mode: zip}
          b: {Linear: 4, from: "zip[0]"}
        """,
        "b",
        {"zip.0", "zip.1"},
    ),
    "nor does a dictionary of branches of lists": (
        """
          dict: {ModuleDict: {x: {Linear: 4}, y: {ModuleList: [{Linear: 4}, ReLU]}}, mode: branch}
          b: {Linear: 4, from: "dict[x]"}
          c: {Linear: 4}
        """,
        "c",
        {"b"},
    ),
}


@pytest.mark.parametrize("title", CASES)
def test_alive(build: Build, title: str) -> None:
    """Nothing outlives its last use."""
    model, at, expected = CASES[title]
    assert alive_when(build(f"input: [N, 4]\nmodel: {model}"), at)(torch.randn(2, 4)) == expected


def test_a_shared_result_in_a_block(build: Build) -> None:
    """The input of a block is freed by the block's caller, not held by the graph around it."""
    model = build(
        """
        input: [N, 4]
        model: {a: {Linear: 4}, block: Inner, b: {Linear: 4}, c: {Linear: 4}}
        blocks:
          Inner: {model: {fc: {Linear: 4}, act: ReLU}}
        """
    )
    assert alive_when(model, "c")(torch.randn(2, 4)) == {"b"}
