"""The usual mistakes in YAML: in comes libyaml's error, out goes a diagnostic in words that need no knowledge of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import yaml

from archspec.diagnostic import Diagnostic, Note, escape, quote
from archspec.fix import replaced
from archspec.source import Source, Span
from archspec.syntax.brackets import quoted
from archspec.syntax.tree import Mark

__all__ = ["explain"]

MAX_KEY = 1024  # libyaml looks this far for the colon after a key

_NO_SPACE = re.compile(r"\s*(?:- +)*([\w$.()]+):(?=[^\s:/])")
_HIGH, _LOW = r"\\u([dD][89abAB][0-9a-fA-F]{2})", r"\\u([dD][c-fC-F][0-9a-fA-F]{2})"
_SURROGATES = re.compile(f"{_HIGH}(?:{_LOW})?|{_LOW}")
_BRACKETS = {"sequence": ("[", "]"), "mapping": ("{", "}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """Where libyaml gave up, and what it says about it.

    Attributes:
        problem: what it met.
        context: what it was reading.
        mark: where it gave up.
        opening: where that which it was reading starts.
    """

    source: Source
    problem: str
    context: str
    mark: Mark
    opening: Mark

    @property
    def line(self) -> str:
        return self.source.line(self.mark.line + 1)

    @property
    def before(self) -> str:
        return self.line[: self.mark.column]

    @property
    def character(self) -> str:
        return self.line[self.mark.column : self.mark.column + 1]

    def here(self, message: str, hint: str = "") -> Diagnostic:
        """A diagnostic about the place where it gave up."""
        return Diagnostic(code="E0102", message=message, span=_span(self.source, self.mark), hint=hint)

    def there(self, message: str, hint: str = "") -> Diagnostic:
        """A diagnostic about the start of what it was reading."""
        return Diagnostic(code="E0102", message=message, span=_span(self.source, self.opening), hint=hint)


def explain(source: Source, error: yaml.YAMLError) -> Diagnostic:
    """Say what is wrong with a text that libyaml, or PyYAML's own parser, refuses."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Diagnostic(code="E0102", message=f"the text is not YAML: {escape(str(error))}")
    stop = _Stop(
        source=source,
        problem=error.problem or "",
        context=error.context or "",
        mark=error.problem_mark,
        opening=error.context_mark or error.problem_mark,
    )
    known = (diagnostic for mistake in _MISTAKES if (diagnostic := mistake(stop)) is not None)
    return next(known, None) or stop.here(f"the text is not YAML: {escape(stop.problem)}")


def _span(source: Source, mark: Mark) -> Span:
    """The character at a mark; where only blank lines are left, the place behind the last thing that is written."""
    line, column = mark.line + 1, mark.column + 1
    lines = source.lines()
    if not "".join(lines[mark.line :]).strip():
        line = max((number for number, text in enumerate(lines, 1) if text.strip()), default=1)
        column = len(lines[line - 1].rstrip()) + 1
    return Span(source, line, column, line, column + 1)


def _too_deep(stop: _Stop) -> Diagnostic | None:
    """More brackets than libyaml holds, which looks further ahead than our own limit has counted."""
    if "nesting depth" not in stop.problem:
        return None
    return replace(stop.here("levels of nesting: more than YAML's parser can hold, whatever the limits"), code="E0801")


def _tab(stop: _Stop) -> Diagnostic | None:
    if "tab character" not in stop.problem and not ("start any token" in stop.problem and stop.character == "\t"):
        return None
    return stop.here("a tab cannot indent YAML", "indent with spaces")


def _reserved_start(stop: _Stop) -> Diagnostic | None:
    if "start any token" not in stop.problem:
        return None
    return stop.here(f'a value cannot start with "{escape(stop.character)}"', "put the value in quotes")


def _cut_expression(stop: _Stop) -> Diagnostic | None:
    start = stop.before.rfind("$(")
    expression = stop.before[start:]
    if start < 0 or expression.count("(") <= expression.count(")"):
        return None
    if "parsing a flow" not in stop.context and "mapping values" not in stop.problem:
        return None
    span = _span(stop.source, stop.mark)._replace(column=start + 1)
    return Diagnostic(
        code="E0405",
        message="YAML ends this expression before its `)`",
        span=span,
        hint='put it in quotes: "$(…)"',
        fix=quoted(span) if re.search(r"(?:[\[{,:]\s+|[\[{]|^\s*- )$", stop.before[:start]) else None,
    )


def _second_value(stop: _Stop) -> Diagnostic | None:
    if "mapping values" not in stop.problem:
        return None
    if re.search(r":\s", stop.before):
        return stop.here(
            "a second `: ` on one line", "write a mapping in a mapping as {key: value}, text that holds `: ` in quotes"
        )
    if stop.mark.column > MAX_KEY:
        return stop.here(f"the key before this `:` is longer than {MAX_KEY:,} characters")
    return _missing_space(stop, stop.mark.line) or stop.here(
        "this key is indented deeper than the line before it, which has its value already",
        "give keys of one mapping the same indentation",
    )


def _missing_space(stop: _Stop, line: int) -> Diagnostic | None:
    """The line `line`, counted from 1, when a space is missing after its colon."""
    match = _NO_SPACE.match(stop.source.line(line))
    if match is None:
        return None
    span = Span(stop.source, line, match.start(1) + 1, line, match.end(1) + 2)
    return replace(stop.here("a space is missing after the colon", f"write `{escape(match[1])}: …`"), span=span)


def _no_colon(stop: _Stop) -> Diagnostic | None:
    if "could not find expected ':'" not in stop.problem:
        return None
    if stop.mark.line == stop.opening.line and stop.mark.column - stop.opening.column > MAX_KEY:
        return stop.there(f"a key is longer than {MAX_KEY:,} characters")
    return _missing_space(stop, stop.opening.line + 1) or stop.there(
        "this line is neither a key, which has a colon, nor part of the value before it",
        "write `key: value`; put a value of several lines in quotes",
    )


