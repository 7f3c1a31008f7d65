"""Dimensions that cannot vary, as `check` warns of them."""

import archspec
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


def test_a_dimension_without_a_size_that_cannot_vary_is_a_warning() -> None:
    """`N` promises what the model does not keep: the warning says what keeps it from it."""
    (warning,) = archspec.check(FIXED.format(inputs="input: [N, 10, 8]"))
    lines = render(warning).splitlines()
    assert lines[:-1] == [
        MESSAGE,
        "  |",
        "3 | input: [N, 10, 8]",
        "  |         ^",
        "  = help: write 2 in place of N where that is meant, or change what fixes it",
    ]
    assert lines[-1].startswith("  = note: it is fixed here: reshape cannot take 3×10×8")
    assert lines[-1].endswith("(<text>:5:10)")


def test_the_warning_finds_the_dimension_of_a_long_input() -> None:
    """An input written as a mapping has its dimensions one level deeper."""
    (warning,) = archspec.check(FIXED.format(inputs="inputs:\n  x: {shape: [N, 80], dtype: float32}"))
    assert str(warning.span) == "<text>:4:15"


def test_a_dimension_with_a_size_is_no_warning() -> None:
    """`N=2` says that two is what is meant."""
    assert archspec.check(FIXED.format(inputs="input: [N=2, 10, 8]")) == ()


def test_a_dimension_that_varies_is_no_warning() -> None:
    """Most models take any batch."""
    assert Compilation("lenet").check() == ()


def test_what_stands_in_has_one_shape_at_every_size() -> None:
    """A node of training and what stands in for it in evaluation agree at the checked size, and at others too."""
    text = (
        "archspec: 1\ninput: [N, 8]\nmodel:\n  code: {Linear: 4}\n"
        "  noise: {randn: {size: [2, 4]}, from: code, only: train, else: code}\n  head: {Linear: 2}\n"
    )
    (warning,) = archspec.check(text)
    assert warning.code == "W0105"
    assert warning.notes[0].message.startswith("it is fixed here: `code` is 3×4, so it cannot stand in for `noise`")
