"""Comments: in comes a source, out come those of its comments that speak to archspec, which no tree holds."""

import re
from bisect import bisect_left
from collections.abc import Iterator

import yaml

from archspec.source import Source, Span
from archspec.syntax.parse import LOADER

__all__ = ["comments"]

_SPOKEN_TO = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*archspec:[ \t]*")


def comments(source: Source) -> Iterator[Span]:
    """What stands behind `# archspec:` in each comment that starts so, in order.

    Text in quotes, or in a block scalar such as a `doc`, is no comment; nor is a comment inside another. The text may
    be one that `parse` refuses.
    """
    found = {(span.line, span.column): span for span in _candidates(source)}
    places = sorted(found)
    if not places:
        return
    for start, end in _scalars(source):
        index = bisect_left(places, start)
        while index < len(places) and places[index] < end:
            found.pop(places[index], None)
            index += 1
    yield from found.values()


def _candidates(source: Source) -> Iterator[Span]:
    for number, line in enumerate(source.lines(), 1):
        for match in _SPOKEN_TO.finditer(line) if "archspec:" in line else ():
            if not line.lstrip().startswith("#") or not line[: match.start()].strip():
                yield Span(source, number, match.end() + 1, number, len(line.rstrip()) + 1)


def _scalars(source: Source) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where each scalar starts and ends, by line and column."""
    try:
        for event in iter(LOADER(source.text).get_event, None):
            if isinstance(event, yaml.ScalarEvent):
                start, end = event.start_mark, event.end_mark
                assert start is not None, "the text itself is read"
                assert end is not None, "as above"
                yield (start.line + 1, start.column + 1), (end.line + 1, end.column + 1)
    except (yaml.YAMLError, ValueError, OverflowError):  # what `parse` has told the user already
        return
