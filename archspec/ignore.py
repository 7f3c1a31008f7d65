"""Switching warnings off: in come warnings, out go those that no comment and no caller switches off.

A comment speaks of the warnings on its own line: `# archspec: ignore W0201 published so`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from archspec.codes import CODES
from archspec.diagnostic import Diagnostic, quote
from archspec.errors import UsageError
from archspec.source import Source, Span
from archspec.suggest import did_you_mean
from archspec.syntax.comments import comments

__all__ = ["idle_comments", "read_codes", "without"]

_IGNORE = re.compile(r"ignore\b[ \t]*(?P<codes>[A-Za-z]+\d+(?:[ \t]*,[ \t]*[A-Za-z]+\d+)*)?")
_CODE = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment that switches warnings off: each code as it is written, with its place."""

    span: Span
    codes: tuple[tuple[str, Span], ...]


def read_codes(written: Iterable[str]) -> frozenset[str]:
    """The codes of warnings that a caller names, several with commas between them.

    >>> sorted(read_codes(["W0201,w0204"]))
    ['W0201', 'W0204']

    Raises:
        UsageError: one is no code of a warning.
    """
    codes = [code.strip() for item in written for code in item.split(",")]
    for code in codes:
        wrong = _wrong(code)
        if wrong:
            raise UsageError(wrong)
    return frozenset(code.upper() for code in codes)


def _wrong(code: str) -> str:
    """What is wrong with the code of a warning; empty if nothing is."""
    name = code.upper()
    if name.startswith("E") and name in CODES:
        return f"{name} is an error, and only warnings can be switched off"
    if name not in CODES:
        warnings = [known for known in CODES if known.startswith("W")]
        hint = did_you_mean(name, warnings, otherwise="`archspec explain` lists them all")
        return f"there is no warning {quote(code)}: {hint}"
    return ""


def without(diagnostics: Iterable[Diagnostic], codes: frozenset[str]) -> tuple[Diagnostic, ...]:
    """The diagnostics but for the warnings that these codes, or comments in the specs, switch off."""
    return tuple(item for item in diagnostics if item.severity == "error" or not _is_off(item, codes))


def _is_off(warning: Diagnostic, codes: frozenset[str]) -> bool:
    return warning.code in codes or (warning.span is not None and _place(warning) in _switched_off(warning.span.source))


def _place(warning: Diagnostic) -> tuple[int, str]:
    assert warning.span is not None, "the caller looked"
    return warning.span.line, warning.code


def idle_comments(source: Source, warnings: Iterable[Diagnostic], *, certain: bool) -> Iterator[Diagnostic]:
    """W0107: the comments of a text that name no warning, or one that is not there.

    Args:
        source: the text.
        warnings: all of them, with those that comments switch off.
        certain: whether there are no other warnings that the text might give, with other params or sizes.
    """
    there = {_place(item) for item in warnings if item.span is not None and item.span.source == source}
    for comment in _ignores(source):
        if not comment.codes:
            yield _idle("this comment names no warning", comment.span, "write its code: # archspec: ignore W0201")
        for code, span in comment.codes:
            wrong = _wrong(code)
            if wrong:
                yield _idle(wrong, span, "")
            elif certain and (span.line, code.upper()) not in there:
                hint = "remove it, or put it at the end of the line that the warning points at"
                yield _idle(f"there is no {code.upper()} on this line to switch off", span, hint)


def _idle(message: str, span: Span, hint: str) -> Diagnostic:
    return Diagnostic(code="W0107", message=message, span=span, hint=hint)


@lru_cache(maxsize=8)
def _switched_off(source: Source) -> frozenset[tuple[int, str]]:
    """The lines of a text with the codes that a comment on them switches off."""
    return frozenset((span.line, code.upper()) for item in _ignores(source) for code, span in item.codes)


@lru_cache(maxsize=8)
def _ignores(source: Source) -> tuple[_Comment, ...]:
    return tuple(_read(span) for span in comments(source) if _IGNORE.match(_text(span)))


def _text(span: Span) -> str:
    return span.source.line(span.line)[span.column - 1 : span.end_column - 1]


def _read(span: Span) -> _Comment:
    """A comment whose text starts with `ignore`, which codes may follow."""
    listed = _IGNORE.match(_text(span))
    assert listed is not None, "the caller looked"
    codes = _CODE.finditer(listed.string, *listed.span("codes")) if listed["codes"] else ()
    return _Comment(span, tuple((code[0], span.inside(code.start(), len(code[0]))) for code in codes))
