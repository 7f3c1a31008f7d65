"""The characters of a text: in comes a source, out goes nothing, or the fault that names a character nobody can see."""

import re
import unicodedata

from archspec.diagnostic import Diagnostic, Note
from archspec.errors import Fault
from archspec.source import Source, Span

__all__ = ["check_characters", "point"]

MAX_LINES_NAMED = 10

# The categories Cc, Cf and Cs, without tab and line breaks, and the two that YAML forbids by name. U+0085, U+2028 and
# U+2029 are here because libyaml starts a line at them and most editors do not: a comment would hide what follows.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]"
)
_BYTE_ORDER_MARK = "\ufeff"


def check_characters(source: Source) -> None:
    """Let a text pass in which a reader sees everything that the machine sees.

    Control characters, invisible and bidirectional ones can make a line look like another line. In double quotes they
    may be written as escapes, which are visible. A byte order mark may start the text.

    Raises:
        Fault: E0106 at the first such character; a note names the lines of the others.
    """
    if source.text.replace("\n", "").isprintable():  # nearly every text, and ten times as fast
        return
    start = 1 if source.text.startswith(_BYTE_ORDER_MARK) else 0
    found = [match.start() for match in _REFUSED.finditer(source.text, start)]
    if found:
        raise Fault(_diagnostic(source, found))


def point(source: Source, position: int) -> Span:
    """The place of the character at `position`, counted from 0, in the text."""
    before = Source.of_text(source.text[:position]).lines()
    line, column = len(before), len(before[-1]) + 1
    return Span(source, line, column, line, column + 1)


def _diagnostic(source: Source, found: list[int]) -> Diagnostic:
    character = source.text[found[0]]
    return Diagnostic(
        code="E0106",
        message=f"the text holds {_name(character)}, a character that a reader cannot see",
        span=point(source, found[0]),
        hint=_hint(character),
        notes=_others(source, found[1:]),
    )


def _name(character: str) -> str:
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"


def _hint(character: str) -> str:
    if unicodedata.category(character) == "Cs":
        return "delete it"
    escape = f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"  # noqa: PLR2004
    return f'delete it; where a text needs it, write it as "{escape}" in double quotes'


def _others(source: Source, found: list[int]) -> tuple[Note, ...]:
    if not found:
        return ()
    lines = sorted({point(source, position).line for position in found[:MAX_LINES_NAMED]})
    more = ", …" if len(found) > MAX_LINES_NAMED else ""
    where = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}{more}"
    return (Note(message=f"the text holds {len(found):,} more such character{'s' * (len(found) > 1)}: {where}"),)
