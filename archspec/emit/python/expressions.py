"""Expressions on one line: in comes an `ast` expression, out goes the text as ruff's formatter has it."""

import ast
import re
from collections.abc import Iterable

__all__ = ["Bracketed", "escaped", "flat", "literal", "loops", "needs_parentheses", "precedence", "symbol", "target"]

_TERNARY, _COMPARE, _OR, _SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(8)
_OPERATORS: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", _OR),
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.MatMult: ("@", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
    ast.FloorDiv: ("//", _PRODUCT),
    ast.Mod: ("%", _PRODUCT),
    ast.Pow: ("**", _POWER),
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.NotEq: "!=",
    ast.In: "in",
}
_SIGNS: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+"}


class Bracketed(ast.expr):
    """An expression in brackets that it needs where it stands."""

    def __init__(self, value: ast.expr) -> None:
        """Any expression of operators."""
        super().__init__()
        self.value = value


_EXPONENT = re.compile(r"e(-?)\+?0*(\d)")


def flat(node: ast.expr) -> str:  # noqa: C901, PLR0912 - one case for each kind of expression
    """An expression on one line."""
    match node:
        case ast.Name():
            return node.id
        case ast.Constant():
            return literal(node.value)
        case ast.Attribute(value=ast.Constant(value=int() | float() as number)):
            return f"({number!r}).{node.attr}"
        case ast.Attribute():
            return f"{_operand(node.value, _ATOM)}.{node.attr}"
        case ast.Subscript():
            return f"{_operand(node.value, _ATOM)}[{_index(node.slice)}]"
        case ast.Call():
            return f"{_operand(node.func, _ATOM)}({', '.join(arguments(node))})"
        case Bracketed():
            return f"({flat(node.value)})"
        case ast.Starred():
            return f"*{_operand(node.value, _SIGN)}"
        case ast.List():
            return f"[{', '.join(map(flat, node.elts))}]"
        case ast.Tuple():
            return f"({', '.join(map(flat, node.elts))}{',' if len(node.elts) == 1 else ''})"
        case ast.Dict():
            return f"{{{', '.join(items(node))}}}"
        case ast.GeneratorExp():
            return f"({flat(node.elt)} {loops(node.generators)})"
        case ast.ListComp():
            return f"[{flat(node.elt)} {loops(node.generators)}]"
        case ast.DictComp():
            return f"{{{flat(node.key)}: {flat(node.value)} {loops(node.generators)}}}"
        case ast.IfExp():
            test, orelse = _operand(node.test, _COMPARE), _operand(node.orelse, _TERNARY)
            return f"{_operand(node.body, _COMPARE)} if {test} else {orelse}"
        case ast.UnaryOp():
            return f"{_SIGNS[type(node.op)]}{_operand(node.operand, _SIGN)}"
        case ast.BinOp():
            return _binary(node)
        case ast.Compare():
            return (
                f"{_operand(node.left, _SUM)} {_COMPARISONS[type(node.ops[0])]} {_operand(node.comparators[0], _SUM)}"
            )
        case ast.JoinedStr():
            return _joined(node)
    raise AssertionError(f"{type(node).__name__} is never written")


def arguments(call: ast.Call) -> list[str]:
    """Each argument of a call; a generator that stands alone has no brackets of its own."""
    named = [f"{keyword.arg}={flat(keyword.value)}" for keyword in call.keywords]
    if len(call.args) == 1 and not named and isinstance(call.args[0], ast.GeneratorExp):
        return [flat(call.args[0])[1:-1]]
    return [*map(flat, call.args), *named]


def items(node: ast.Dict) -> list[str]:
    """Each pair of a dictionary."""
    return [f"{flat(key)}: {flat(value)}" for key, value in zip(node.keys, node.values, strict=True) if key is not None]


def loops(generators: Iterable[ast.comprehension]) -> str:
    """The loops of a comprehension."""
    return " ".join(f"for {target(item.target)} in {flat(item.iter)}" for item in generators)


