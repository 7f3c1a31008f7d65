"""What a folded model says, as `ast` trees: in come its values and the names in it, out go the nodes that read them."""

import ast
from collections.abc import Callable

from archspec.emit.syntax import attribute, call, constant, load
from archspec.fold.design import Constant, Use

__all__ = ["member", "value_of"]


def member(value: ast.expr, name: str) -> ast.expr:
    """A child of a module: `value.name`, or `getattr` where the name is none of Python's."""
    if name.isidentifier():
        return attribute(value, name)
    return call(load("getattr"), [value, constant(name)])


def value_of(value: object, parameter: Callable[[str], ast.expr]) -> ast.expr:
    """A value of the folded model; `parameter` gives what reads a parameter of the class."""
    if isinstance(value, tuple):
        return ast.Tuple(elts=[value_of(item, parameter) for item in value], ctx=ast.Load())
    if isinstance(value, Constant):
        return constant(value.value)
    assert isinstance(value, Use), f"{value} has no place outside of a run"
    read = parameter(value.name)
    if value.positive:
        return ast.Compare(left=read, ops=[ast.Gt()], comparators=[constant(0)])
    if value.times > 1:
        return ast.BinOp(left=constant(value.times), op=ast.Mult(), right=read)
    return read if value.over == 1 else ast.BinOp(left=read, op=ast.FloorDiv(), right=constant(value.over))
