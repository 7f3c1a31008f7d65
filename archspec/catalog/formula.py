"""Formulas: in comes the text of `compute:`, out goes a checked expression that can be run and written as Python."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from archspec.catalog.dimensions import check_dim
from archspec.catalog.operations import Operation
from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.source import Source, Span
from archspec.suggest import did_you_mean
from archspec.syntax.grammar import place

GREATEST = 2**63 - 1
__all__ = ["Formula", "OperationCall", "checked_formula", "parse_formula", "split_call"]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], object]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.BoolOp: "`and` or `or`",
    ast.Compare: "several comparisons in a row, or `in` and `is`",
    ast.Dict: "a dictionary",
    ast.IfExp: "a condition",
    ast.JoinedStr: "an f-string",
    ast.Lambda: "a lambda",
    ast.List: "a list",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.NamedExpr: "an assignment",
    ast.Set: "a set",
    ast.Starred: "a starred expression",
    ast.Tuple: "a tuple",
    ast.UnaryOp: "`not` or `~`",
    ast.BinOp: "an operator on bits",
}
_NO_SPAN = Span(Source.of_text(""), 1, 1, 1, 1)
_NO_LIMITS = Limits(expression_length=1 << 62, expression_depth=1 << 62)
_ALLOWED = "values, numbers, + - * / // % ** @, comparisons, indexing, and operations such as relu(x)"


@dataclass(frozen=True, slots=True)
class OperationCall:
    """A call of an operation within a formula: its tensor inputs, and its arguments as constants."""

    operation: Operation
    tensors: tuple[ast.expr | None, ...]
    arguments: dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A checked expression: `names` are the values it reads, in the order they first occur."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]
    registry: Registry
    span: Span

    @property
    def steps(self) -> int:
        """How many parts it has: each is at most one operation to run."""
        return sum(1 for _ in ast.walk(self.tree))

    def part(self, name: str) -> Span:
        """Where the name of a value first stands."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id == name)
        return _part(self.span, next(found, self.tree))

    def run(self, values: Mapping[str, object]) -> object:
        """The value of the formula for these values of its names."""
        return _run(self.tree, values, self)


def parse_formula(text: str, span: Span, registry: Registry, limits: Limits) -> Formula:
    """Parse and check a formula.

    Raises:
        Fault: E0401 it is no expression, E0402 it holds something that formulas do not have, E0301 no such operation.
        LimitFault: it is too long or too deep.
    """
    limits.check("expression_length", len(text), span, "characters in one expression")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        message = f"{quote(text)} cannot be read as a formula"
        raise Fault(Diagnostic(code="E0401", message=message, span=span, expected=_ALLOWED)) from error
    names: dict[str, None] = {}
    _check(tree, 1, names, _Checker(text.strip(), span, registry, limits))
    return Formula(ast.unparse(tree), tree, tuple(names), registry, span)


def checked_formula(text: str, registry: Registry) -> Formula:
    """The same of a formula that has been checked before, perhaps under limits that the caller raised."""
    return parse_formula(text, _NO_SPAN, registry, _NO_LIMITS)


@dataclass(frozen=True, slots=True)
class _Checker:
    text: str
    span: Span
    registry: Registry
    limits: Limits

    def refuse(self, what: str, tree: ast.AST) -> Fault:
        message = f"a formula cannot hold {what}"
        return Fault(Diagnostic(code="E0402", message=message, span=_part(self.span, tree), expected=_ALLOWED))


def _part(span: Span, tree: ast.AST) -> Span:
    """Where a part of the formula at `span` stands; all of it where it is not written in one line."""
    if not isinstance(tree, ast.expr) or tree.end_col_offset is None or span.line != span.end_line:
        return span
    quoted = span.source.line(span.line)[span.column - 1 : span.column] in ("'", '"')
    return span.inside(quoted + tree.col_offset, tree.end_col_offset - tree.col_offset)


def _check(tree: ast.AST, depth: int, names: dict[str, None], checker: _Checker) -> None:
    checker.limits.check("expression_depth", depth, checker.span, "levels in one expression")
    match tree:
        case ast.Name(id=name):
            _check_name(tree, checker)
            names[name] = None
            return
        case ast.Constant():
            _check_constant(tree, checker)
            return
        case ast.Call():
            if isinstance(tree.func, ast.Name):
                _check_name(tree.func, checker)
            call = split_call(tree, checker.registry, _part(checker.span, tree))
            parts: list[ast.AST] = [part for part in call.tensors if part is not None]
        case ast.BinOp(op=op) if type(op) in _BINARY:
            _check_power(tree, checker)
            parts = [tree.left, tree.right]
        case ast.UnaryOp(op=sign) if type(sign) in _UNARY:
            parts = [tree.operand]
        case ast.Compare(ops=[compare]) if type(compare) in _COMPARE:
            parts = [tree.left, *tree.comparators]
        case ast.Subscript():
            parts = [tree.value]
            _check_index(tree.slice, checker)
        case _:
            raise checker.refuse(_REFUSED.get(type(tree), "this"), tree)
    for part in parts:
        _check(part, depth + 1, names, checker)


def _check_name(tree: ast.Name, checker: _Checker) -> None:
    """Names are ASCII: `ast` takes look-alike letters for the letters they look like."""
    start, length = place(tree, checker.text)
    written = checker.text[start : start + length]
    strange = next((character for character in written if not character.isascii()), None)
    if strange is not None:
        raise checker.refuse(f"the name {quote(written)} with the character U+{ord(strange):04X}", tree)


