"""Formulas: in comes the text of an expression, out goes the same with its numbers outside, so that they can vary."""

import ast
from collections.abc import Mapping

from archspec.fold.design import Constant, Formula
from archspec.graph.graph import Ref

__all__ = ["formula_of"]


def formula_of(text: str, refs: Mapping[str, Ref]) -> Formula:
    """The formula of a text that was checked before.

    Numbers that say which item or dimension is meant stay where they are.
    """
    taker = _Numbers()
    tree = taker.visit(ast.parse(text, mode="eval").body)
    return Formula(ast.unparse(tree), tuple(Constant(number) for number in taker.numbers), tuple(refs.items()))


class _Numbers(ast.NodeTransformer):
    def __init__(self) -> None:
        self.numbers: list[object] = []

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        self.numbers.append(node.value)
        return ast.Name(id=f"_{len(self.numbers) - 1}", ctx=ast.Load())

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """The bounds of a slice may vary; which item is taken does not."""
        node.value = self.visit(node.value)
        for part in node.slice.elts if isinstance(node.slice, ast.Tuple) else (node.slice,):
            if isinstance(part, ast.Slice):
                part.lower = None if part.lower is None else self.visit(part.lower)
                part.upper = None if part.upper is None else self.visit(part.upper)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """The arguments of an operation are constants; its inputs may be formulas."""
        node.args = [item if _is_plain(item) else self.visit(item) for item in node.args]
        for keyword in node.keywords:
            keyword.value = keyword.value if _is_plain(keyword.value) else self.visit(keyword.value)
        return node


def _is_plain(tree: ast.expr) -> bool:
    """Whether a tree is a number, or a list of numbers."""
    try:
        ast.literal_eval(tree)
    except ValueError:
        return False
    return True
