"""Every example explains itself, has nothing to warn about, and runs as it is."""

from pathlib import Path

import pytest
import torch

import archspec
from archspec.elaborate.shapes import of_value
from archspec.graph.types import TensorType, TextType, describe

SPECS = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


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
