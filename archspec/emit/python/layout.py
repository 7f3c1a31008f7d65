"""Layout: in come `ast` statements, out go lines as ruff's formatter leaves them.

What fits stands on one line. Else the outermost brackets are opened and each item has a line, with a comma after it.
"""

import ast
from collections.abc import Iterator, Sequence

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

__all__ = ["WIDTH", "Commented", "Documented", "lay_out"]

WIDTH = 88
"""The longest line: what ruff has by default."""

_STEP = 4


class Commented(ast.stmt):
    """A statement with a comment behind it, where there is room."""

    def __init__(self, statement: ast.stmt, comment: str) -> None:
        """The comment is one line of words and numbers of our own."""
        super().__init__()
        self.statement = statement
        self.comment = comment


class Documented(ast.stmt):
    """A docstring, whose lines are kept."""

    def __init__(self, lines: Sequence[str]) -> None:
        """The lines are escaped already, and end where they end."""
        super().__init__()
        self.lines = lines


def lay_out(body: Sequence[ast.stmt], indent: int = 0) -> Iterator[str]:
    """The lines of some statements."""
    for statement in body:
        yield from _statement(statement, indent)


def _statement(node: ast.stmt, indent: int) -> Iterator[str]:  # noqa: C901 - one case for each kind of statement
    blank = " " * indent
    match node:
        case Commented():
            yield from _commented(node, indent)
        case Documented():
            yield from _documented(node, blank)
        case ast.Assign():
            yield from _spread(f"{', '.join(map(target, node.targets))} = ", node.value, "", indent)
        case ast.Return(value=value) if value is not None:
            if isinstance(value, ast.Tuple) and len(blank + flat(value)) + 5 <= WIDTH and len(value.elts) > 1:
                yield f"{blank}return {target(value)}"
            else:
                yield from _spread("return ", value, "", indent)
        case ast.Expr():
            yield from _spread("", node.value, "", indent)
        case ast.If():
            yield from _conditional(node, indent)
        case ast.For():
            yield from _spread(f"for {target(node.target)} in ", node.iter, ":", indent)
            yield from lay_out(node.body, indent + _STEP)
        case ast.FunctionDef():
            yield from _function(node, indent)
        case ast.ClassDef():
            bases = f"({', '.join(map(flat, node.bases))})" if node.bases else ""
            yield f"{blank}class {node.name}{bases}:"
            yield from _spaced(node.body, indent + _STEP)
        case ast.Raise(exc=ast.expr() as error):
            yield from _spread("raise ", error, "", indent)
        case _:
            yield f"{blank}{ast.unparse(node)}"


def _spaced(body: Sequence[ast.stmt], indent: int) -> Iterator[str]:
    """The body of a class, with a blank line between its members."""
    for index, statement in enumerate(body):
        if index:
            yield ""
        yield from _statement(statement, indent)


def _conditional(node: ast.If, indent: int, word: str = "if") -> Iterator[str]:
    yield from _spread(f"{word} ", node.test, ":", indent)
    yield from lay_out(node.body, indent + _STEP)
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        yield from _conditional(node.orelse[0], indent, "elif")
    elif node.orelse:
        yield f"{' ' * indent}else:"
        yield from lay_out(node.orelse, indent + _STEP)


def _commented(node: Commented, indent: int) -> Iterator[str]:
    lines = [*_statement(node.statement, indent)]
    if len(lines) == 1 and len(lines[0]) + len(node.comment) + 4 <= WIDTH:
        lines[0] += f"  # {node.comment}"
    yield from lines


def _documented(node: Documented, blank: str) -> Iterator[str]:
    first, *rest = node.lines
    if not rest and len(blank) + len(first) + 6 <= WIDTH:
        yield f'{blank}"""{first}"""'
        return
    yield f'{blank}"""{first}'
    yield from (f"{blank}{line}" if line else "" for line in rest)
    yield f'{blank}"""'


def _function(node: ast.FunctionDef, indent: int) -> Iterator[str]:
    blank = " " * indent
    parameters = [*_parameters(node.args)]
    ending = "):" if node.returns is None else f") -> {flat(node.returns)}:"
    line = f"{blank}def {node.name}({', '.join(parameters)}{ending}"
    if len(line) <= WIDTH:
        yield line
    elif len(together := f"{blank}{' ' * _STEP}{', '.join(parameters)}") <= WIDTH:
        yield from (f"{blank}def {node.name}(", together, f"{blank}{ending}")
    else:
        yield f"{blank}def {node.name}("
        yield from (f"{blank}{' ' * _STEP}{parameter}," for parameter in parameters)
        yield f"{blank}{ending}"
    yield from lay_out(node.body, indent + _STEP)


def _parameters(args: ast.arguments) -> Iterator[str]:
    required = len(args.args) - len(args.defaults)
    for index, parameter in enumerate(args.args):
        hint = "" if parameter.annotation is None else f": {flat(parameter.annotation)}"
        equals = " = " if hint else "="
        default = "" if index < required else f"{equals}{flat(args.defaults[index - required])}"
        yield f"{parameter.arg}{hint}{default}"


