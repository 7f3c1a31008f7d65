"""`extends`: what an extending spec does not say, it has from the spec that it extends."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

import archspec
from archspec.compiler import Compilation
from archspec.graph.types import describe

BASE = """\
archspec: 1
name: Base
params: {width: 8}
let: {half: $(width // 2)}
input: [N, 8]
model:
  a: {Linear: $half}
  b: {Linear: 3}
output: [a, b]
init:
  - {match: Linear, weight: zeros}
"""


Extended = Callable[[str], Compilation]


@pytest.fixture
def extended(tmp_path: Path) -> Extended:
    """Compiles a spec that extends BASE and goes on with the text given."""
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")

    def compile_(rest: str) -> Compilation:
        path = tmp_path / "derived.yaml"
        path.write_text(f"archspec: 1\nextends: ./base.yaml\n{rest}", encoding="utf-8")
        return archspec.compile(path)

    return compile_


def test_output_and_init_are_inherited(extended: Extended) -> None:
    """A spec that only patches returns what the base returns, and starts with the weights that the base asks for."""
    compilation = extended("patch: {b: {Linear: 5}}\n")
    assert describe(compilation.graph.output) == "(2×4, 2×5)"
    assert torch.count_nonzero(compilation.build().b.weight) == 0


def test_output_and_init_are_replaced(extended: Extended) -> None:
    """What a spec says itself stands in place of what the base says."""
    compilation = extended("output: b\ninit: [{match: Linear, weight: ones}]\n")
    assert describe(compilation.graph.output) == "2×3"
    assert compilation.build().a.weight.unique().tolist() == [1.0]


def test_let_is_joined_to_that_of_the_base(extended: Extended) -> None:
    """New names join those of the base, and a name that is written again replaces its value."""
    assert extended("let: {more: $(half + 1)}\npatch: {b: {Linear: $more}}\n").build().b.out_features == 5
    assert extended("let: {half: 2}\n").build().a.out_features == 2
