"""Every limit, as a caller meets it: one less than a spec asks for refuses it, just as much or one more does not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import archspec
from archspec.errors import LimitError
from archspec.limits import Limits

HEAD = "archspec: 1\ninput: [N, 4]\n"
SMALL = f"{HEAD}model: [{{Linear: 10}}]\n"
PLACELESS = frozenset({"file_bytes", "safetensors_header_bytes", "safetensors_tensors"})  # about a file, not a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A spec that asks for exactly `value` of a limit, with the files beside it."""

    value: int
    text: str
    files: Mapping[str, str] | None = None
    builds: bool = False
    weights: bool = False


def _uses(path: str) -> str:
    return f"{HEAD}use: {{B: {path}}}\nmodel: [B]\n"


CASES: dict[str, Case] = {
    "file_bytes": Case(value=len(SMALL), text=SMALL),
    "total_bytes": Case(value=len(_uses("./b.yaml")) + len(SMALL), text=_uses("./b.yaml"), files={"b.yaml": SMALL}),
    "yaml_depth": Case(value=6, text=f"{HEAD}model: [[[[[ReLU]]]]]\n"),
    "yaml_nodes": Case(value=11, text=f"{HEAD}model: [ReLU, Tanh]\n"),
    "alias_uses": Case(value=2, text=f"{HEAD}model: [&a ReLU, *a, *a]\n"),
    "nodes_after_aliases": Case(value=13, text=f"{HEAD}model: [&a [ReLU], *a]\n"),
    "scalar_bytes": Case(value=20, text=f"{HEAD}doc: {'é' * 10}\nmodel: [ReLU]\n"),
    "key_length": Case(value=20, text=f"{HEAD}model: {{{'k' * 20}: ReLU}}\n"),
    "doc_bytes": Case(value=20, text=f"{HEAD}doc: {'é' * 10}\nmodel: [ReLU]\n"),
    "include_depth": Case(value=2, text=_uses("./b.yaml"), files={"b.yaml": _uses("./c.yaml"), "c.yaml": SMALL}),
    "include_files": Case(value=3, text=_uses("./b.yaml"), files={"b.yaml": _uses("./c.yaml"), "c.yaml": SMALL}),
    "expression_length": Case(value=8, text=f"{HEAD}model: [{{ReLU: , when: 10 <  20}}]\n"),
    "expression_depth": Case(value=3, text=f"{HEAD}model: [{{Linear: $(1 + 2 + 3)}}]\n"),
    "expression_steps": Case(value=7, text=f"{HEAD}model: [{{Linear: $(1 + 2 + 3 + 4)}}]\n"),
    "total_expression_steps": Case(value=6, text=f"{HEAD}model: [{{Linear: $(1 + 2)}}, {{Linear: $(1 + 3)}}]\n"),
    "text_result": Case(value=4, text=f"{HEAD}let: {{q: $('ab' * 2)}}\nmodel: [{{Linear: $(len(q))}}]\n"),
    "list_result": Case(value=3, text=f"{HEAD}let: {{q: '$([1] + [2, 3])'}}\nmodel: [{{Linear: '$(q[0])'}}]\n"),
    "repeat": Case(value=5, text=f"{HEAD}model: [{{ReLU: , repeat: 5}}]\n"),
    "expansion_steps": Case(value=8, text=f"{HEAD}model: [{{ReLU: , repeat: 7}}, Tanh]\n"),
    "shape_runs": Case(value=4, text=f"{HEAD}model: [ReLU, Tanh, ReLU]\n"),
    "modules": Case(value=7, text=f"{HEAD}model: [[ReLU, ReLU], [ReLU, Tanh]]\n"),
    "module_depth": Case(value=3, text=f"{HEAD}model: [[ReLU]]\n"),
    "block_depth": Case(value=2, text=f"{HEAD}model: [A]\nblocks: {{A: {{model: [B]}}, B: {{model: [ReLU]}}}}\n"),
    "tensor_rank": Case(value=3, text=f"{HEAD}model:\n  a: {{unsqueeze: 0}}\n"),
    "dimension": Case(value=10, text=SMALL),
    "meta_parameter_bytes": Case(value=4 * (4 * 10 + 10), text=SMALL),
    "parameter_bytes": Case(value=4 * (4 * 10 + 10), text=SMALL, builds=True),
    "buffer_work": Case(
        value=2 * 4 + 2 * 2**3,
        text=f"{HEAD}model: {{b: {{Buffer: {{value: [[1, 2], [3, 4]], compute: value @ value}}}}, r: ReLU}}\n",
    ),
    "activation_bytes": Case(value=4 * 2 * 10, text=SMALL),
    "safetensors_header_bytes": Case(value=0, text=SMALL, weights=True),
    "safetensors_tensors": Case(value=2, text=SMALL, weights=True),
}


@pytest.fixture
def compiled(tmp_path: Path) -> Callable[[Case, Limits], Any]:
    """Compile the spec of a case, or build it where only that reaches the limit."""

    def compiled(case: Case, limits: Limits) -> Any:
        for name, text in {**(case.files or {}), "net.yaml": case.text}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        compilation = archspec.compile(tmp_path / "net.yaml", limits=limits)
        if case.builds:
            return compilation.build()
        return compilation.build(weights=_weights(tmp_path)) if case.weights else compilation

    return compiled


def _weights(folder: Path) -> Path:
    path = folder / "w.safetensors"
    save_file({"0.weight": torch.ones(10, 4), "0.bias": torch.ones(10)}, path)
    return path


def _value(name: str, folder: Path) -> int:
    """What the case asks for: the header of a checkpoint is as long as its first bytes say."""
    if name != "safetensors_header_bytes":
        return CASES[name].value
    return int.from_bytes(_weights(folder).read_bytes()[:8], "little")


def test_every_limit_has_a_case() -> None:
    """A limit that is added is tested at its edge, or this fails."""
    assert list(CASES) == Limits.names()


@pytest.mark.parametrize("name", CASES)
def test_just_as_much_and_more_let_it_pass(name: str, compiled: Callable[[Case, Limits], Any], tmp_path: Path) -> None:
    """A spec that asks for exactly the limit, or for one less, is taken."""
    value = _value(name, tmp_path)
    compiled(CASES[name], Limits(**{name: value}))
    compiled(CASES[name], Limits(**{name: value + 1}))


@pytest.mark.parametrize("name", CASES)
def test_one_less_refuses_and_says_what_would_do(
    name: str, compiled: Callable[[Case, Limits], Any], tmp_path: Path
) -> None:
    """One that asks for one more is refused by name, with both numbers, its line, and the flag that lets it pass."""
    value = _value(name, tmp_path)
    with pytest.raises(LimitError) as caught:
        compiled(CASES[name], Limits(**{name: value - 1}))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E0801"
    assert diagnostic.message.endswith(f": {value:,} is over the limit of {value - 1:,} (`{name}`)")
    assert f"--limit {name}={value} or Limits({name}={value})" in diagnostic.hint
    assert Limits.reason(name) in diagnostic.notes[-1].message
    assert (diagnostic.span is None) == (name in PLACELESS)