def _spread(before: str, node: ast.expr, after: str, indent: int) -> Iterator[str]:
    """`before`, an expression and `after`: on one line if that fits, else with brackets opened."""
    blank = " " * indent
    line = f"{blank}{before}{flat(node)}{after}"
    if len(line) <= WIDTH:
        yield line
        return
    match node:
        case ast.Call(args=[ast.GeneratorExp() as alone], keywords=[]):
            yield f"{blank}{before}{flat(node.func)}("
            yield from _comprehension(flat(alone.elt), alone.elt, alone.generators, indent + _STEP)
            yield f"{blank}){after}"
        case ast.Call() if node.args or node.keywords:
            yield f"{blank}{before}{flat(node.func)}("
            together = f"{blank}{' ' * _STEP}{', '.join(arguments(node))}"
            if len(together) <= WIDTH and not _holds_modules(node):
                yield together
                yield f"{blank}){after}"
                return
            for item in node.args:
                yield from _spread("", item, ",", indent + _STEP)
            for keyword in node.keywords:
                yield from _spread(f"{keyword.arg}=", keyword.value, ",", indent + _STEP)
            yield f"{blank}){after}"
        case ast.List() | ast.Tuple() if node.elts:
            opening, closing = "[]" if isinstance(node, ast.List) else "()"
            yield f"{blank}{before}{opening}"
            for item in node.elts:
                yield from _spread("", item, ",", indent + _STEP)
            yield f"{blank}{closing}{after}"
        case ast.Dict() if node.keys:
            yield f"{blank}{before}{{"
            for key, value in zip(node.keys, node.values, strict=True):
                assert key is not None
                yield from _spread(f"{flat(key)}: ", value, ",", indent + _STEP)
            yield f"{blank}}}{after}"
        case ast.ListComp() | ast.GeneratorExp():
            opening, closing = "[]" if isinstance(node, ast.ListComp) else "()"
            yield f"{blank}{before}{opening}"
            yield from _comprehension(flat(node.elt), node.elt, node.generators, indent + _STEP)
            yield f"{blank}{closing}{after}"
        case ast.Starred():
            yield from _spread(f"{before}*", node.value, after, indent)
        case ast.Subscript() | ast.Attribute() if isinstance(node.value, ast.Call):
            yield from _spread(before, node.value, flat(node).removeprefix(flat(node.value)) + after, indent)
        case _ if needs_parentheses(node) and before.endswith(("=", "= ", "return ", "in ", "if ")):
            yield f"{blank}{before}("
            yield from _operators("", node, "", indent + _STEP)
            yield f"{blank}){after}"
        case ast.BinOp() | ast.IfExp() if not before:
            yield from _operators(before, node, after, indent)
        case Bracketed():
            yield f"{blank}{before}("
            yield from _operators("", node.value, "", indent + _STEP)
            yield f"{blank}){after}"
        case _:
            yield line


def _holds_modules(node: ast.Call) -> bool:
    """Whether a call makes a container, whose children people write one below the other."""
    return flat(node.func).endswith(("Sequential", "ModuleList", "ModuleDict", "OrderedDict"))


def _comprehension(text: str, element: ast.expr, generators: Sequence[ast.comprehension], indent: int) -> Iterator[str]:
    """A comprehension without its brackets: on one line, or each loop on its own."""
    line = f"{' ' * indent}{text} {loops(generators)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield from _spread("", element, "", indent)
    for item in generators:
        yield from _spread(f"for {target(item.target)} in ", item.iter, "", indent)


def _operators(before: str, node: ast.expr, after: str, indent: int) -> Iterator[str]:
    """An expression of operators within brackets: on one line, or broken before those that bind least, and so on."""
    line = f"{' ' * indent}{before}{flat(node)}{after}"
    if len(line) <= WIDTH:
        yield line
    elif isinstance(node, ast.IfExp):
        yield from _spread(before, node.body, "", indent)
        yield from _spread("if ", node.test, "", indent)
        yield from _spread("else ", node.orelse, after, indent)
    elif isinstance(node, ast.BinOp):
        terms = [*_terms(node, precedence(node))]
        for index, (sign, term) in enumerate(terms):
            ending = after if index == len(terms) - 1 else ""
            yield from _operators(f"{sign}" if index else before, term, ending, indent)
    else:
        yield from _spread(before, node, after, indent)


def _terms(node: ast.expr, binds: int) -> Iterator[tuple[str, ast.expr]]:
    """The operands of operators that bind alike, each with the operator before it."""
    if isinstance(node, ast.BinOp) and precedence(node) == binds:
        yield from _terms(node.left, binds)
        sign = f"{symbol(node.op)} "
        yield sign, Bracketed(node.right) if precedence(node.right) <= binds else node.right
    else:
        yield "", Bracketed(node) if precedence(node) < binds else node
