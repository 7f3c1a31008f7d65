"""Dimensions in words."""

from archspec.commands.dimensions import describe_input
from archspec.compiler import Compilation

FIXED = """\
archspec: 1
name: Fixed
{inputs}
model:
  flat: {{reshape: {{shape: [2, 80]}}}}
  head: {{Linear: 10}}
"""


def _compile(inputs: str) -> Compilation:
    return Compilation(FIXED.format(inputs=inputs))


def test_an_input_is_described_with_what_may_vary() -> None:
    """One line says which names are promises and what broke the others."""
    compilation = _compile("input: [N=2, C=10, 8]")
    (item,) = compilation.graph.inputs
    fixed = compilation.fixed_dimensions
    assert describe_input(item, {"C": fixed["C"]}) == (
        "input 2×10×8 (N may vary, C is fixed by " + (f"{fixed['C'].path}, " if fixed["C"].path else "") + "<text>:5)"
    )
    assert describe_input(item, {}) == "input 2×10×8 (N and C may vary)"
