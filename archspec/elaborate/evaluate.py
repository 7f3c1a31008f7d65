"""Evaluation: in come a written value and a scope, out goes its value. Nothing of the spec is ever run as code."""

from archspec.diagnostic import Diagnostic, quote
from archspec.elaborate.values import Exceeded, Runtime, Value, describe, is_items, length, survey
from archspec.elaborate.walk import Budget, Scope, Walk
from archspec.errors import Fault, LimitFault
from archspec.limits import Limits
from archspec.source import Span
from archspec.syntax.expression import Expression, For, Targets, Template, Written

__all__ = ["Budget", "Runtime", "Scope", "Value", "bind", "evaluate", "evaluate_written", "interpolate", "iterate"]


def evaluate(expression: Expression, scope: Scope, budget: Budget, *, runtime: bool = False) -> Value:
    """The value of an expression.

    With `runtime`, what depends on `size(…)` is a `Runtime` with everything else in it folded; a list may hold some.

    Raises:
        Fault: a name is unknown (E0403), or the value cannot be computed (E0404).
        LimitFault: it takes too many steps, or the result is too long.
    """
    return Walk(expression, scope, budget, runtime=runtime).value(expression.tree)


def evaluate_written(value: Written, scope: Scope, budget: Budget, *, runtime: bool = False) -> Value:
    """The value of anything written: expressions and templates evaluated, also inside lists and dictionaries.

    Raises:
        Fault: as `evaluate`; or a template holds something that is no text.
        LimitFault: as `evaluate`; or lists are put into lists until they are too long.
    """
    return _Writing(scope, budget, runtime=runtime).value(value)


def interpolate(text: Expression | Template, scope: Scope, budget: Budget) -> str:
    """The text that an expression or a template stands for, as in a name such as `layer$(i + 1)`.

    Raises:
        Fault: as `evaluate`; or a part of it is no text, number or bool.
        LimitFault: as `evaluate`; or the text is too long.
    """
    parts = text.parts if isinstance(text, Template) else (text,)
    filled = "".join(part if isinstance(part, str) else _text(part, scope, budget) for part in parts)
    budget.limits.check("text_result", len(filled), text.span, "characters in this text")
    return filled


def bind(targets: Targets, item: Value, span: Span) -> dict[str, Value]:
    """The loop variables for one item: one name takes all of it, several unpack it.

    Raises:
        Fault: the item has no parts, or not as many as there are names (E0404).
    """
    if len(targets) == 1 and isinstance(targets[0], str):
        return {targets[0]: item}
    if not is_items(item) or length(item) != len(targets):
        found = f"{length(item):,} values: {describe(item)}" if is_items(item) else describe(item)
        expected = f"{len(targets)} values: `{_names(targets)}`"
        raise _fault("an item of this loop does not fit its names", span, found=found, expected=expected)
    values: dict[str, Value] = {}
    for target, part in zip(targets, item, strict=True):
        values |= bind((target,) if isinstance(target, str) else target, part, span)
    return values


def iterate(for_: For, scope: Scope, budget: Budget, limits: Limits) -> list[dict[str, Value]]:
    """The loop variables of each turn of a loop.

    Raises:
        Fault: what it runs over cannot be evaluated or has no items, or an item does not fit the names (E0404).
        LimitFault: it has too many turns.
    """
    items = evaluate(for_.iterable, scope, budget)
    span = for_.iterable.span
    if not is_items(items):
        message = f"{quote(for_.iterable.text)} is nothing that a loop can run over"
        hint = f"write `range({for_.iterable.text})`" if isinstance(items, int) else ""
        raise _fault(message, span, found=describe(items), expected="a list, a tuple or a range", hint=hint)
    limits.check("repeat", length(items), span, "turns of this loop")
    return [bind(for_.names, item, for_.span) for item in items]


class _Writing:
    """The evaluation of one written value, which counts the items that its expressions put into its lists."""

    def __init__(self, scope: Scope, budget: Budget, *, runtime: bool) -> None:
        self._scope = scope
        self._budget = budget
        self._runtime = runtime
        self._items = 0

    def value(self, written: Written) -> Value:
        if isinstance(written, list | tuple):  # a tuple where a layer's own model has checked the list
            return [self._item(item) for item in written]
        if isinstance(written, dict):
            return {name: self._item(item) for name, item in written.items()}
        if isinstance(written, Template):
            return interpolate(written, self._scope, self._budget)
        if isinstance(written, Expression):
            return self._bounded(evaluate(written, self._scope, self._budget, runtime=self._runtime), written.span)
        return written

    def _bounded(self, value: Value, span: Span) -> Value:
        """A range costs nothing until it is an argument: then it is a list."""
        if isinstance(value, range):
            self._budget.limits.check("list_result", length(value), span, "items of this range")
        return value

    def _item(self, written: Written) -> Value:
        value = self.value(written)
        if isinstance(written, Expression):
            self._count(value, written.span)
        return value

    def _count(self, value: Value, span: Span) -> None:
        """Without this, a list of lists of lists … would double at each `let`."""
        limits = self._budget.limits
        try:
            self._items += survey(value, limits.list_result, limits.expression_depth).count
        except Exceeded as exceeded:
            raise LimitFault(limits.exceeded(exceeded.name, exceeded.value, span, exceeded.what)) from None
        limits.check("list_result", self._items, span, "items that expressions put into this list")


def _text(expression: Expression, scope: Scope, budget: Budget) -> str:
    value = evaluate(expression, scope, budget)
    if isinstance(value, bool | int | float | str):
        return str(value)
    message = f"{quote(expression.text)} cannot be put into text"
    hint = f"one item of it is `$({expression.text}[0])`" if is_items(value) else ""
    raise _fault(message, expression.span, found=describe(value), expected="a text, a number or a bool", hint=hint)


def _names(targets: Targets) -> str:
    return ", ".join(target if isinstance(target, str) else f"({_names(target)})" for target in targets)


def _fault(message: str, span: Span, *, found: str, expected: str, hint: str = "") -> Fault:
    return Fault(Diagnostic(code="E0404", message=message, span=span, found=found, expected=expected, hint=hint))
