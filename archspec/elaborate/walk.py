"""The walker of expressions: in come a checked tree and a scope, out goes its value, within the budget of the spec."""

import ast
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Protocol

from archspec.diagnostic import Diagnostic, quote
from archspec.elaborate import arithmetic, functions
from archspec.elaborate import runtime as at_run_time
from archspec.elaborate.values import (
    NOTHING,
    Exceeded,
    Refused,
    Runtime,
    Survey,
    Value,
    bounded,
    describe,
    is_integer,
    kind,
    length,
    survey,
    truth,
    without_runtime,
)
from archspec.errors import Fault, LimitFault
from archspec.limits import Limits
from archspec.spec.unknown import unknown_name
from archspec.syntax.expression import Expression
from archspec.syntax.grammar import CONSTANTS

__all__ = ["Budget", "Scope", "Walk"]

# A step is one part of an expression; what Python does for us item by item is counted, but is much faster.
_ITEMS_A_STEP = 5
_CHARACTERS_A_STEP = 100
_SEARCHES = frozenset({"min", "max", "sum", "any", "all"})


class Scope(Protocol):
    """What the names of an expression stand for."""

    def lookup(self, name: str) -> Value:
        """The value of `name`; KeyError when there is none."""

    def names(self) -> Iterable[str]:
        """Every name there is."""

    def size(self, node: str, dim: int) -> int:
        """The size of a dimension of a node; LookupError with the reason when there is none."""


