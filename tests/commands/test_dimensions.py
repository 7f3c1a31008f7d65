"""Dimensions that cannot vary."""

from dataclasses import replace

from archspec.commands.dimensions import describe_input, unvarying
from archspec.compiler import Compilation
from archspec.diagnostic import render

FIXED = """\
archspec: 1
name: Fixed
{inputs}
model:
  flat: {{reshape: {{shape: [2, 80]}}}}
  head: {{Linear: 10}}
"""

MESSAGE = (
    "<text>:3:9: warning[W0105]: the dimension `N` cannot vary: the model runs with N=2 and fails with another size"
)


def _compile(inputs: str) -> Compilation:
    return Compilation(FIXED.format(inputs=inputs))


def test_a_dimension_without_a_size_that_cannot_vary_is_a_warning() -> None:
    """`N` promises what the model does not keep: the warning says what keeps it from it."""
    compilation = _compile("input: [N, 10, 8]")
    cause = replace(compilation.fixed_dimensions["N"], message="reshape fails", expected="240 elements")
    compilation.__dict__["fixed_dimensions"] = {"N": cause}
    (warning,) = unvarying(compilation)
    assert render(warning).splitlines() == [
        MESSAGE,
        "  |",
        "3 | input: [N, 10, 8]",
        "  |         ^",
        "  = help: write 2 in place of N where that is meant, or change what fixes it",
        "  = note: it is fixed here: reshape fails; expected 240 elements (<text>:5:10)",
    ]


def test_the_warning_finds_the_dimension_of_a_long_input() -> None:
    """An input written as a mapping has its dimensions one level deeper."""
    (warning,) = unvarying(_compile("inputs:\n  x: {shape: [N, 80], dtype: float32}"))
    assert str(warning.span) == "<text>:4:15"


def test_a_dimension_with_a_size_is_no_warning() -> None:
    """`N=2` says that two is what is meant."""
    assert list(unvarying(_compile("input: [N=2, 10, 8]"))) == []


def test_a_dimension_that_varies_is_no_warning() -> None:
    """Most models take any batch."""
    assert list(unvarying(Compilation("lenet"))) == []


def test_an_input_is_described_with_what_may_vary() -> None:
    """One line says which names are promises and what broke the others."""
    compilation = _compile("input: [N=2, C=10, 8]")
    (item,) = compilation.graph.inputs
    fixed = compilation.fixed_dimensions
    assert describe_input(item, {"C": fixed["C"]}) == (
        "input 2×10×8 (N may vary, C is fixed by " + (f"{fixed['C'].path}, " if fixed["C"].path else "") + "<text>:5)"
    )
    assert describe_input(item, {}) == "input 2×10×8 (N and C may vary)"
