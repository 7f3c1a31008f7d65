"""Models from a few lines of YAML, and the same models from the Python that is written of them."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.compiler import Compilation
from archspec.emit.python.model import emit_python

HEADER = "archspec: 1\nname: Net\n"


@pytest.fixture
def compiled() -> Callable[[str], Compilation]:
    """Compiles the spec that consists of a header of two lines and the text."""
    return lambda text: archspec.compile(HEADER + dedent(text).lstrip("\n"))


@pytest.fixture
def written(compiled: Callable[[str], Compilation]) -> Callable[[str], str]:
    """The Python of a spec."""
    return lambda text: emit_python(compiled(text).graph)


def run(text: str, name: str = "Net") -> nn.Module:
    """The model that a file defines, with the first weights that belong to the seed 0."""
    namespace: dict[str, Any] = {"__name__": "model"}
    exec(compile(text, "model.py", "exec"), namespace)
    torch.manual_seed(0)
    model: nn.Module = namespace[name]()
    return model


@pytest.fixture
def both(compiled: Callable[[str], Compilation]) -> Callable[[str], tuple[nn.Module, nn.Module]]:
    """The model of a spec by its Python, and archspec's own; their keys and first weights are compared already."""

    def made(text: str) -> tuple[nn.Module, nn.Module]:
        compilation = compiled(text)
        model, own = run(emit_python(compilation.graph), compilation.graph.name), compilation.build(seed=0)
        assert [*model.state_dict()] == [*own.state_dict()]
        assert [*dict(model.named_buffers())] == [*dict(own.named_buffers())]
        for key, value in own.state_dict().items():
            assert torch.equal(model.state_dict()[key], value), key
        return model, own

    return made


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str], Path]:
    """The path of a golden file."""
    folder = request.config.rootpath / "tests" / "fixtures" / "python"
    return lambda name: folder / f"{name}.py"
