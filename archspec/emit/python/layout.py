"""Layout: in come `ast` statements, out go lines as ruff's formatter leaves them."""

import ast
from collections.abc import Iterator, Sequence

from archspec.emit.python.expressions import flat, target
from archspec.emit.python.wrapping import STEP, WIDTH, Place, spread

__all__ = ["Commented", "Documented", "lay_out"]

_QUOTES = '"""'


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


def _statement(node: ast.stmt, indent: int) -> Iterator[str]:
    match node:
        case Commented():
            return _commented(node, indent)
        case Documented():
            return _documented(node, " " * indent)
        case ast.If():
            return _conditional(node, indent)
        case ast.For():
            return _loop(node, indent)
        case ast.FunctionDef():
            return _function(node, indent)
        case ast.ClassDef():
            return _class(node, indent)
    return _simple(node, indent)


def _simple(node: ast.stmt, indent: int) -> Iterator[str]:
    """A statement with nothing inside."""
    match node:
        case ast.Assign():
            yield from spread(node.value, Place(indent, f"{', '.join(map(target, node.targets))} = "))
        case ast.Return(value=ast.expr() as value):
            alone = isinstance(value, ast.Tuple) and len(value.elts) > 1
            line = Place(indent, "return ").line(target(value))
            yield from [line] if alone and len(line) <= WIDTH else spread(value, Place(indent, "return "))
        case ast.Expr():
            yield from spread(node.value, Place(indent))
        case ast.Raise(exc=ast.expr() as error):
            yield from spread(error, Place(indent, "raise "))
        case _:
            raise AssertionError(f"{type(node).__name__} is never written")


def _class(node: ast.ClassDef, indent: int) -> Iterator[str]:
    """A class, with a blank line between its members."""
    yield f"{' ' * indent}class {node.name}({', '.join(map(flat, node.bases))}):"
    for index, statement in enumerate(node.body):
        if index:
            yield ""
        yield from _statement(statement, indent + STEP)


def _loop(node: ast.For, indent: int) -> Iterator[str]:
    yield from spread(node.iter, Place(indent, f"for {target(node.target)} in ", ":"))
    yield from lay_out(node.body, indent + STEP)


def _conditional(node: ast.If, indent: int, word: str = "if") -> Iterator[str]:
    yield from spread(node.test, Place(indent, f"{word} ", ":"))
    yield from lay_out(node.body, indent + STEP)
    if len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        yield from _conditional(node.orelse[0], indent, "elif")
    elif node.orelse:
        yield f"{' ' * indent}else:"
        yield from lay_out(node.orelse, indent + STEP)


def _commented(node: Commented, indent: int) -> Iterator[str]:
    lines = [*_statement(node.statement, indent)]
    commented = f"{lines[0]}  # {node.comment}"
    yield from [commented] if len(lines) == 1 and len(commented) <= WIDTH else lines


def _documented(node: Documented, blank: str) -> Iterator[str]:
    first, *rest = node.lines
    if not rest:
        yield f"{blank}{_QUOTES}{first}{_QUOTES}"
        return
    yield f"{blank}{_QUOTES}{first}"
    yield from (f"{blank}{line}" if line else "" for line in rest)
    yield f"{blank}{_QUOTES}"


def _function(node: ast.FunctionDef, indent: int) -> Iterator[str]:
    """A function, its parameters on one line, on one within the brackets, or each on its own."""
    parameters = [*_parameters(node.args)]
    returns = "" if node.returns is None else f" -> {flat(node.returns)}"
    place = Place(indent, f"def {node.name}(", f"){returns}:")
    together = ", ".join(parameters)
    if len(line := place.line(together)) <= WIDTH:
        yield line
    elif len(line := place.inside().line(together)) <= WIDTH:
        yield from place.around("", [line], "")
    else:
        yield from place.around("", [place.inside(after=",").line(item) for item in parameters], "")
    yield from lay_out(node.body, indent + STEP)


def _parameters(args: ast.arguments) -> Iterator[str]:
    required = len(args.args) - len(args.defaults)
    for index, parameter in enumerate(args.args):
        hint = "" if parameter.annotation is None else f": {flat(parameter.annotation)}"
        equals = " = " if hint else "="
        default = "" if index < required else f"{equals}{flat(args.defaults[index - required])}"
        yield f"{parameter.arg}{hint}{default}"
