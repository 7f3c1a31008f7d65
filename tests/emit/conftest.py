"""Models from a few lines of YAML, and the Python that their forward was made of."""

import ast
from collections.abc import Callable
from textwrap import dedent
from typing import Any

import pytest
from torch import nn

import archspec
from archspec.catalog.registry import default_registry
from archspec.emit.forward import _Writer

HEADER = "archspec: 1\nname: Net\n"


@pytest.fixture
def build() -> Callable[..., nn.Module]:
    """Builds the spec that consists of a header of two lines and the text; options go to `Compilation.build`."""

    def made(text: str, *, compile: dict[str, Any] | None = None, **options: Any) -> nn.Module:
        compilation = archspec.compile(HEADER + dedent(text).lstrip("\n"), **(compile or {}))
        return compilation.build(**{"seed": 0, **options})

    return made


@pytest.fixture
def written(build: Callable[..., nn.Module]) -> Callable[[str], str]:
    """The generated forward of the spec, as Python writes it."""

    def forward(text: str) -> str:
        program = type(build(text))._program
        return ast.unparse(_Writer(program, default_registry()).function())

    return forward
