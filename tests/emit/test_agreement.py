"""Agreement of a model with what was made of it."""

from math import inf, nan

import pytest
import torch

import archspec
from archspec.emit.agreement import (
    MOST,
    TOLERANCE,
    check_agreement,
    largest_difference,
    trial,
    trial_sizes,
)
from archspec.errors import ExportError

NET = "archspec: 1\nname: Net\ninput: [N, 4]\nmodel: {last: {Linear: 2}}\n"


@pytest.mark.parametrize(
    ("expected", "given", "difference"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0),
        ([-1.0, 1.0], [-1.0, 1.5], 0.5),
        ([1.0, 101.0], [1.0, 102.0], 1 / 50),
        ([1e-20, 3e-20], [1e-20, 1e-20], 2),
        ([1000.0, 1000.0], [1000.0, 1001.0], 1 / 50),
        ([0.0, 0.0], [0.0, 0.25], 0.25),
        ([nan, -inf], [nan, -inf], 0),
        ([nan, 1.0], [1.0, 1.0], inf),
        ([1.0, inf], [1.0, 1.0], inf),
        ([1.0, 2.0], [1.0], inf),
    ],
)
def test_the_difference_is_a_part_of_the_spread(expected: list[float], given: list[float], difference: float) -> None:
    """However small all values are; values that are all but the same have a twentieth of the largest for theirs.

    What is no number agrees with the same alone.
    """
    found = largest_difference([torch.tensor(expected)], [torch.tensor(given)])
    assert found == pytest.approx(difference)


def test_another_number_of_outputs_is_no_agreement() -> None:
    """A part of the output that is missing is not the output."""
    assert largest_difference([torch.ones(1)], []) == inf


def test_what_varies_is_tried_at_another_size() -> None:
    """At the sizes that were checked, and with all that varies one larger."""
    graph = archspec.compile(NET).graph
    assert list(trial_sizes(graph, {"N"})) == [{"N": 2}, {"N": 3}]
    assert list(trial_sizes(graph, set())) == [{"N": 2}]


def test_a_difference_is_told_with_its_size() -> None:
    """And at which sizes it was found."""
    compilation = archspec.compile(NET)
    model = compilation.build()
    with pytest.raises(ExportError, match=r"the copy gives something else than the model, by .* at N=2"):
        check_agreement(compilation.graph, model, lambda x: model(x) + 1, varying={"N"}, what="the copy")


def test_a_failure_is_told_with_its_size() -> None:
    """What runs at one size alone is no copy of a model that runs at others."""
    compilation = archspec.compile(NET)
    model = compilation.build()

    def copy(x: torch.Tensor) -> torch.Tensor:
        if len(x) > 2:
            raise ValueError("only two\nand no more")
        return model(x)

    with pytest.raises(ExportError) as caught:
        check_agreement(compilation.graph, model, copy, varying={"N"}, what="the copy")
    assert str(caught.value) == "the copy fails where the model runs, at N=3: only two"


TOKENS = """\
archspec: 1
name: Net
inputs: {tokens: {shape: [N, 6], dtype: int64, max: 40}}
model:
  embedding: {Embedding: {num_embeddings: SIZE, embedding_dim: 3}}
"""


@pytest.mark.parametrize(("size", "most"), [(40, 39), (30, 0)])
def test_tokens_differ_where_the_model_takes_them(size: int, most: int) -> None:
    """A mask that is lost changes nothing where all tokens are the same; where `max` is too large they are zeros."""
    graph = archspec.compile(TOKENS.replace("SIZE", str(size)).replace("max: 40", f"max: {max(size, 40)}")).graph
    tried = trial(graph, archspec.build(TOKENS.replace("SIZE", str(size))), {"N": 50})
    assert tried is not None
    ((tokens,), _) = tried
    assert isinstance(tokens, torch.Tensor)
    assert (int(tokens.min()), int(tokens.max())) == (0, most)


def test_what_does_not_run_gives_nothing_to_compare() -> None:
    """A size that the layers do not take."""
    graph = archspec.compile(NET).graph
    assert trial(graph, torch.nn.Linear(3, 2), {"N": 2}) is None


STEEP = "archspec: 1\nname: Steep\ninput: [N, 50]\nmodel: {last: {compute: (input + 10000.0) - 10000.0}}\n"


def test_what_the_model_loses_by_rounding_is_no_difference() -> None:
    """It keeps three digits of its input, so a copy that keeps more is as near to it as can be; a worse one is not."""
    compilation = archspec.compile(STEEP)
    graph, model = compilation.graph, compilation.build()
    x = torch.randn(3, 50)
    assert TOLERANCE < largest_difference([model(x)], [x]) < MOST
    check_agreement(graph, model, lambda x: x, varying={"N"}, what="the copy")
    for worse in (0.005, 0.05):
        with pytest.raises(ExportError, match=r"the copy gives something else than the model, by .* at N=2"):
            check_agreement(graph, model, lambda x, worse=worse: x + worse, varying={"N"}, what="the copy")


def test_a_model_that_rounds_little_allows_little() -> None:
    """What is tolerated of a steep model is a difference here."""
    compilation = archspec.compile(NET)
    model = compilation.build()
    with pytest.raises(ExportError, match="the copy gives something else than the model, by"):
        check_agreement(compilation.graph, model, lambda x: model(x) + 0.0005, varying=set(), what="the copy")
