"""Small `ast` trees: in come names and values, out go the nodes that every writer of Python is made of."""

import ast
from collections.abc import Sequence

__all__ = ["assign", "attribute", "call", "constant", "load", "store", "subscript"]


def load(name: str) -> ast.Name:
    """A variable that is read."""
    return ast.Name(id=name, ctx=ast.Load())


def store(name: str) -> ast.Name:
    """A variable that is assigned to."""
    return ast.Name(id=name, ctx=ast.Store())


def attribute(value: ast.expr, name: str) -> ast.Attribute:
    """`value.name`."""
    return ast.Attribute(value=value, attr=name, ctx=ast.Load())


def subscript(value: ast.expr, key: object) -> ast.Subscript:
    """`value[key]`."""
    return ast.Subscript(value=value, slice=constant(key), ctx=ast.Load())


def call(function: ast.expr, args: Sequence[ast.expr] = (), keywords: dict[str, ast.expr] | None = None) -> ast.Call:
    """`function(*args, **keywords)`."""
    named = [ast.keyword(arg=name, value=value) for name, value in (keywords or {}).items()]
    return ast.Call(func=function, args=list(args), keywords=named)


def assign(target: ast.expr, value: ast.expr) -> ast.Assign:
    """`target = value`."""
    return ast.Assign(targets=[target], value=value)


def constant(value: object) -> ast.expr:
    """A plain value; lists are tuples."""
    if isinstance(value, tuple):
        return ast.Tuple(elts=[constant(item) for item in value], ctx=ast.Load())
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=-value))
    return ast.Constant(value=value)  # type: ignore[arg-type] # only scalars are left
