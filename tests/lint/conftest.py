"""What the tests of the linter share: the warnings of a model that is given as the lines below `model:`."""

from collections.abc import Callable
from textwrap import indent

import pytest

from archspec.compiler import Compilation

Lint = Callable[..., list[tuple[str, int]]]


@pytest.fixture
def lint() -> Lint:
    """The code and the line of each warning of the linter, lines counted from 1 below `model:`.

    The function takes these lines, and as keywords `given` (the input) and `rest` (what follows the model).
    """

    def run(model: str, *, given: str = "input: [N, 8, 16, 16]", rest: str = "") -> list[tuple[str, int]]:
        head = f"archspec: 1\nname: Net\n{given}\nmodel:\n"
        text = head + indent(model.strip("\n"), "  ") + "\n" + rest
        found = Compilation(text).lint
        return [(item.code, item.span.line - head.count("\n")) for item in found if item.span is not None]

    return run
