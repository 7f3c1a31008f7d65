"""Where brackets close, and what YAML cut off."""

import pytest

from archspec.source import Source, Span
from archspec.syntax.brackets import closing, nesting, offset_in, uncut, unquoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(a)", 2),
        ("(a[0](b))c", 8),
        ("(')')", 4),
        ('("\\")")', 6),
        ("('''it's)''')", 12),
        ("(a", None),
        ("('a)", None),
        ("(a])", 2),
    ],
)
def test_a_bracket_closes_where_python_would_close_it(text: str, expected: int | None) -> None:
    """Brackets in strings do not count, nested ones do; a wrong one is handed back for the caller to refuse."""
    assert closing(text, 0) == expected


def test_the_search_for_a_bracket_stops() -> None:
    """A closing bracket past `stop` is not seen, so that a long text is not searched again and again."""
    assert closing("(aaaa)", 0, 5) is None
    assert closing("(aaaa)", 0, 6) == 5


@pytest.mark.parametrize(("text", "depth"), [("a", 0), ("f(a)[b]", 1), ("((a)[b(c)])", 3), ("'((('", 0)])
def test_nesting_counts_open_brackets(text: str, depth: int) -> None:
    """The depth is the most brackets that are open at once, outside strings."""
    assert nesting(text) == depth


def test_string_literals_are_blanked_in_place() -> None:
    """A search for a sign does not find it inside a string, and what it finds elsewhere keeps its place."""
    assert unquoted("a == '=' = b") == "a ==     = b"


@pytest.mark.parametrize(
    ("written", "text", "offset"), [("abc", "abc", 0), ("'abc'", "abc", 1), (r'"\x61bc"', "abc", None)]
)
def test_the_offset_of_a_scalar_tells_how_it_is_quoted(written: str, text: str, offset: int | None) -> None:
    """Plain text starts at its span, quoted text one later, and text with an escape has no exact place."""
    assert offset_in(Span(Source.of_text(written), 1, 1, 1, len(written) + 1), text) == offset


@pytest.mark.parametrize(
    ("line", "scalar", "expected"),
    [
        ("{a: $(max(b, c))}", "$(max(b", '"$(max(b, c))"'),
        ("{a: layer$(max(b, c))_x, d: 1}", "layer$(max(b", '"layer$(max(b, c))_x"'),
        ("""{a: $(max("b", c))}""", '$(max("b"', """'$(max("b", c))'"""),
        ("{a: $(max(b, c: 1}", "$(max(b", '"$(max(b, …))"'),
        ("{a: $(max(b, [", "$(max(b", '"$(max(b, …))"'),
        ("a: $(b #c)", "$(b", '"$(b #c)"'),
        ("a: $(b", "$(b", None),
    ],
)
def test_what_yaml_cut_off_is_found_on_the_line(line: str, scalar: str, expected: str | None) -> None:
    """The hint shows the whole value, quoted, when the line has it; otherwise the part that is known."""
    start = line.index(scalar) + 1
    assert uncut(Span(Source.of_text(line), 1, start, 1, start + len(scalar)), scalar) == expected