def _open_quote(stop: _Stop) -> Diagnostic | None:
    if "quoted scalar" not in stop.context or "unexpected end" not in stop.problem:
        return None
    return stop.there("this quote is never closed")


def _escape_sequence(stop: _Stop) -> Diagnostic | None:
    if "escape" not in stop.problem and "quoted" not in stop.context:
        return None
    if (found := _SURROGATES.match(stop.line, stop.before.rfind("\\"))) is not None:
        return _surrogates(stop, found)
    return stop.here(
        "double quotes hold a `\\` that starts no escape of YAML", "write `\\\\`, or put the text in single quotes"
    )


def _surrogates(stop: _Stop, found: re.Match[str]) -> Diagnostic:
    """JSON writes a character beyond 16 bits as two escapes, each of half a character; YAML writes it as one."""
    line, (high, low, _) = stop.mark.line + 1, found.groups()
    span = Span(stop.source, line, found.start() + 1, line, found.end() + 1)
    if not high or not low:
        return replace(stop.here(f"`{found[0]}` is half of a character", "write the whole one"), span=span)
    code = 0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF)
    title = f"write `\\U{code:08x}` for `{found[0]}`"
    fault = stop.here(f"`{found[0]}` is how JSON escapes a character, and not how YAML does", title)
    return replace(fault, span=span, fix=replaced(span, f"\\U{code:08x}", title))


def _open_bracket(stop: _Stop) -> Diagnostic | None:
    match = re.fullmatch("while parsing a flow (sequence|mapping)", stop.context)
    if match is None:
        return None
    start, end = _BRACKETS[match[1]]
    if stop.mark.line == stop.opening.line and stop.character:
        key = re.search(r"\s(\w+)$", stop.before) if stop.character == ":" else None
        hint = "put a value that holds special characters in quotes"
        if stop.character in "]}":
            hint = f"write `{end}` before this `{stop.character}`, to close the `{start}`"
        return stop.here(f"`,` or `{end}` is missing before this", f"write a comma before `{key[1]}`" if key else hint)
    reached = Note(message=f"`,` or `{end}` is missing at the latest here", span=_span(stop.source, stop.mark))
    return replace(stop.there(f"this `{start}` is not closed, or a `,` is missing in it"), notes=(reached,))


def _no_value(stop: _Stop) -> Diagnostic | None:
    if "node content" not in stop.problem:
        return None
    if not stop.character:
        return stop.here("the text ends inside a `[` or `{` that is not closed")
    kind = "key" if stop.character == ":" else "value"
    return stop.here(f"a {kind} is missing before {quote(stop.character)}")


def _stray(stop: _Stop) -> Diagnostic | None:
    """What stands after the end of a value, on its line."""
    if "parsing a block" not in stop.context or not stop.before.strip(" -"):
        return None
    if stop.character and stop.character in "]}":
        return _missing_space(stop, stop.mark.line + 1) or stop.here(f"this `{stop.character}` closes nothing")
    last = stop.before.rstrip()[-1]
    if last in "'\"":
        return stop.here("the value ended at the quote before this", f"inside {last}…{last} write {_inner[last]}")
    return stop.here("the value ended before this", "put the whole value in quotes")


_inner = {"'": "'' for one '", '"': '\\" for one "'}


def _indentation(stop: _Stop) -> Diagnostic | None:
    if "parsing a block" not in stop.context:
        return None
    started = Note(message="what it should continue starts here", span=_span(stop.source, stop.opening))
    if "collection" in stop.context and stop.mark.column == stop.opening.column:
        return replace(stop.here("a key stands where only items with `- ` can"), notes=(started,))
    if stop.character == "-" and stop.mark.column == stop.opening.column:
        return replace(stop.here("an item with `- ` stands where only keys can"), notes=(started,))
    fault = stop.here(
        "this line is indented like nothing above it", "give keys, or items, of one level the same indentation"
    )
    return replace(fault, notes=(started,))


def _item_beside_key(stop: _Stop) -> Diagnostic | None:
    if "entries are not allowed" not in stop.problem:
        return None
    return stop.here("a list with `- ` cannot start here", "start it on the next line, or write [a, b]")


def _bare_sign(stop: _Stop) -> Diagnostic | None:
    match = re.fullmatch("while (?:scanning|parsing) an? (alias|anchor|tag|directive)", stop.context)
    if match is None:
        return None
    sign = {"alias": "*", "anchor": "&", "tag": "!", "directive": "%"}[match[1]]
    return stop.there(f"`{sign}` starts a YAML {match[1]}, and this is none", "put text that starts with it in quotes")


def _block_text(stop: _Stop) -> Diagnostic | None:
    if "block scalar" not in stop.context:
        return None
    return stop.there(
        "text after `|` or `>` starts on the next line", "put text that starts with such a sign in quotes"
    )


def _after_document(stop: _Stop) -> Diagnostic | None:
    if "document start>" not in stop.problem:
        return None
    return stop.here("the document ended before this", "delete `...`, and put a line that starts with `%` in quotes")


_Mistake = Callable[[_Stop], Diagnostic | None]

# The first that knows the mistake explains it.
_MISTAKES: tuple[_Mistake, ...] = (
    _too_deep,
    _tab,
    _reserved_start,
    _cut_expression,
    _second_value,
    _no_colon,
    _open_quote,
    _escape_sequence,
    _open_bracket,
    _no_value,
    _stray,
    _indentation,
    _item_beside_key,
    _bare_sign,
    _block_text,
    _after_document,
)
