"""Preprocessing as `archspec build` shows it."""

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

import archspec
from archspec.commands.pipelines import describe_pipeline
from archspec.graph.graph import Transform

Invoke = Callable[..., Result]


def transforms(*written: Any) -> tuple[Transform, ...]:
    """Transforms as a graph has them."""
    spec = {"archspec": 1, "input": ["N", 3], "model": "Flatten", "transforms": {"eval": list(written)}}
    ((_, made),) = archspec.compile(spec).graph.transforms
    return made


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([], "nothing"),
        (["ToImage", {"Resize": 256}], "ToImage, Resize(256)"),
        ([{"Resize": {"interpolation": "bicubic", "size": [2, 3]}}], "Resize([2, 3], interpolation=bicubic)"),
        ([{"ToDtype": {"scale": True, "dtype": "float32"}}], "ToDtype(float32, scale=true)"),
        ([{"RandomErasing": {"value": 3}}], "RandomErasing(value=3)"),
        ([{"Normalize": {"mean": [1, 2, 3], "std": [1, 2, 3]}}], "Normalize(…)"),
        ([{"RandomOrder": [{"Pad": 3}, "Identity"]}], "RandomOrder(Pad(3), Identity)"),
    ],
)
def test_a_transform_is_its_name_and_arguments(written: list[Any], expected: str) -> None:
    """The first argument needs no name, and long lists are left out."""
    assert describe_pipeline("eval", transforms(*written), None) == f"eval: {expected}"


def test_lines_end_between_transforms() -> None:
    """And one that is too long for a line is told without its arguments."""
    made = transforms("ToImage", {"Resize": 256}, {"RandomErasing": {"p": 0.5, "scale": [0.1, 0.2]}}, "Identity")
    assert describe_pipeline("eval", made, 24).splitlines() == [
        "eval: ToImage,",
        "  Resize(256),",
        "  RandomErasing(…),",
        "  Identity",
    ]


@pytest.mark.parametrize("width", [60, 80])
def test_build_shows_the_pipelines(invoke: Invoke, width: int) -> None:
    """Under the heading `Transforms`, within the width of the terminal."""
    result = invoke("build", "alexnet", "--device", "meta", env={"COLUMNS": str(width)})
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("Transforms  ")] == [
        line for line in lines if "  train:" in line or "  eval:" in line
    ]
    assert len([line for line in lines if line.startswith("Transforms")]) == 2
    assert max(map(len, lines)) <= width
    assert all(line.startswith((" " * 14, "Transforms", "Forward")) for line in lines[lines.index("") + 5 :])
