"""How much work a build is: counted, not timed, so that what makes the compiler slow fails here on any machine."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from torch import nn

from archspec.catalog.modules import Layer
from archspec.catalog.operation import Operation
from archspec.compiler import Compilation
from archspec.elaborate import shapes
from archspec.spec import shipped


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """What is counted from here on: modules made, Pydantic validations of arguments, and executions on meta.

    Nothing is remembered of the layers that earlier tests ran.
    """
    counted: Counter[str] = Counter()
    monkeypatch.setattr(shapes, "_KNOWN", {})

    def count(owner: type, method: str, what: str) -> None:
        original = getattr(owner, method)

        def counting(self: object, *arguments: Any, **keywords: Any) -> Any:
            counted[what] += 1
            return original(self, *arguments, **keywords)

        monkeypatch.setattr(owner, method, counting)

    count(nn.Module, "__init__", "modules")
    count(Layer, "validate", "validations")
    count(Operation, "validate", "validations")
    count(_CountedMemory, "__setitem__", "executions")
    monkeypatch.setattr(shapes, "_KNOWN", _CountedMemory())
    yield counted


class _CountedMemory(dict[object, Any]):
    """What `shapes` remembers: one entry for each execution."""


def test_validation_grows_with_the_text(work: Counter[str]) -> None:
    """Each set of arguments is validated once as written, however often a loop or a block repeats its node."""
    # resnet.yaml has 13 layers and 1 operation with arguments. A second pass over nodes would double this.
    Compilation("resnet50").spec  # noqa: B018 - the stage is what is counted
    assert work == {"validations": 14}