class Budget:
    """The steps that all the expressions of a spec may take together."""

    __slots__ = ("limits", "spent")

    def __init__(self, limits: Limits) -> None:
        """Start with nothing spent."""
        self.limits = limits
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            Exceeded: there are none left.
        """
        self.spent += steps
        if self.spent > self.limits.total_expression_steps:
            raise Exceeded("total_expression_steps", self.spent, "steps in all the expressions of this spec")


class Walk:
    """One evaluation of one expression."""

    __slots__ = ("_budget", "_expression", "_limits", "_runtime", "_scope", "_steps")

    def __init__(self, expression: Expression, scope: Scope, budget: Budget, *, runtime: bool) -> None:
        """Start with no steps taken; with `runtime`, sizes are read again at run time."""
        self._expression = expression
        self._scope = scope
        self._budget = budget
        self._limits = budget.limits
        self._runtime = runtime
        self._steps = 0

    def value(self, node: ast.expr) -> Value:
        """The value of a part of the expression.

        Raises:
            Fault: a name is unknown (E0403), or the value cannot be computed (E0404).
            LimitFault: it takes too many steps, or the result is too long.
        """
        try:
            self._spend(1)
            value = self._visitors[type(node)](self, node)
        except Refused as refused:
            raise Fault(self._diagnostic(node, refused)) from None
        except Exceeded as exceeded:
            span = self._expression.part(node)
            raise LimitFault(self._limits.exceeded(exceeded.name, exceeded.value, span, exceeded.what)) from None
        return value.value if isinstance(value, Runtime) and not self._runtime else value

    def _constant(self, node: ast.Constant) -> Value:
        return bounded(node.value)

    def _name(self, node: ast.Name) -> Value:
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        try:
            return bounded(self._scope.lookup(node.id))
        except KeyError:
            raise Fault(unknown_name(self._expression, node, self._scope.names())) from None

    def _unary(self, node: ast.UnaryOp) -> Value:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return not truth(value)
        if isinstance(value, Runtime):
            return value if isinstance(node.op, ast.UAdd) else at_run_time.negative(value, self._limits)
        return arithmetic.signed(type(node.op), value)

    def _binary(self, node: ast.BinOp) -> Value:
        left, right = self._operand(node.left), self._operand(node.right)
        operation = at_run_time if isinstance(left, Runtime) or isinstance(right, Runtime) else arithmetic
        return self._admit(operation.binary(type(node.op), left, right, self._limits))

    def _boolean(self, node: ast.BoolOp) -> Value:
        """`and` and `or` give the operand that decides, as in Python."""
        decisive = isinstance(node.op, ast.Or)
        for operand in node.values[:-1]:
            value = self.value(operand)
            if truth(value) is decisive:
                return value
        return self.value(node.values[-1])

    def _compare(self, node: ast.Compare) -> Value:
        left = self._compared(node.left)
        for sign, operand in zip(node.ops, node.comparators, strict=True):
            right = self._compared(operand)
            if not arithmetic.compare(type(sign), left, right):
                return False
            left = right
        return True

    def _conditional(self, node: ast.IfExp) -> Value:
        return self.value(node.body if truth(self.value(node.test)) else node.orelse)

    def _subscript(self, node: ast.Subscript) -> Value:
        container = self.value(node.value)
        if not isinstance(node.slice, ast.Slice):
            return arithmetic.item(container, self.value(node.slice))
        lower, upper, step = (
            None if bound is None else self.value(bound)
            for bound in (node.slice.lower, node.slice.upper, node.slice.step)
        )
        return self._admit(arithmetic.part(container, lower, upper, step))

    def _list(self, node: ast.List) -> Value:
        return self._admit([self.value(item) for item in node.elts])

    def _tuple(self, node: ast.Tuple) -> Value:
        return self._admit(tuple(self.value(item) for item in node.elts))

    def _call(self, node: ast.Call) -> Value:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name == "size":
            return self._size(node)
        arguments = [self._operand(argument) for argument in node.args]
        if name in _SEARCHES:
            self._spend(sum(length(items) for items in arguments if isinstance(items, range)) // _ITEMS_A_STEP)
        operation = at_run_time if any(isinstance(argument, Runtime) for argument in arguments) else functions
        return self._admit(operation.call(name, arguments, self._limits))

    def _size(self, node: ast.Call) -> Runtime:
        assert isinstance(node.args[0], ast.Name)
        name, dim = node.args[0].id, self.value(node.args[1])
        if not is_integer(dim):
            raise Refused(f"a dimension is an int, not {kind(dim)}", found=describe(dim))
        try:
            return Runtime(self._scope.size(name, dim), f"size({name}, {dim})")
        except LookupError as error:
            reason, *hint = map(str, error.args)
            raise Refused(reason, hint="".join(hint)) from None

    def _operand(self, node: ast.expr) -> Value:
        """A value that is about to be read item by item."""
        value = self.value(node)
        held = self._charge(value)
        return without_runtime(value) if held.runtime and not self._runtime else value

    def _compared(self, node: ast.expr) -> Value:
        value = self.value(node)
        held = self._charge(value)
        if not self._runtime:
            return without_runtime(value) if held.runtime else value
        if held.runtime or isinstance(value, Runtime):
            found = describe(value) if isinstance(value, Runtime) else "a list with such a size in it"
            raise Refused("a size that is read at run time cannot be compared", found=found)
        return value

    def _admit(self, value: Value) -> Value:
        """A new value, when it is no longer than a result may be."""
        held = self._charge(value)
        if held.count > self._limits.list_result:
            raise Exceeded("list_result", held.count, "items in the result of an expression")
        return value

    def _charge(self, value: Value) -> Survey:
        """What a value holds, its characters or items counted as steps."""
        if isinstance(value, str):
            self._spend(len(value) // _CHARACTERS_A_STEP)
        if not isinstance(value, list | tuple | dict):
            return NOTHING
        left = self._limits.expression_steps - self._steps
        held = survey(value, (left + 1) * _ITEMS_A_STEP, self._limits.expression_depth)
        self._spend(held.count // _ITEMS_A_STEP)
        return held

    def _spend(self, steps: int) -> None:
        self._steps += steps
        if self._steps > self._limits.expression_steps:
            raise Exceeded("expression_steps", self._steps, "steps in this expression")
        self._budget.spend(steps)

    def _diagnostic(self, node: ast.expr, refused: Refused) -> Diagnostic:
        return Diagnostic(
            code="E0404",
            message=f"{quote(self._expression.excerpt(node))} cannot be evaluated: {refused.reason}",
            span=self._expression.part(node),
            found=refused.found,
            expected=refused.expected,
            hint=refused.hint,
        )

    _visitors: ClassVar[dict[type[ast.expr], Callable[["Walk", Any], Value]]] = {
        ast.Constant: _constant,
        ast.Name: _name,
        ast.UnaryOp: _unary,
        ast.BinOp: _binary,
        ast.BoolOp: _boolean,
        ast.Compare: _compare,
        ast.IfExp: _conditional,
        ast.Subscript: _subscript,
        ast.List: _list,
        ast.Tuple: _tuple,
        ast.Call: _call,
    }
