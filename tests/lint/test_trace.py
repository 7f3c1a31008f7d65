"""The trace: it follows a forward as long as that is no more than a warning is worth."""

import pytest

from archspec.compiler import Compilation
from archspec.lint.trace import trace

CHAIN = """\
archspec: 1
name: Net
input: [N, 4]
model:
  - Linear: 4
  - ReLU
"""

PAIR = """\
archspec: 1
name: Net
inputs: {x: [N, 4], y: [N, 4]}
model:
  both: {add: , from: [x, y]}
"""


@pytest.mark.parametrize(
    ("spec", "read"),
    [
        (CHAIN, 4),  # each of the two layers reads a tensor and gives one a name
        (PAIR, 5),  # two inputs and a step have names, and the step reads two tensors
    ],
)
def test_what_may_be_read_is_counted_to_the_last(spec: str, read: int) -> None:
    """A model that reads as many tensors as are allowed has a trace; with one fewer allowed it has none."""
    graph = Compilation(spec).graph
    assert trace(graph, longest=read) is not None
    assert trace(graph, longest=read - 1) is None


def test_a_model_that_is_too_long_to_follow_is_not_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """The linter gives up quietly: a warning is worth no wait, and such a model builds all the same."""
    text = CHAIN.replace("- ReLU", "- Softmax: {dim: 1}\n  - Dropout\n  - BatchNorm1d")
    assert [item.code for item in Compilation(text).lint] == ["W0202"]
    monkeypatch.setattr("archspec.lint.lint.trace", lambda graph: trace(graph, longest=1))
    assert [*Compilation(text).lint] == []
