"""What is wrong and where: in come a code, a message and a span, out goes text or JSON for who wrote the spec."""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from archspec.fix import Fix
from archspec.source import Span

__all__ = ["Diagnostic", "Note", "as_json", "details", "errors_of", "escape", "quote", "render"]

QUOTED_LENGTH = 200
EXCERPT_WIDTH = 160

_Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A further fact about a diagnostic, with the place it speaks of when it has one."""

    message: str
    span: Span | None = None

    def __post_init__(self) -> None:
        """Have no character in it that a reader cannot see."""
        _make_visible(self, "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One fault, or one warning, in a spec.

    Its texts hold no character that a reader cannot see, wherever they came from: such a one becomes an escape.

    Attributes:
        code: the stable name of this kind of fault, such as `E0301`; `archspec explain E0301` tells more.
        message: one line that says what is wrong.
        span: where, or None when it is about no place in a text.
        path: the module path of the node at fault, such as `classifier.fc1`.
        found: what stands there.
        expected: what should stand there.
        hint: the likely fix.
        notes: further facts: the shapes along the way, the calls that lead here.
        fix: the edits that `check --fix` makes, where there is no doubt what was meant.
    """

    code: str
    message: str
    span: Span | None = None
    path: str = ""
    found: str = ""
    expected: str = ""
    hint: str = ""
    notes: tuple[Note, ...] = field(default=())
    fix: Fix | None = None

    def __post_init__(self) -> None:
        """Have no character in it that a reader cannot see."""
        _make_visible(self, "message", "path", "found", "expected", "hint")

    @property
    def severity(self) -> _Severity:
        """Whether the spec is refused (`error`) or only looks wrong (`warning`)."""
        return "error" if self.code.startswith("E") else "warning"

    def __str__(self) -> str:
        """The whole text, as a terminal shows it."""
        return render(self)


def _make_visible(frozen: Note | Diagnostic, *names: str) -> None:
    """Escape what is put into messages as it stands in a spec; the line breaks of messages stay."""
    for name in names:
        text: str = getattr(frozen, name)
        if not text.isprintable():
            object.__setattr__(frozen, name, "\n".join(map(escape, text.split("\n"))))


def escape(text: str) -> str:
    r"""Make text from a spec safe to print: control, bidirectional and invisible characters become `\u` escapes.

    >>> escape("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape_character(character) for character in text)


def _escape_character(character: str) -> str:
    if character == " " or (character.isprintable() and unicodedata.category(character)[0] not in "CZ"):
        return character
    return character.encode("unicode_escape").decode("ascii")


def quote(value: object, limit: int = QUOTED_LENGTH) -> str:
    """Show a value from a spec inside a message: as YAML writes it, cut at `limit` characters, harmless to print.

    >>> quote([1, None, "a"])
    '`[1, null, a]`'
    """
    text = value if isinstance(value, str) else _as_yaml(value)
    shortened = text if len(text) <= limit else f"{text[: limit - 1]}…"
    return f"`{escape(shortened)}`"


def _as_yaml(value: object) -> str:
    """A value in YAML's flow style; what no spec can hold is a module that was passed as one."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (str, int, range)):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"{'-' * (value < 0)}.{'nan' if value != value else 'inf'}"  # noqa: PLR0124
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_as_yaml, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_as_yaml(item)}" for key, item in value.items()) + "}"
    return "a module"


def render(diagnostic: Diagnostic) -> str:
    """The text of a diagnostic: `file:line:column`, the line with a caret, what was found and expected, the fix."""
    place = "" if diagnostic.span is None else f"{escape(diagnostic.span.source.name)}:{_position(diagnostic.span)}: "
    lines = [f"{place}{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"]
    gutter = 0
    if diagnostic.span is not None:
        gutter = len(str(diagnostic.span.line))
        lines += _excerpt(diagnostic.span, gutter)
    pad = " " * gutter
    for label, text in details(diagnostic):
        first, *rest = text.split("\n")
        lines.append(f"{pad} = {label}: {first}")
        lines += [f"{pad}         {line}" for line in rest]
    return "\n".join(lines)


def details(diagnostic: Diagnostic, *, placed: bool = True) -> Iterator[tuple[str, str]]:
    """What else a diagnostic says, each text with what it is: `found`, `expected`, `help` or `note`.

    Args:
        diagnostic: the diagnostic.
        placed: whether the notes that have a place are among it; their first line then names it.
    """
    for label, text in (("found", diagnostic.found), ("expected", diagnostic.expected), ("help", diagnostic.hint)):
        if text:
            yield label, text
    for note in diagnostic.notes:
        if note.span is None:
            yield "note", note.message
        elif placed:
            first, *rest = note.message.split("\n")
            where = f" ({escape(note.span.source.name)}:{_position(note.span)})"
            yield "note", "\n".join([f"{first}{where}", *rest])


def _position(span: Span) -> str:
    return f"{span.line}:{span.column}"


def _excerpt(span: Span, gutter: int) -> list[str]:
    raw = span.source.line(span.line)
    start = span.column - 1
    stop = span.end_column - 1 if span.end_line == span.line else len(raw.rstrip())
    first = max(0, start - EXCERPT_WIDTH // 2) if len(raw) > EXCERPT_WIDTH else 0
    shown = escape(raw[first : first + EXCERPT_WIDTH])
    before = len(escape(raw[first:start]))
    width = max(1, min(len(escape(raw[start:stop])), len(shown) - before))
    bar = " " * gutter
    return [f"{bar} |", f"{span.line} | {shown}".rstrip(), f"{bar} | {' ' * before}{'^' * width}"]


def as_json(diagnostic: Diagnostic) -> dict[str, object]:
    """A diagnostic as plain data, for `check --format json`."""
    data: dict[str, object] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": _span_json(diagnostic.span),
        "path": diagnostic.path,
        "found": diagnostic.found,
        "expected": diagnostic.expected,
        "hint": diagnostic.hint,
        "notes": [{"message": note.message, "span": _span_json(note.span)} for note in diagnostic.notes],
        "fix": _fix_json(diagnostic.fix),
    }
    return data


def _fix_json(fix: Fix | None) -> Mapping[str, object] | None:
    if fix is None:
        return None
    return {"title": fix.title, "edits": [{"span": _span_json(edit.span), "text": edit.text} for edit in fix.edits]}


def _span_json(span: Span | None) -> Mapping[str, object] | None:
    if span is None:
        return None
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def errors_of(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics that refuse the spec, without the warnings."""
    return [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error"]
