"""Fixes made in a text."""

from hypothesis import given
from hypothesis import strategies as st

from archspec.commands.edits import made, spliced
from archspec.fix import Fix, replaced
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source, Span


def _fix(text: str, line: int, start: int, end: int, new: str) -> Fix:
    return replaced(Span(Source.of_text(text), line, start, line, end), new, "t")


def test_everything_else_stays() -> None:
    """Line ends of every kind, comments and spaces: an edit touches its own stretch."""
    text = "a: 1 # x\r\nb:\t2\u2028c: 3\x85d: 4\n"
    fixes = [_fix(text, 4, 4, 5, "44"), _fix(text, 1, 4, 5, "11"), _fix(text, 3, 1, 2, "")]
    assert spliced(text, fixes) == "a: 11 # x\r\nb:\t2\u2028: 3\x85d: 44\n"


@given(st.lists(st.sampled_from(["ab", "💥", "é", "x y"]), min_size=1, max_size=6), st.data())
def test_an_edit_replaces_what_its_span_shows(lines: list[str], data: st.DataObject) -> None:
    """Columns are code points, as everywhere."""
    text = "\n".join(lines)
    line = data.draw(st.integers(1, len(lines)))
    start = data.draw(st.integers(1, len(lines[line - 1]) + 1))
    end = data.draw(st.integers(start, len(lines[line - 1]) + 1))
    changed = spliced(text, [_fix(text, line, start, end, "NEW")]).split("\n")
    whole = lines[line - 1]
    assert changed == [*lines[: line - 1], whole[: start - 1] + "NEW" + whole[end - 1 :], *lines[line:]]


def test_of_two_that_overlap_the_first_is_made() -> None:
    """The next check finds out what is left."""
    text = "abcdef: 1\n"
    first, second, third = _fix(text, 1, 1, 4, "x"), _fix(text, 1, 3, 5, "y"), _fix(text, 1, 5, 7, "z")
    assert made(text, [third, second, first, first], DEFAULT_LIMITS) == ("xdz: 1\n", (first, third))


def test_no_fix_makes_a_key_stand_twice() -> None:
    """Two misspelt keys that both could be one: the first is, the second is left to the author."""
    text = "a: {widht: 1, witdh: 2}\n"
    first, second = _fix(text, 1, 5, 10, "width"), _fix(text, 1, 15, 20, "width")
    assert made(text, [first, second], DEFAULT_LIMITS) == ("a: {width: 1, witdh: 2}\n", (first,))
