"""Formulas: in comes the tree of a formula, out goes the same with values for names and plain calls for operations."""

import ast
from collections.abc import Callable

from archspec.catalog.formula import split_call
from archspec.catalog.registry import Registry
from archspec.emit.python.operations import PlainOperations
from archspec.emit.python.syntax import value_of
from archspec.emit.syntax import attribute, constant
from archspec.fold.design import Formula, Value
from archspec.graph.graph import Ref
from archspec.source import Source, Span

__all__ = ["sizes", "written"]

_NO_SPAN = Span(Source.of_text(""), 1, 1, 1, 1)


def written(  # noqa: PLR0913 - what a name and a call may stand for
    tree: ast.expr,
    formula: Formula,
    value: Callable[[Ref], ast.expr],
    parameter: Callable[[str], ast.expr],
    operations: PlainOperations,
    registry: Registry,
) -> ast.expr:
    """The expression.

    Args:
        tree: of the formula's text.
        formula: what the names and numbers in it stand for.
        value: what reads a value.
        parameter: what reads a parameter of the class.
        operations: writes the calls.
        registry: where operations are looked up.
    """
    made: ast.expr = _Operations(formula, value, parameter, operations, registry).visit(tree)
    return made


def sizes(formula: Formula, value: Callable[[Ref], ast.expr], parameter: Callable[[str], ast.expr]) -> ast.expr:
    """The expression of a size that is read at run time: `x.size(0) * 2`."""
    made: ast.expr = _Sizes(formula, value, parameter).visit(ast.parse(formula.text, mode="eval").body)
    return made


class _Sizes(ast.NodeTransformer):
    """Names become values, or the numbers that they stand for."""

    def __init__(
        self, formula: Formula, value: Callable[[Ref], ast.expr], parameter: Callable[[str], ast.expr]
    ) -> None:
        self.refs = dict(formula.refs)
        self.numbers: dict[str, Value] = {f"_{index}": number for index, number in enumerate(formula.numbers)}
        self.value = value
        self.parameter = parameter

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.numbers:
            return value_of(self.numbers[node.id], self.parameter)
        return self.value(self.refs[node.id])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name), "expressions call functions by their names"
        if node.func.id == "size":
            return ast.Call(func=attribute(self.visit(node.args[0]), "size"), args=node.args[1:], keywords=[])
        return ast.Call(func=node.func, args=[self.visit(item) for item in node.args], keywords=[])


class _Operations(_Sizes):
    """Calls are those of operations."""

    def __init__(
        self,
        formula: Formula,
        value: Callable[[Ref], ast.expr],
        parameter: Callable[[str], ast.expr],
        operations: PlainOperations,
        registry: Registry,
    ) -> None:
        super().__init__(formula, value, parameter)
        self.operations = operations
        self.registry = registry

    def visit_Call(self, node: ast.Call) -> ast.expr:
        call = split_call(node, self.registry, _NO_SPAN)
        tensors = [constant(None) if part is None else self.visit(part) for part in call.tensors]
        arguments = {key: constant(item) for key, item in call.arguments.items()}
        return self.operations.write(call.operation, tensors, arguments)