def _check_constant(tree: ast.Constant, checker: _Checker) -> None:
    if not isinstance(tree.value, (int, float)) or not abs(tree.value) <= GREATEST:
        raise checker.refuse(f"the value {quote(ast.unparse(tree), 40)}", tree)


def _check_power(tree: ast.BinOp, checker: _Checker) -> None:
    """Refuse a power that Python would compute: its result could take all memory."""
    if isinstance(tree.op, ast.Pow) and not any(isinstance(part, ast.Name) for part in ast.walk(tree)):
        raise checker.refuse("a power of numbers alone (an expression such as `$(2 ** 3)` can)", tree)


def _check_index(tree: ast.expr, checker: _Checker) -> None:
    try:
        _index(tree)
    except ValueError as error:
        message = "a value is indexed by numbers, slices and `None` only"
        raise Fault(
            Diagnostic(code="E0402", message=message, span=_part(checker.span, tree), found=quote(ast.unparse(tree)))
        ) from error


def _index(tree: ast.expr) -> Any:
    if isinstance(tree, ast.Tuple):
        return tuple(_index(item) for item in tree.elts)
    if isinstance(tree, ast.Slice):
        return slice(*(None if part is None else _index(part) for part in (tree.lower, tree.upper, tree.step)))
    value = ast.literal_eval(tree)
    if value is None or value is ... or (isinstance(value, (int, str)) and not isinstance(value, bool)):
        return value
    raise ValueError


def split_call(tree: ast.Call, registry: Registry, span: Span) -> OperationCall:
    """The inputs and arguments of a call within a formula.

    Raises:
        Fault: there is no such operation, or it is called wrongly.
    """
    name = tree.func.id if isinstance(tree.func, ast.Name) else ast.unparse(tree.func)
    operation = registry.operation(name)
    if operation is None:
        message = f"there is no operation {quote(name)}"
        known = registry.operation_names()
        hint, fix = did_you_mean(name, known), respelled(span, name, known)
        raise Fault(Diagnostic(code="E0301", message=message, span=span, hint=hint, fix=fix))
    tensors: list[ast.expr | None] = list(tree.args)
    if operation.variadic and len(tree.args) == 1 and isinstance(tree.args[0], (ast.List, ast.Tuple)):
        tensors = list(tree.args[0].elts)
    rest: list[ast.expr] = []
    if not operation.variadic:
        most = len(operation.tensors)
        tensors, rest = tensors[:most], list(tree.args[most:])
    if len(rest) > len(operation.arguments):
        most = len(operation.tensors) + len(operation.arguments)
        message = f"{name} takes at most {most} arguments and gets {len(tree.args)}"
        expected = ", ".join([*operation.tensors, *operation.arguments])
        raise Fault(Diagnostic(code="E0302", message=message, span=span, expected=expected))
    written = dict(zip(operation.arguments, rest, strict=False))
    for keyword in tree.keywords:
        if keyword.arg in operation.tensors:
            index = operation.tensors.index(keyword.arg)
            tensors += [None] * (index + 1 - len(tensors))
            tensors[index] = keyword.value
        else:
            written[keyword.arg or "**"] = keyword.value
    return OperationCall(operation, tuple(tensors), _constants(operation, written, span))


def _constants(operation: Operation, written: dict[str, ast.expr], span: Span) -> dict[str, object]:
    try:
        values = {name: ast.literal_eval(value) for name, value in written.items()}
    except ValueError as error:
        message = f"{operation.name}: its arguments are constants here"
        raise Fault(Diagnostic(code="E0402", message=message, span=span)) from error
    try:
        return dict(operation.validate(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        if first["type"] == "extra_forbidden":
            known = list(operation.arguments)
            message = f"{operation.name} has no argument {quote(name)}"
            hint, fix = did_you_mean(name, known), respelled(span, name, set(known) - set(written))
            raise Fault(
                Diagnostic(code="E0302", message=message, span=span, expected=", ".join(known), hint=hint, fix=fix)
            ) from error
        message = f"{operation.name}: `{name}` has a wrong value"
        expected = first["msg"].removeprefix("Input should be ")
        raise Fault(
            Diagnostic(code="E0304", message=message, span=span, found=quote(first["input"]), expected=expected)
        ) from error


def _run(tree: ast.expr, values: Mapping[str, object], formula: Formula) -> Any:
    match tree:
        case ast.Name(id=name):
            return values[name]
        case ast.Constant(value=value):
            return value
        case ast.Call():
            call = split_call(tree, formula.registry, formula.span)
            tensors = [None if part is None else _run(part, values, formula) for part in call.tensors]
            check_dim(call.operation.name, tensors[0] if tensors else None, call.arguments)
            return call.operation.function()(*tensors, **call.arguments)
        case ast.BinOp():
            return _BINARY[type(tree.op)](_run(tree.left, values, formula), _run(tree.right, values, formula))
        case ast.UnaryOp():
            return _UNARY[type(tree.op)](_run(tree.operand, values, formula))
        case ast.Compare():
            compare = _COMPARE[type(tree.ops[0])]
            return compare(_run(tree.left, values, formula), _run(tree.comparators[0], values, formula))
        case ast.Subscript():
            return _run(tree.value, values, formula)[_index(tree.slice)]
    raise AssertionError(f"{type(tree).__name__} passed the check")
