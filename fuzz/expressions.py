"""Expressions: in come bytes, the first of which says where the others stand, out comes Python's value, or faults."""

import math
import runpy
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archspec.diagnostic import quote
from archspec.elaborate.evaluate import Budget, Value, evaluate, evaluate_written, interpolate, iterate
from archspec.elaborate.scope import Scope
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source, Span
from archspec.syntax.expression import Expression, Template, parse_expression, parse_for, parse_template, parse_written
from archspec.syntax.grammar import CONSTANTS, FUNCTIONS
from archspec.syntax.parse import parse
from fuzz.verdict import Finding, judge

__all__ = ["MAX_LENGTH", "run", "seeds", "words"]

MAX_LENGTH = 1_200
ROOT = Path(__file__).parents[1]

VALUES: dict[str, Any] = {
    "a": 3,
    "b": -2,
    "n": 0,
    "x": 0.5,
    "big": 2**62,
    "flag": True,
    "none": None,
    "t": "text",
    "items": [1, 2, 3],
    "mixed": [1, "two", 3.0, [4], None],
    "pairs": [[1, [2, 3]], [4, [5, 6]]],
    "empty": [],
    "numbers": range(5),
}

# What Python has by the same name. Of `int` and `str`, archspec takes less, which is no other value.
PYTHON: dict[str, Any] = {
    **{function.__name__: function for function in (abs, min, max, sum, len, range, round, int, float, str, any, all)},
    **{function.__name__: function for function in (math.floor, math.ceil, math.sqrt)},
    "enumerate": lambda *arguments: list(enumerate(*arguments)),
    "zip": lambda *arguments: list(zip(*arguments, strict=False)),
}
OURS = ("round_to", "linspace", "size")


def run(data: bytes) -> None:
    """Parse and evaluate what stands behind the first byte.

    Raises:
        Finding: a promise is broken, or Python gives another value.
    """
    ways = (_bare, _at_run_time, _in_text, _in_loop, _in_yaml)
    text = data[1:].decode(errors="replace")
    way = ways[data[0] % len(ways)] if data else _bare
    judge(lambda: way(text))


def _bare(text: str) -> None:
    expression = parse_expression(text, _span(text), DEFAULT_LIMITS)
    value = evaluate(expression, _scope(), Budget(DEFAULT_LIMITS))
    _compare(expression, value)


def _at_run_time(text: str) -> None:
    evaluate(parse_expression(text, _span(text), DEFAULT_LIMITS), _scope(), Budget(DEFAULT_LIMITS), runtime=True)


def _in_text(text: str) -> None:
    template = parse_template(text, _span(text), DEFAULT_LIMITS)
    if isinstance(template, Expression | Template):
        interpolate(template, _scope(), Budget(DEFAULT_LIMITS))


def _in_loop(text: str) -> None:
    iterate(parse_for(text, _span(text), DEFAULT_LIMITS), _scope(), Budget(DEFAULT_LIMITS), DEFAULT_LIMITS)


def _in_yaml(text: str) -> None:
    written = parse_written(parse(Source.of_text(text)), DEFAULT_LIMITS)
    evaluate_written(written, _scope(), Budget(DEFAULT_LIMITS))


def _span(text: str) -> Span:
    """All of the text."""
    source = Source.of_text(text)
    lines = source.lines()
    return Span(source, 1, 1, len(lines), len(lines[-1]) + 1)


def _scope() -> Scope:
    return Scope(VALUES, size_of=_size)


def _size(node: str, dim: int) -> int:
    if node != "x" or not -4 <= dim < 4:
        raise LookupError(f"{quote(node)} has no dimension {dim}", "name another")
    return (2, 3, 16, 16)[dim]


def _compare(expression: Expression, value: Value) -> None:
    """Whoever reads an expression takes it for Python, so it must have Python's value."""
    if any(name in expression.text for name in OURS):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = eval(f"({expression.text})", {"__builtins__": {}}, PYTHON | CONSTANTS | VALUES)
    if _plain(expected) != _plain(value):
        raise Finding(f"{expression.text!a} is {value!r}, and in Python {expected!r}")


def _plain(value: object) -> object:
    """A value with its type, so that 1 is neither 1.0 nor true; lists, tuples and ranges are one kind."""
    if isinstance(value, list | tuple | range):
        return [_plain(item) for item in value]
    return type(value), value


def seeds() -> Iterator[bytes]:
    """The expressions of the hostile corpus and of the tests, each in each of its places."""
    for case in runpy.run_path(str(ROOT / "tests/hostile/test_corpus.py"))["CASES"]:
        for line in filter(lambda line: "$" in line and len(line) < MAX_LENGTH, case.text.splitlines()):
            yield b"\4" + line.strip().encode()
            inside = line[line.index("$") + 1 :].strip("()\"'[]{} ")
            yield b"\0" + inside.encode()
    for shown, *_ in FUNCTIONS.values():
        yield b"\1" + shown.encode()
    yield from (b"\2layer$(a + 1)_$t$$", b"\3i, (j, k) in enumerate(zip(items, numbers))", b"\3i in range(a)")


def words() -> Iterator[bytes]:
    """Names, functions and operators."""
    operators = "** // % == != <= >= < and or not in is if else ( ) [ ] : , $( $ $$ 0x 1e5 1_0 'a' \"b\" lambda . := f'"
    yield from (word.encode() for word in (*VALUES, *FUNCTIONS, *CONSTANTS, *operators.split(), " not in ", " if "))
    yield from (b"2**62", b"9223372036854775807", b"-1", b"0.1", b"size(x, 1)", b"range(9)[::-1]")
