"""Every example explains itself, has nothing to warn about, and runs as it is."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import archspec
from archspec.elaborate.shapes import of_value
from archspec.graph.types import TensorType, TextType, describe

EXAMPLES = Path(__file__).parents[2] / "examples"
SPECS = sorted(EXAMPLES.glob("*.yaml"))


@pytest.fixture(params=SPECS, ids=lambda path: path.stem)
def spec(request: pytest.FixtureRequest) -> Path:
    """One example after the other."""
    return request.param


def test_the_seeds_are_there() -> None:
    """The models archspec began with are among the examples."""
    assert {"choices", "lenet_positional", "linears"} <= {path.stem for path in SPECS}


def test_an_example_says_what_it_shows(spec: Path) -> None:
    """The doc of an example begins with a sentence of one line."""
    first = archspec.compile(spec).graph.doc.splitlines()[0]
    assert first.endswith(".")
    assert len(first) <= 120


def test_an_example_is_clean(spec: Path) -> None:
    """There is nothing to warn about in an example."""
    assert archspec.check(spec) == ()


def test_an_example_runs(spec: Path) -> None:
    """At the sizes and keys of the check, the model gives the shape that was proved."""
    compilation = archspec.compile(spec)
    graph, model = compilation.graph, compilation.build()
    keys = {name: choices[0] for name, choices in graph.choices}
    output = model(*(_value(item.type, keys) for item in graph.inputs))
    assert describe(of_value(output)) == describe(graph.output)


def _value(kind: object, keys: dict[str, str]) -> object:
    """A value of this type."""
    match kind:
        case TensorType():
            return torch.ones(kind.shape, dtype=getattr(torch, kind.dtype))
        case TextType():
            return keys[kind.origin]
        case _:
            return None


def _run(script: str, *arguments: str) -> str:
    """What a script prints, in a process of its own and from another folder; a warning ends it."""
    command = [sys.executable, "-W", "error", EXAMPLES / script, *arguments]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=EXAMPLES.parent.parent, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_every_script_is_run_here() -> None:
    """An example that nobody runs is wrong one day."""
    calls = [node for node in ast.walk(ast.parse(Path(__file__).read_bytes())) if isinstance(node, ast.Call)]
    names = {call.args[0].value for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_run"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == names


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "trained"), [((), 2_052), (("--all",), 11_178_564)])
def test_finetuning(arguments: tuple[str, ...], trained: int) -> None:
    """The head alone is trained, or everything, and the loss falls."""
    first, *steps = _run("finetune.py", *arguments).splitlines()
    assert first == f"{trained:,} of 11,178,564 parameters are trained"
    losses = [float(line.split()[-1]) for line in steps]
    assert len(losses) == 10
    assert losses[-1] < losses[0]


@pytest.mark.slow
def test_a_custom_layer() -> None:
    """What Python registered is a layer like others: in the tree, in the forward, and in messages about it."""
    printed = _run("custom_layer.py")
    assert "(act): SquaredReLU()" in printed
    largest = re.search(r"is (0\.\d+), below the cap", printed)
    assert largest is not None
    assert 0 < float(largest[1]) < 0.5
    assert "SquaredReLU has no argument `scael`" in printed
    assert "did you mean `scale`?" in printed


@pytest.mark.slow
def test_a_sweep() -> None:
    """Each combination is a model of its own, and the larger ones fit better."""
    lines = _run("sweep.py").splitlines()
    found = [re.match(r" *([\d,]+) parameters  loss (\d\.\d+)  \{", line) for line in lines]
    results = [(int(item[1].replace(",", "")), float(item[2])) for item in found if item is not None]
    assert len(results) == len(lines) == 8
    assert {parameters for parameters, _ in results} == {289, 833, 1_153, 9_473}
    assert results[-1][1] < results[0][1]
