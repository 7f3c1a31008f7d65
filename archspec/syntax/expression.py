"""Values as they are written: in comes text with `$name` and `$(…)` in it, out go checked expressions and templates."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Fault
from archspec.limits import Limits
from archspec.source import Span
from archspec.syntax.brackets import closing, nesting, offset_in, quoted, uncut
from archspec.syntax.grammar import CONSTANTS, FUNCTIONS, Reading, Refusal, place, read, read_syntax
from archspec.syntax.tree import Scalar, Sequence, Tree

__all__ = [
    "Expression",
    "For",
    "Targets",
    "Template",
    "Written",
    "names_of",
    "parse_expression",
    "parse_for",
    "parse_template",
    "parse_written",
]

_NAME = re.compile(r"[^\W\d]\w*")
_IN = re.compile(r"\bin\b")
_BREAKS = str.maketrans("\n\r", "  ")

Targets = tuple["str | Targets", ...]
"""The names of a loop: one takes the whole item, two or more unpack it, and a nested tuple unpacks a part of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """What stands in `$name`, `$(…)`, `when:` or `for: … in …`.

    Attributes:
        text: the expression alone, without `$(` and `)`.
        span: where it stands, or the whole scalar when it is not written there letter by letter.
        names: the names whose values it reads; functions and the node in `size(node, dim)` are none of them.
    """

    text: str
    span: Span
    names: frozenset[str]

    @property
    def tree(self) -> ast.expr:
        """The checked tree; its columns count from the start of `text`. Equal texts share one."""
        return _reading(self.text, self.span).tree

    @property
    def reads(self) -> tuple[ast.Name, ...]:
        """The parts of the tree that read `names`."""
        return _reading(self.text, self.span).reads

    def part(self, node: ast.expr) -> Span:
        """Where a part of the tree stands."""
        return _part(self.span, self.text, *place(node, self.text))

    def excerpt(self, node: ast.expr) -> str:
        """How a part of the tree is written."""
        start, length = place(node, self.text)
        return self.text[start : start + length]


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Text with expressions in it, such as `layer$(i + 1)`; its value is text."""

    parts: tuple[str | Expression, ...]
    text: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class For:
    """`for: i, layers in enumerate(block_config)`."""

    names: Targets
    iterable: Expression
    text: str
    span: Span


Written = None | bool | int | float | str | Expression | Template | list["Written"] | dict[str, "Written"]


def parse_expression(text: str, span: Span, limits: Limits) -> Expression:
    """Read the bare expression `text`, which is the scalar at `span`. A line break in it is a space.

    Raises:
        Fault: it cannot be read (E0401, E0405), holds something that specs do not have (E0402) or calls a function with
            the wrong number of arguments (E0404).
        LimitFault: it is too long or too deep.
    """
    stripped = text.strip()
    at = _part(span, text, len(text) - len(text.lstrip()), len(stripped))
    if closing(f"({stripped})", 0) is None:
        _refuse_cut(text, span)
    return _expression(stripped, at, limits)


def parse_template(text: str, span: Span, limits: Limits) -> str | Expression | Template:
    """Read the text of the scalar at `span`: itself when it has no `$`, an expression when it is one and nothing else.

    Raises:
        Fault: a `$` that starts nothing (E0401), an expression that YAML cut off (E0405) or that is wrong.
        LimitFault: an expression is too long or too deep.
    """
    if "$" not in text:
        return text
    parts = _split(text, span, limits)
    if all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return parts[0]
    return Template(tuple(parts), text, span)


def parse_written(tree: Tree, limits: Limits) -> Written:
    """Read a whole tree: the text in it as templates, everything else as it is. Keys stay as they are written.

    Raises:
        Fault: an expression in it is wrong.
        LimitFault: an expression in it is too long or too deep.
    """
    if isinstance(tree, Scalar):
        value = tree.value
        return parse_template(value, tree.span, limits) if isinstance(value, str) and "$" in value else value
    if isinstance(tree, Sequence):
        return [parse_written(item, limits) for item in tree.items]
    return {name: parse_written(item, limits) for name, _, item in tree.items()}


def parse_for(text: str, span: Span, limits: Limits) -> For:
    """Read `NAMES in EXPRESSION`, which is the scalar at `span`.

    Raises:
        Fault: it is no loop (E0401), YAML cut it off (E0405), or its expression is wrong.
        LimitFault: it is too long or too deep.
    """
    limits.check("expression_length", len(text), span, "characters in this expression")
    limits.check("expression_depth", nesting(text), span, "levels of brackets in this expression")
    middle = _IN.search(text)
    if middle is None or closing(f"({text})", 0) is None:
        _refuse_cut(text, span)
    names = _targets(text[: middle.start()]) if middle is not None else None
    if middle is None or names is None:
        raise _fault("E0401", f"{quote(text)} is not a loop", span, expected=_LOOPS)
    rest = text[middle.end() :].strip()
    iterable = _expression(rest, _part(span, text, text.index(rest, middle.end()), len(rest)), limits)
    return For(names, iterable, text, _part(span, text, 0, len(text)))


_LOOPS = "`i in range(n)` or `i, layers in enumerate(block_config)`; names are ASCII, none of them twice"


def _expression(text: str, span: Span, limits: Limits) -> Expression:
    limits.check("expression_length", len(text), span, "characters in this expression")
    limits.check("expression_depth", nesting(text), span, "levels of brackets in this expression")
    line = text.translate(_BREAKS)
    reading = _reading(line, span)
    limits.check("expression_depth", reading.depth, span, "levels in this expression")
    return Expression(line, span, frozenset(node.id for node in reading.reads))


def _reading(text: str, span: Span) -> Reading:
    result = read(text)
    if isinstance(result, Refusal):
        raise Fault(result.diagnostic(_part(span, text, result.start, result.length)))
    return result


def _split(text: str, span: Span, limits: Limits) -> list[str | Expression]:
    """The text and the expressions in turn."""
    parts: list[str | Expression] = []
    literal, position = "", 0
    while (dollar := text.find("$", position)) >= 0:
        literal += text[position:dollar]
        if text.startswith("$$", dollar):
            literal, position = f"{literal}$", dollar + 2
            continue
        expression, position = _parse_dollar(text, dollar, span, limits)
        parts += [literal, expression] if literal else [expression]
        literal = ""
    literal += text[position:]
    return [*parts, literal] if literal else parts


def _parse_dollar(text: str, dollar: int, span: Span, limits: Limits) -> tuple[Expression, int]:
    """The expression that the `$` at `dollar` starts, and where the text goes on after it."""
    if text.startswith("(", dollar + 1):
        return _parse_parenthesis(text, dollar, span, limits)
    name = _NAME.match(text, dollar + 1)
    if name is None:
        hint = "write `$name` or `$(…)`, and `$$` for a dollar sign"
        at = _part(span, text, dollar, 1)
        raise _fault("E0401", f"the `$` in {quote(text)} starts no expression", at, hint=hint)
    if name.group() in FUNCTIONS and text.startswith("(", name.end()):
        end = closing(text, name.end())
        call = text[dollar + 1 : len(text) if end is None else end + 1]
        at = _part(span, text, dollar, len(call) + 1)
        raise _fault("E0401", f"{quote(f'${call}')} reads only a name", at, hint=f"write {quote(f'$({call})')}")
    return _expression(name.group(), _part(span, text, name.start(), len(name.group())), limits), name.end()


def _parse_parenthesis(text: str, dollar: int, span: Span, limits: Limits) -> tuple[Expression, int]:
    start = dollar + 2
    end = closing(text, dollar + 1, start + limits.expression_length + 1)
    if end is None:
        limits.check("expression_length", len(text) - start, span, "characters in this expression")
        _refuse_cut(text, span)
        message = f"the `$(` in {quote(text)} is never closed"
        raise _fault("E0401", message, _part(span, text, dollar, 2), hint="close it with `)`")
    if text[end] != ")":
        message = f"the `$(` in {quote(text)} is closed by `{text[end]}`"
        raise _fault("E0401", message, _part(span, text, end, 1), expected="`)`")
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    stripped = inner.strip()
    return _expression(stripped, _part(span, text, start, len(stripped)), limits), end + 1


def names_of(targets: Targets) -> Iterator[str]:
    """The names of a loop one by one.

    >>> list(names_of(("i", ("low", "high"))))
    ['i', 'low', 'high']
    """
    for target in targets:
        if isinstance(target, str):
            yield target
        else:
            yield from names_of(target)


def _targets(text: str) -> Targets | None:
    """The names of a loop, or None when they are none, or one of them stands twice."""
    tree = read_syntax(text.strip()) if text.isascii() else None
    if tree is None or isinstance(tree, Refusal):
        return None
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if len(names) != len(set(names)) or not CONSTANTS.keys().isdisjoint(names):
        return None
    target = _target(tree)
    return (target,) if isinstance(target, str) else target


def _target(node: ast.expr) -> "str | Targets | None":
    if isinstance(node, ast.Name):
        return node.id
    if not isinstance(node, ast.Tuple) or len(node.elts) == 1:
        return None
    parts = tuple(part for part in map(_target, node.elts) if part is not None)
    return parts if parts and len(parts) == len(node.elts) else None


def _part(span: Span, text: str, start: int, length: int) -> Span:
    """The place of a part of the scalar `text` at `span`; all of `span` when the text is written with escapes."""
    offset = offset_in(span, text)
    return span if offset is None or not length else span.inside(offset + start, length)


def _refuse_cut(text: str, span: Span) -> None:
    """Raise when YAML ended the value before its brackets were closed."""
    whole = uncut(span, text)
    if whole is not None:
        message = f"{quote(text)} is cut off: YAML ends an unquoted value at a comma and at ` #`"
        hint = f"quote it: {quote(whole)}"
        raise Fault(Diagnostic(code="E0405", message=message, span=span, hint=hint, fix=quoted(span)))


def _fault(code: str, message: str, span: Span, *, expected: str = "", hint: str = "") -> Fault:
    return Fault(Diagnostic(code=code, message=message, span=span, expected=expected, hint=hint))
