"""What an expression may hold: in comes its text, out goes the checked `ast`, or the first thing that is refused."""

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from archspec.diagnostic import Diagnostic, quote
from archspec.fix import respelled
from archspec.source import Span
from archspec.suggest import did_you_mean
from archspec.syntax.brackets import closing, unquoted

__all__ = ["CONSTANTS", "FUNCTIONS", "Reading", "Refusal", "place", "read", "read_syntax"]

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
"""Names that are constants, as YAML writes them; Python's own `True`, `False` and `None` are constants to `ast`."""

_MANY = 1_000

FUNCTIONS: dict[str, tuple[str, int, int]] = {
    "abs": ("abs(x)", 1, 1),
    "min": ("min(a, b, …)", 1, _MANY),
    "max": ("max(a, b, …)", 1, _MANY),
    "sum": ("sum(items)", 1, 2),
    "len": ("len(items)", 1, 1),
    "range": ("range(start, stop, step)", 1, 3),
    "enumerate": ("enumerate(items, start)", 1, 2),
    "zip": ("zip(a, b, …)", 1, _MANY),
    "round": ("round(x, digits)", 1, 2),
    "floor": ("floor(x)", 1, 1),
    "ceil": ("ceil(x)", 1, 1),
    "sqrt": ("sqrt(x)", 1, 1),
    "int": ("int(x)", 1, 1),
    "float": ("float(x)", 1, 1),
    "str": ("str(x)", 1, 1),
    "any": ("any(items)", 1, 1),
    "all": ("all(items)", 1, 1),
    "round_to": ("round_to(value, multiple)", 2, 2),
    "linspace": ("linspace(start, stop, num)", 3, 3),
    "size": ("size(node, dim)", 2, 2),
}
"""Every function: how it is called, and the least and the most arguments it takes."""

