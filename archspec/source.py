"""Where text came from: in comes a file, a string or a mapping, out go a `Source` and `Span`s that point into it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Source", "Span"]

# libyaml counts a line at each of these, so the excerpt must split at the same places.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text that a spec is written in.

    Attributes:
        name: the name shown to people: the path as they gave it, or a name in angle brackets such as `<text>`.
        text: the whole text.
        path: the file it was read from, or None when it never was in a file.
    """

    name: str
    text: str
    path: Path | None = None

    @classmethod
    def of_text(cls, text: str, name: str = "<text>") -> "Source":
        """Wrap YAML text that is in no file."""
        return cls(name=name, text=text)

    @classmethod
    def of_mapping(cls, mapping: Mapping[str, object], name: str = "<mapping>") -> "Source":
        """Write a mapping down as JSON, which is YAML 1.2, so that errors about it have lines to point at.

        Raises:
            TypeError: the mapping holds something that is no plain data.
            ValueError: the mapping holds NaN, an infinity or itself.
        """
        text = json.dumps(mapping, indent=2, ensure_ascii=False, allow_nan=False)
        return cls(name=name, text="".join(map(_escaped, text)))

    @property
    def folder(self) -> Path | None:
        """The folder that `use` and `extends` paths are relative to."""
        return None if self.path is None else self.path.parent

    def lines(self) -> list[str]:
        """The lines of the text, without their line breaks."""
        return list(_split(self.text))

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty past the end."""
        lines = _split(self.text)
        return lines[number - 1] if 0 < number <= len(lines) else ""


class Span(NamedTuple):
    """A stretch of a source; lines and columns are counted from 1 and the end is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        """`file:line:column`, the form that editors and terminals link."""
        return f"{self.source.name}:{self.line}:{self.column}"

    def inside(self, start: int, length: int) -> "Span":
        """The part of a one-line span that starts `start` characters in."""
        if self.line != self.end_line or self.column + start + length > self.end_column:
            return self
        return self._replace(column=self.column + start, end_column=self.column + start + length)


@lru_cache(maxsize=8)
def _split(text: str) -> tuple[str, ...]:
    """The lines of a text, split once for all the diagnostics that show one of them."""
    return tuple(_LINE_BREAK.split(text))


def _escaped(character: str) -> str:
    """A character of JSON; one that a reader cannot see is only ever inside quotes, where YAML reads an escape."""
    if character.isprintable() or character == "\n":
        return character
    return character.encode("unicode_escape").decode("ascii")
