"""Long expressions: in come an expression and what stands around it, out go lines as ruff's formatter leaves them.

What fits stands on one line. Else the outermost brackets are opened: arguments stand on one line within them, or each
on a line of its own with a comma after it.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from archspec.emit.python.expressions import (
    Bracketed,
    arguments,
    flat,
    loops,
    needs_parentheses,
    precedence,
    symbol,
    target,
)

__all__ = ["STEP", "WIDTH", "Place", "spread"]

WIDTH = 88
"""The longest line: what ruff has by default."""

STEP = 4
"""How far what is inside of something is indented."""

_OPENED = ("=", "= ", "return ", "in ", "if ")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: how far its line is indented, and what stands before and after it."""

    indent: int
    before: str = ""
    after: str = ""

    def line(self, text: str) -> str:
        """The line with a text in it."""
        return f"{' ' * self.indent}{self.before}{text}{self.after}"

    def inside(self, before: str = "", after: str = "") -> "Place":
        """A place within the brackets that are opened here."""
        return Place(self.indent + STEP, before, after)

    def around(self, opening: str, lines: Iterable[str], closing: str) -> Iterator[str]:
        """Lines within brackets."""
        yield replace(self, after="").line(opening)
        yield from lines
        yield replace(self, before="").line(closing)


def spread(node: ast.expr, place: Place) -> Iterator[str]:
    """The lines of an expression: one if that fits, else with brackets opened."""
    line = place.line(flat(node))
    lines = None if len(line) <= WIDTH else _opened(node, place)
    yield from [line] if lines is None else lines


def _opened(node: ast.expr, place: Place) -> Iterator[str] | None:
    """The lines with the outermost brackets opened; None where there are none."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Call() | ast.Subscript() as first)) if _is_long(node.func, place):
            return spread(first, replace(place, after=flat(node).removeprefix(flat(first)) + place.after))
        case ast.Call() if node.args or node.keywords:
            return _call(node, place)
        case ast.List() | ast.Tuple() if node.elts:
            opening, closing = "[]" if isinstance(node, ast.List) else "()"
            return place.around(opening, _items(node.elts, place), closing)
        case ast.Dict() if node.keys:
            return place.around("{", _pairs(node, place), "}")
        case ast.ListComp() | ast.GeneratorExp():
            opening, closing = "[]" if isinstance(node, ast.ListComp) else "()"
            return place.around(opening, _comprehension(node.elt, node.generators, place.inside()), closing)
        case ast.Starred():
            return spread(node.value, replace(place, before=f"{place.before}*"))
        case ast.Subscript() | ast.Attribute() if isinstance(node.value, ast.Call):
            return spread(node.value, replace(place, after=flat(node).removeprefix(flat(node.value)) + place.after))
        case Bracketed():
            return place.around("(", _operators(node.value, place.inside()), ")")
    return _operation(node, place)


def _is_long(function: ast.expr, place: Place) -> bool:
    """Whether a line is full before the brackets of a call."""
    return len(replace(place, after="(").line(flat(function))) > WIDTH


def _operation(node: ast.expr, place: Place) -> Iterator[str] | None:
    """An expression of operators, in brackets where it has none around it."""
    if needs_parentheses(node) and place.before.endswith(_OPENED):
        return place.around("(", _operators(node, place.inside()), ")")
    return None if place.before or not needs_parentheses(node) else _operators(node, place)


def _call(node: ast.Call, place: Place) -> Iterator[str]:
    inside = place.inside()
    together = inside.line(", ".join(arguments(node)))
    if len(node.args) == 1 and not node.keywords and isinstance(alone := node.args[0], ast.GeneratorExp):
        lines: Iterable[str] = _comprehension(alone.elt, alone.generators, inside)
    elif len(together) <= WIDTH and not _holds_modules(node):
        lines = [together]
    else:
        lines = _arguments(node, place)
    return place.around(f"{flat(node.func)}(", lines, ")")


def _arguments(node: ast.Call, place: Place) -> Iterator[str]:
    yield from _items(node.args, place)
    for keyword in node.keywords:
        yield from spread(keyword.value, place.inside(f"{keyword.arg}=", ","))


def _items(nodes: Sequence[ast.expr], place: Place) -> Iterator[str]:
    for node in nodes:
        yield from spread(node, place.inside(after=","))


def _pairs(node: ast.Dict, place: Place) -> Iterator[str]:
    for key, value in zip(node.keys, node.values, strict=True):
        assert key is not None, "no dictionary is unpacked into another"
        yield from spread(value, place.inside(f"{flat(key)}: ", ","))


def _holds_modules(node: ast.Call) -> bool:
    """Whether a call makes a container, whose children people write one below the other."""
    return flat(node.func).endswith(("Sequential", "ModuleList", "ModuleDict", "OrderedDict"))


def _comprehension(element: ast.expr, generators: Sequence[ast.comprehension], place: Place) -> Iterator[str]:
    """A comprehension without its brackets: on one line, or each loop on its own."""
    line = place.line(f"{flat(element)} {loops(generators)}")
    if len(line) <= WIDTH:
        yield line
        return
    yield from spread(element, place)
    for item in generators:
        yield from spread(item.iter, replace(place, before=f"for {target(item.target)} in "))


def _operators(node: ast.expr, place: Place) -> Iterator[str]:
    """An expression of operators within brackets: on one line, or broken before those that bind least, and so on."""
    line = place.line(flat(node))
    if len(line) <= WIDTH:
        yield line
    elif isinstance(node, ast.IfExp):
        yield from spread(node.body, replace(place, after=""))
        yield from spread(node.test, Place(place.indent, "if "))
        yield from spread(node.orelse, replace(place, before="else "))
    elif isinstance(node, ast.BinOp):
        terms = [*_terms(node, precedence(node))]
        for index, (sign, term) in enumerate(terms):
            after = place.after if index == len(terms) - 1 else ""
            yield from _operators(term, Place(place.indent, sign or place.before, after))
    else:
        yield from spread(node, place)


def _terms(node: ast.expr, binds: int) -> Iterator[tuple[str, ast.expr]]:
    """The operands of operators that bind alike, each with the operator before it."""
    if isinstance(node, ast.BinOp) and precedence(node) == binds:
        yield from _terms(node.left, binds)
        yield f"{symbol(node.op)} ", Bracketed(node.right) if precedence(node.right) <= binds else node.right
    else:
        yield "", Bracketed(node) if precedence(node) < binds else node