def target(node: ast.expr) -> str:
    """What is assigned to, without the brackets of a tuple."""
    return ", ".join(map(flat, node.elts)) if isinstance(node, ast.Tuple) else flat(node)


def literal(value: object) -> str:
    """A constant as Python writes it."""
    if isinstance(value, str):
        return text_of_string(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):  # noqa: PLR0124 - NaN
        return f'float("{value}")'
    if isinstance(value, float):
        return _EXPONENT.sub(r"e\1\2", repr(value))
    return "..." if value is ... else repr(value)


def text_of_string(text: str) -> str:
    """Text in double quotes; what a reader cannot see is an escape."""
    if '"' in text and "'" not in text and "\\" not in text and text.isprintable():
        return f"'{text}'"
    inside = escaped(text).replace('"', '\\"')
    return f'"{inside}"'


def escaped(text: str) -> str:
    """Text as it can stand within quotes, whichever; what a reader cannot see is an escape."""
    return "".join(_visible(character) for character in text.replace("\\", "\\\\"))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def needs_parentheses(node: ast.expr) -> bool:
    """Whether an expression that takes several lines has no brackets of its own."""
    return isinstance(node, ast.BinOp | ast.Compare | ast.IfExp)


def symbol(operator: ast.operator) -> str:
    """An operator as Python writes it."""
    return _OPERATORS[type(operator)][0]


def precedence(node: ast.expr) -> int:
    """How tightly the outermost operator of an expression binds."""
    match node:
        case ast.IfExp():
            return _TERNARY
        case ast.Compare():
            return _COMPARE
        case ast.BinOp():
            return _OPERATORS[type(node.op)][1]
        case ast.UnaryOp():
            return _SIGN
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool) and number < 0:
            return _SIGN
    return _ATOM


def _operand(node: ast.expr, least: int) -> str:
    text = flat(node)
    return text if precedence(node) >= least else f"({text})"


def _binary(node: ast.BinOp) -> str:
    sign, binds = _OPERATORS[type(node.op)]
    if isinstance(node.op, ast.Pow):
        left, right = _operand(node.left, _ATOM), _operand(node.right, _SIGN)
        close = _is_simple(node.left) and _is_simple(node.right)
        return f"{left}**{right}" if close else f"{left} ** {right}"
    return f"{_operand(node.left, binds)} {sign} {_operand(node.right, binds + 1)}"


def _is_simple(node: ast.expr) -> bool:
    """Whether ruff writes a power of it without blanks."""
    match node:
        case ast.UnaryOp():
            return _is_simple(node.operand)
        case ast.Attribute():
            return _is_simple(node.value)
        case ast.Constant():
            return isinstance(node.value, int | float)
        case _:
            return isinstance(node, ast.Name)


def _index(node: ast.expr) -> str:
    if isinstance(node, ast.Tuple) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Slice):
        return _index(node.elts[0])
    if isinstance(node, ast.Tuple):
        return f"{', '.join(map(_index, node.elts))}{',' if len(node.elts) == 1 else ''}"
    if not isinstance(node, ast.Slice):
        return flat(node)
    bounds = [node.lower, node.upper]
    simple = all(bound is None or isinstance(bound, ast.Constant | ast.Name | ast.UnaryOp) for bound in bounds)
    lower, upper = ("" if bound is None else flat(bound) for bound in bounds)
    colon = ":" if simple else f"{' ' * bool(lower)}:{' ' * bool(upper)}"
    return f"{lower}{colon}{upper}" + ("" if node.step is None else f":{flat(node.step)}")


def _joined(node: ast.JoinedStr) -> str:
    parts = [
        f"{{{flat(part.value)}}}" if isinstance(part, ast.FormattedValue) else _escaped(part) for part in node.values
    ]
    return f'f"{"".join(parts)}"'


def _escaped(part: ast.expr) -> str:
    assert isinstance(part, ast.Constant)
    return text_of_string(str(part.value))[1:-1].replace("{", "{{").replace("}", "}}")
