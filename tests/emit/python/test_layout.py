"""Layout: what fits stands on one line, and what does not is broken as ruff's formatter breaks it."""

import ast
import subprocess

import pytest
from ruff.__main__ import find_ruff_bin

from archspec.emit.python.expressions import flat
from archspec.emit.python.layout import Commented, Documented, lay_out

LONG = "a_rather_long_name_of_a_variable"

SAME = [
    "x = (a + b) * -c**2 // d % e @ f",
    "x = a**2 + b[0] ** 2 - (c - d)",
    "x = a - (b - c) - (d + e) * f",
    'x = "it\'s \\\\ and \\n \\u202e"',
    "x = 'say \"so\"'",
    "x = a if b is not None else c",
    "x = a[:, None, 1:-1, ..., : b.size(1)][::2]",
    "x = ((1,), [], {}, 1e-6, 1.5e20, True, None)",
    'x = nn.ModuleDict({f"layer{i}": f(i) for i in range(1, 3)})',
    "x = [f(layer) for layer, y in zip(self.layers, x, strict=True)]",
    "return a, b",
    'raise KeyError("a")',
]


@pytest.mark.parametrize("line", SAME)
def test_a_line_that_fits(line: str) -> None:
    """It is written as it was, with the brackets that it needs and no others."""
    text = "\n".join(lay_out(ast.parse(line).body))
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(line))
    assert text == line


BROKEN = [
    f"x = f({LONG}, {LONG}, first=1, last=2)",
    f"x = f({LONG}, {LONG}, {LONG}, b={LONG})",
    f"x = nn.Sequential(f({LONG}), f({LONG}), f(1))",
    f"x = {LONG} + {LONG} * {LONG} * {LONG} - {LONG}",
    f"x = f({LONG} + {LONG} * {LONG} * {LONG} - {LONG})",
    f"x = f(b={LONG} + {LONG} * {LONG} * {LONG} - {LONG})",
    f"x = f(*({LONG}({LONG}) for _ in range({LONG})), 1)",
    f"x = f({LONG}({LONG}, {LONG}) for _ in range({LONG}))",
    f"x = {LONG}({LONG}, {LONG}, {LONG})[0].size(1)",
    f"x = {LONG}({LONG}) if {LONG} is not None else {LONG}",
    f"def f(self, {LONG}: int, {LONG}: int = 1):\n    return x",
    f"def f(self, {LONG}: int, {LONG}: int = 1, b: int = 2, c: int = 3):\n    return x",
    f"for x in zip({LONG}, {LONG}, {LONG}):\n    y = x",
    f"if isinstance({LONG}, ({LONG}, {LONG})):\n    y = x",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_line_that_does_not_fit(text: str) -> None:
    """Ruff's formatter would change nothing in it."""
    written = "\n".join([*lay_out(ast.parse(text).body), ""])
    assert ast.dump(ast.parse(written)) == ast.dump(ast.parse(text))
    command = [find_ruff_bin(), "format", "--isolated", "--no-cache", "-"]
    done = subprocess.run(command, input=written, capture_output=True, text=True, check=True)
    assert done.stdout == written
    assert written.count("\n") > text.count("\n") + 1


def test_a_comment_where_there_is_room() -> None:
    """It is left out rather than making the line too long."""
    line = ast.parse("x = f(x)").body[0]
    assert [*lay_out([Commented(line, "[N, 3]")])] == ["x = f(x)  # [N, 3]"]
    assert [*lay_out([Commented(line, "n" * 80)])] == ["x = f(x)"]


def test_a_docstring() -> None:
    """One line is closed where it ends, several are closed below."""
    assert [*lay_out([Documented(["One."])], 4)] == ['    """One."""']
    assert [*lay_out([Documented(["One.", "", "Two."])], 4)] == ['    """One.', "", "    Two.", '    """']


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), -0.0, 1e300, 10**30])
def test_numbers_read_back(value: float) -> None:
    """Every number is read back as the same, those too that Python has no literal for."""
    assert repr(eval(flat(ast.Constant(value=value)))) == repr(value)