_PLAIN = (
    *(ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call),
    *(ast.Subscript, ast.Slice, ast.List, ast.Tuple),
)
_REFUSED: dict[type[ast.AST], tuple[str, str]] = {
    ast.Lambda: ("a lambda", ""),
    ast.ListComp: ("a comprehension", "repeat nodes with `for:`; `[x] * n`, `range` and `zip` make lists"),
    ast.SetComp: ("a comprehension", "repeat nodes with `for:`; `[x] * n`, `range` and `zip` make lists"),
    ast.DictComp: ("a comprehension", "repeat nodes with `for:`; `[x] * n`, `range` and `zip` make lists"),
    ast.GeneratorExp: ("a comprehension", "repeat nodes with `for:`; `[x] * n`, `range` and `zip` make lists"),
    ast.JoinedStr: ("an f-string", "in YAML text, `$name` and `$(…)` stand for their values"),
    ast.NamedExpr: ("an assignment", "`let:` gives a name to a value; `==` compares"),
    ast.Await: ("an `await`", ""),
    ast.Yield: ("a `yield`", ""),
    ast.YieldFrom: ("a `yield`", ""),
    ast.Starred: ("a starred expression", "lists are joined with `+`"),
    ast.Dict: ("a dictionary", ""),
    ast.Set: ("a set", "a list is written in `[…]`"),
}
_OPERATORS: dict[type[ast.AST], tuple[str, str]] = {
    ast.BitAnd: ("&", "`and` joins conditions"),
    ast.BitOr: ("|", "`or` joins conditions"),
    ast.BitXor: ("^", "a power is written `**`"),
    ast.Invert: ("~", "a condition is turned round with `not`"),
    ast.LShift: ("<<", "write `* 2 ** n`"),
    ast.RShift: (">>", "write `// 2 ** n`"),
    ast.MatMult: ("@", ""),
    ast.Is: ("is", "values are compared with `==`"),
    ast.IsNot: ("is not", "values are compared with `!=`"),
}
_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\A\$\((?!.*\))", re.DOTALL), "close the bracket, `$(…)`"),
    (re.compile(r"\$"), "inside an expression names stand without `$`"),
    (re.compile(r"&&"), "write `and`"),
    (re.compile(r"\|\|"), "write `or`"),
    (re.compile(r"!(?!=)"), "write `not`"),
    (re.compile(r"\?"), "write `a if condition else b`"),
    (re.compile(r"(?<![=!<>:])=(?![=>])"), "`==` compares two values"),
    (re.compile(r"#"), "an expression has no comments"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a text is no expression of ours, and where in it: a diagnostic that does not know its span yet."""

    code: str
    message: str
    start: int
    length: int
    found: str = ""
    expected: str = ""
    hint: str = ""
    meant: tuple[str, tuple[str, ...]] | None = None  # a name that is unknown, and the names that there are

    def diagnostic(self, span: Span) -> Diagnostic:
        """The diagnostic at `span`."""
        return Diagnostic(
            code=self.code,
            message=self.message,
            span=span,
            found=self.found,
            expected=self.expected,
            hint=self.hint,
            fix=None if self.meant is None else respelled(span, *self.meant),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """An expression that holds nothing but what is allowed: its tree, where it reads names, the depth of its tree."""

    tree: ast.expr
    reads: tuple[ast.Name, ...]
    depth: int


@lru_cache(maxsize=1024)
def read(text: str) -> Reading | Refusal:
    """Parse `text` and check every part of it. Equal texts are read once: loops and blocks repeat them."""
    tree = read_syntax(text)
    return tree if isinstance(tree, Refusal) else _check(tree, text)


def read_syntax(text: str) -> ast.expr | Refusal:
    """Parse `text` as one Python expression, with no word yet on what is in it.

    It is parsed between parentheses, so that a comma, a walrus and a comment are seen where they stand.
    """
    if not text:
        return Refusal(code="E0401", message="the expression is empty", start=0, length=0)
    if closing(f"({text})", 0) != len(text) + 1:
        return _unreadable(text, 0, "a bracket or a quote without its other half")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(f"({text})", mode="eval").body
    except SyntaxError as error:
        return _unreadable(text, (error.offset or 2) - 2, "")
    except (MemoryError, RecursionError):
        return _unreadable(text, 0, "parts nested too deeply")
    except ValueError:
        return _unreadable(text, 0, "a character that no expression holds")
    return _shifted(tree, text)


def place(node: ast.expr | ast.keyword, text: str) -> tuple[int, int]:
    """Where a part of the expression `text` starts and how long it is, in characters; `ast` counts bytes."""
    if text.isascii():
        return node.col_offset, (node.end_col_offset or 0) - node.col_offset
    data = text.encode()
    start = len(data[: node.col_offset].decode())
    return start, len(data[node.col_offset : node.end_col_offset].decode())


def _shifted(tree: ast.expr, text: str) -> ast.expr:
    """Take the parenthesis that was put before the text out of every column."""
    length = len(text.encode())
    for node in ast.walk(tree):
        if isinstance(node, ast.expr | ast.keyword):
            node.col_offset = max(0, node.col_offset - 1)
            node.end_col_offset = min(length, (node.end_col_offset or 1) - 1)
    return tree


def _unreadable(text: str, start: int, found: str) -> Refusal:
    start, hint = max(0, min(start, len(text) - 1)), ""
    for slip, advice in _SLIPS:
        match = slip.search(unquoted(text))
        if match is not None:
            start, hint = match.start(), advice
            break
    return Refusal(
        code="E0401",
        message=f"{quote(text)} cannot be read as an expression",
        start=start,
        length=1,
        found=found,
        hint=hint,
    )


def _check(tree: ast.expr, text: str) -> Reading | Refusal:
    """Visit the parts in the order of the text; a stack of our own, because the text decides how deep they go."""
    reads: list[ast.Name] = []
    deepest, stack = 0, [(tree, 1)]
    while stack:
        node, depth = stack.pop()
        refusal = _refuse(node, text)
        if refusal is not None:
            return refusal
        if isinstance(node, ast.Name) and node.id not in CONSTANTS:
            reads.append(node)
        deepest = max(deepest, depth)
        stack += [(part, depth + 1) for part in reversed(_parts(node))]
    return Reading(tree, tuple(reads), deepest)


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Call):
        return node.args[1:] if _function(node) == "size" else node.args
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _function(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _refuse(node: ast.expr, text: str) -> Refusal | None:
    match node:
        case ast.Call():
            return _refuse_call(node, text)
        case ast.Name():
            return _refuse_name(node, text)
        case ast.Constant(value=value) if not isinstance(value, bool | int | float | str | None):
            kinds = {complex: "a complex number ", bytes: "bytes "}
            return _cannot_hold(node, text, f"{kinds.get(type(value), '')}{_quoted(node, text)}")
        case ast.UnaryOp(op=operator) | ast.BinOp(op=operator):
            return _refuse_operator(node, [operator], text)
        case ast.Compare(ops=operators):
            return _refuse_operator(node, operators, text)
        case ast.Subscript(slice=ast.Tuple(elts=parts)) if any(isinstance(part, ast.Slice) for part in parts):
            return _cannot_hold(node, text, f"several slices at once {_quoted(node, text)}", "write `a[1:2][0]`")
        case ast.Attribute(attr=name):
            return _cannot_hold(node, text, f"an attribute {_quoted(node, text)}", _instead_of_attribute(name))
        case _ if isinstance(node, _PLAIN):
            return None
    what, hint = _REFUSED.get(type(node), (f"a {type(node).__name__}", ""))
    return _cannot_hold(node, text, f"{what} {_quoted(node, text)}", hint)


def _refuse_operator(node: ast.expr, operators: Iterable[ast.AST], text: str) -> Refusal | None:
    for operator in operators:
        if type(operator) in _OPERATORS:
            symbol, hint = _OPERATORS[type(operator)]
            return _cannot_hold(node, text, f"the operator `{symbol}`", hint)
    return None


def _refuse_name(node: ast.Name, text: str) -> Refusal | None:
    """Names are ASCII: `ast` takes look-alike letters for the letters they look like."""
    start, length = place(node, text)
    written = text[start : start + length]
    if written.isascii():
        return None
    strange = next(character for character in written if not character.isascii())
    hint = f"did you mean `{node.id}`?" if node.id.isascii() else "names are ASCII letters, digits and `_`"
    what = f"the name {quote(written)} with the character U+{ord(strange):04X}"
    return _cannot_hold(node, text, what, hint)


def _refuse_call(node: ast.Call, text: str) -> Refusal | None:
    if not isinstance(node.func, ast.Name):
        return _refuse(node.func, text) or _cannot_hold(node, text, f"a call of {_quoted(node.func, text)}")
    refusal = _refuse_name(node.func, text)
    if refusal is not None:
        return refusal
    if node.func.id not in FUNCTIONS:
        return _unknown_function(node.func, text)
    if node.keywords:
        keyword = node.keywords[0]
        what = f"a keyword argument {_quoted(keyword, text)}"
        return _cannot_hold(keyword, text, what, "arguments are passed by position; `==` compares")
    return _refuse_arguments(node, text)


def _refuse_arguments(node: ast.Call, text: str) -> Refusal | None:
    shown, least, most = FUNCTIONS[_function(node)]
    given = len(node.args)
    start, length = place(node, text)
    if not least <= given <= most:
        takes = str(least) if least == most else f"{least} to {most}" if most < _MANY else f"at least {least}"
        return Refusal(
            code="E0404",
            message=f"{_quoted(node, text)} passes the wrong number of arguments",
            start=start,
            length=length,
            found=str(given),
            expected=f"{takes}: `{shown}`",
        )
    if _function(node) != "size":
        return None
    if isinstance(node.args[0], ast.Name):
        return _refuse_name(node.args[0], text)
    start, length = place(node.args[0], text)
    return Refusal(
        code="E0404",
        message=f"{_quoted(node, text)} does not name a node",
        start=start,
        length=length,
        found=_quoted(node.args[0], text),
        expected="the name of a node, without quotes: `size(node, dim)`",
    )


def _unknown_function(name: ast.Name, text: str) -> Refusal:
    start, length = place(name, text)
    return Refusal(
        code="E0402",
        message=f"{quote(name.id)} is not a function that expressions have",
        start=start,
        length=length,
        expected=f"one of {', '.join(FUNCTIONS)}",
        hint=did_you_mean(name.id, FUNCTIONS),
        meant=(name.id, tuple(FUNCTIONS)),
    )


def _instead_of_attribute(name: str) -> str:
    if name in {"shape", "size"}:
        return "`size(node, dim)` reads a dimension of a node"
    return f"`{FUNCTIONS[name][0]}` is called by its plain name" if name in FUNCTIONS else ""


def _cannot_hold(node: ast.expr | ast.keyword, text: str, what: str, hint: str = "") -> Refusal:
    start, length = place(node, text)
    return Refusal(code="E0402", message=f"an expression cannot hold {what}", start=start, length=length, hint=hint)


def _quoted(node: ast.expr | ast.keyword, text: str) -> str:
    start, length = place(node, text)
    return quote(text[start : start + length], 60)
