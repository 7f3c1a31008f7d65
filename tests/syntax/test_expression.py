"""Text with `$name` and `$(…)` in it, read into expressions, templates and loops."""

import time
from collections.abc import Callable

import pytest

from archspec.diagnostic import Diagnostic
from archspec.errors import Fault, LimitFault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source, Span
from archspec.syntax.expression import (
    Expression,
    For,
    Template,
    Written,
    parse_expression,
    parse_for,
    parse_template,
    parse_written,
)
from archspec.syntax.parse import parse

Parse = Callable[[str, Span, Limits], object]


def whole(text: str) -> Span:
    """The span of a text that stands alone on a line."""
    return Span(Source.of_text(text), 1, 1, 1, len(text) + 1)


def written(yaml: str) -> Written:
    """The value of the key `x` of a YAML text."""
    value = parse_written(parse(Source.of_text(yaml)), DEFAULT_LIMITS)
    assert isinstance(value, dict)
    return value["x"]


def fault(parse_text: Parse, text: str, limits: Limits = DEFAULT_LIMITS) -> Diagnostic:
    """The diagnostic that a text alone on a line gets."""
    with pytest.raises(Fault) as caught:
        parse_text(text, whole(text), limits)
    return caught.value.diagnostic


def message(yaml: str) -> str:
    """The whole message that a YAML text gets."""
    with pytest.raises(Fault) as caught:
        parse_written(parse(Source.of_text(yaml)), DEFAULT_LIMITS)
    return str(caught.value.diagnostic)


def shown(value: Written) -> object:
    """A written value with each expression as its text in angle brackets."""
    if isinstance(value, Expression):
        return f"<{value.text}>"
    if isinstance(value, Template):
        return tuple(map(shown, value.parts))
    if isinstance(value, list):
        return [shown(item) for item in value]
    return {name: shown(item) for name, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no dollar", "no dollar"),
        ("", ""),
        ("$$", "$"),
        ("$$5 and $$(a)", "$5 and $(a)"),
        ("$a", "<a>"),
        ("$(a)", "<a>"),
        ("$( a + 1 )", "<a + 1>"),
        ("$((a - 1) // 2)", "<(a - 1) // 2>"),
        ("$(a[')'])", "<a[')']>"),
        ("layer$(i + 1)", ("layer", "<i + 1>")),
        ("layer_$i.conv", ("layer_", "<i>", ".conv")),
        ("$a$b", ("<a>", "<b>")),
        (" $a", (" ", "<a>")),
        ("$$$a", ("$", "<a>")),
        ("$a_b1-", ("<a_b1>", "-")),
    ],
)
def test_a_template_is_text_an_expression_or_both(text: str, expected: object) -> None:
    """One expression alone keeps its type; anything beside it makes text; `$$` is a dollar sign."""
    assert shown(parse_template(text, whole(text), DEFAULT_LIMITS)) == expected


def test_a_tree_is_read_whole() -> None:
    """Text is read wherever it stands, quoted or not; keys and other scalars stay."""
    yaml = 'x: {a$b: [1, 1.5, true, null, $c, \'$(d)\', "e$f"], g: {h: $i}, j: "$$"}'
    expected = {"a$b": [1, 1.5, True, None, "<c>", "<d>", ("e", "<f>")], "g": {"h": "<i>"}, "j": "$"}
    assert shown(written(yaml)) == expected


@pytest.mark.parametrize(
    ("yaml", "columns"),
    [
        ("x: $abc", (5, 8)),
        ("x: $( abc )", (7, 10)),
        ("x: '$(abc)'", (7, 10)),
        ('x: "$(abc)"', (7, 10)),
        (r'x: "$(a\x62c)"', (4, 15)),
    ],
)
def test_an_expression_knows_its_place(yaml: str, columns: tuple[int, int]) -> None:
    """The span is the expression alone; with an escape in the scalar, it is the whole scalar."""
    expression = written(yaml)
    assert isinstance(expression, Expression)
    assert (expression.span.column, expression.span.end_column) == columns


def test_a_part_of_an_expression_knows_its_place() -> None:
    """A fault inside an expression points at the part, not at the whole."""
    expression = written("x: $(a + bc)")
    assert isinstance(expression, Expression)
    part = expression.tree.right  # type: ignore[attr-defined]
    assert str(expression.part(part)) == "<text>:1:10"
    assert expression.excerpt(part) == "bc"


def test_a_line_break_in_an_expression_is_a_space() -> None:
    """A block scalar may spread an expression over lines, as a folded one does."""
    text = "a and\nb"
    assert parse_expression(text, whole(text), DEFAULT_LIMITS).text == "a and b"


def test_an_expression_that_yaml_cut_off_is_shown_whole() -> None:
    """YAML splits an unquoted value in a collection at the comma: the hint is the same value in quotes."""
    assert message("{x: $(max(a, b)), y: 2}") == (
        "<text>:1:5: error[E0405]: `$(max(a` is cut off: YAML ends an unquoted value at a comma and at ` #`\n"
        "  |\n"
        "1 | {x: $(max(a, b)), y: 2}\n"
        "  |     ^^^^^^^\n"
        '  = help: quote it: `"$(max(a, b))"`'
    )


@pytest.mark.parametrize(("parse_text", "text"), [(parse_expression, "max(a"), (parse_for, "i in range(n")])
def test_a_bare_expression_that_yaml_cut_off_is_shown_whole(parse_text: Parse, text: str) -> None:
    """`when:` and `for:` in a flow mapping have the same trap."""
    line = f"{{when: {text}, b) }}"
    with pytest.raises(Fault) as caught:
        parse_text(text, Span(Source.of_text(line), 1, 8, 1, 8 + len(text)), DEFAULT_LIMITS)
    assert caught.value.diagnostic.code == "E0405"
    assert caught.value.diagnostic.hint == f'quote it: `"{text}, b)"`'


def test_a_loop_that_yaml_cut_off_at_its_names_is_shown() -> None:
    """`for: i, layers in …` in a flow mapping ends at the first comma."""
    line = "{for: i, layers in x}"
    with pytest.raises(Fault) as caught:
        parse_for("i", Span(Source.of_text(line), 1, 7, 1, 8), DEFAULT_LIMITS)
    assert caught.value.diagnostic.code == "E0405"
    assert caught.value.diagnostic.hint == 'quote it: `"i, …"`'


def test_a_parenthesis_that_was_forgotten_is_no_fault_of_yaml() -> None:
    """Where nothing follows, nothing was cut off."""
    assert message("x: '$(max(a)'") == (
        "<text>:1:5: error[E0401]: the `$(` in `$(max(a)` is never closed\n"
        "  |\n"
        "1 | x: '$(max(a)'\n"
        "  |     ^^\n"
        "  = help: close it with `)`"
    )


@pytest.mark.parametrize("text", ["a$", "${a}", "$ a", "$5", "$-"])
def test_a_dollar_that_starts_nothing_is_refused(text: str) -> None:
    """A dollar sign in text is written `$$`, so that a slip is never taken for text."""
    found = fault(parse_template, text)
    assert (found.code, found.message) == ("E0401", f"the `$` in `{text}` starts no expression")
    assert found.hint == "write `$name` or `$(…)`, and `$$` for a dollar sign"
    assert found.span is not None
    assert found.span.column == text.index("$") + 1


def test_a_call_without_parentheses_around_it_is_refused() -> None:
    """`$max(a, b)` would read `max` and keep `(a, b)` as text."""
    assert message("x: $max(a, b)") == (
        "<text>:1:4: error[E0401]: `$max(a, b)` reads only a name\n"
        "  |\n"
        "1 | x: $max(a, b)\n"
        "  |    ^^^^^^^^^^\n"
        "  = help: write `$(max(a, b))`"
    )


def test_a_wrong_bracket_is_pointed_at() -> None:
    """The fault is where the brackets go wrong."""
    assert message("x: $(a])") == (
        "<text>:1:7: error[E0401]: the `$(` in `$(a])` is closed by `]`\n"
        "  |\n"
        "1 | x: $(a])\n"
        "  |       ^\n"
        "  = expected: `)`"
    )


def test_a_refused_part_is_pointed_at_inside_its_scalar() -> None:
    """The caret is under the part that specs do not have."""
    assert message("x: conv$(1 + x.shape[0])") == (
        "<text>:1:14: error[E0402]: an expression cannot hold an attribute `x.shape`\n"
        "  |\n"
        "1 | x: conv$(1 + x.shape[0])\n"
        "  |              ^^^^^^^\n"
        "  = help: `size(node, dim)` reads a dimension of a node"
    )


def test_an_assignment_where_a_condition_stands_is_refused() -> None:
    """`when: a = b` is the commonest slip."""
    assert str(fault(parse_expression, "a = b")) == (
        "<text>:1:3: error[E0401]: `a = b` cannot be read as an expression\n"
        "  |\n"
        "1 | a = b\n"
        "  |   ^\n"
        "  = help: `==` compares two values"
    )


@pytest.mark.parametrize("text", ["$()", "$(  )"])
def test_an_empty_expression_is_refused(text: str) -> None:
    """Nothing has no value."""
    assert (fault(parse_template, text).code, fault(parse_template, text).message) == (
        "E0401",
        "the expression is empty",
    )


@pytest.mark.parametrize(
    ("text", "names", "iterable"),
    [
        ("i in range(n)", ("i",), "range(n)"),
        ("i, layers in enumerate(block_config)", ("i", "layers"), "enumerate(block_config)"),
        ("t, c, n, s in settings", ("t", "c", "n", "s"), "settings"),
        ("i, (a, b) in x", ("i", ("a", "b")), "x"),
        ("(i, (a, (b, c))) in x", ("i", ("a", ("b", "c"))), "x"),
        ("inner in [a in b]", ("inner",), "[a in b]"),
        (" i  in  x ", ("i",), "x"),
    ],
)
def test_a_loop_has_names_and_what_it_runs_over(text: str, names: object, iterable: str) -> None:
    """The names may be nested as the items are; the first `in` ends them."""
    loop = parse_for(text, whole(text), DEFAULT_LIMITS)
    assert isinstance(loop, For)
    assert (loop.names, loop.iterable.text, loop.text) == (names, iterable, text)
    assert loop.iterable.span.column == text.index(iterable) + 1


@pytest.mark.parametrize(
    "text",
    [
        "i",
        "i range(3)",
        "in x",
        "i, i in x",
        "i, in x",
        "() in x",
        "true in x",
        "f(a) in x",
        "i.j in x",
        "\uff49 in x",
        "*a, b in x",
    ],
)
def test_what_is_no_loop_is_refused(text: str) -> None:
    """The message shows both forms of a loop."""
    found = fault(parse_for, text)
    assert (found.code, found.message) == ("E0401", f"`{text}` is not a loop")
    assert found.expected == (
        "`i in range(n)` or `i, layers in enumerate(block_config)`; names are ASCII, none of them twice"
    )


def test_a_fault_in_what_a_loop_runs_over_is_pointed_at() -> None:
    """The expression after `in` is checked like any other."""
    assert str(fault(parse_for, "i in $layers")) == (
        "<text>:1:6: error[E0401]: `$layers` cannot be read as an expression\n"
        "  |\n"
        "1 | i in $layers\n"
        "  |      ^\n"
        "  = help: inside an expression names stand without `$`"
    )


@pytest.mark.parametrize(
    ("good", "bad", "limit"),
    [
        ("a" * 1024, "a" * 1025, "expression_length"),
        ("-" * 31 + "1", "-" * 32 + "1", "expression_depth"),
        ("(" * 32 + "1" + ")" * 32, "(" * 33 + "1" + ")" * 33, "expression_depth"),
    ],
)
def test_length_and_depth_are_limited(good: str, bad: str, limit: str) -> None:
    """What is at the limit passes, one more names the limit."""
    assert parse_expression(good, whole(good), DEFAULT_LIMITS).text == good
    for parse_text, text in ((parse_expression, bad), (parse_template, f"$({bad})"), (parse_for, f"i in {bad}")):
        found = fault(parse_text, text)
        assert found.code == "E0801"
        assert f"(`{limit}`)" in found.message


HOSTILE = {
    "a megabyte": "a" * 1_000_000,
    "a megabyte of brackets": "(" * 1_000_000,
    "a megabyte of openings": "$(" * 500_000,
    "brackets": "[" * 1000,
    "closed brackets": "[" * 500 + "]" * 500,
    "signs": "-" * 1000 + "1",
    "lambdas": "lambda:" * 140 + "1",
    "calls": "f(" * 300,
    "quotes": "\\'" * 500_000,
    "powers": "2**" * 300 + "1",
    "f-strings": "f'{" * 300,
    "null bytes": "\0" * 100,
    "surrogates": "\ud800" * 100,
    "dictionaries": "{" * 500 + ":",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("form", ["{}", "$({})"])
def test_hostile_text_is_refused_at_once(text: str, form: str) -> None:
    """Whatever the text, the answer is a located fault, soon."""
    hostile = form.format(text)
    start = time.perf_counter()
    for parse_text in (parse_expression, parse_for) if form == "{}" else (parse_expression, parse_template, parse_for):
        assert fault(parse_text, hostile).span is not None
    assert time.perf_counter() - start < 5


def test_many_expressions_in_one_text_are_read_in_linear_time() -> None:
    """The search for a bracket starts anew at each `$(` and must not go through the rest of the text."""
    text = "$(a)" * 16_000
    start = time.perf_counter()
    template = parse_template(text, whole(text), DEFAULT_LIMITS)
    assert isinstance(template, Template)
    assert len(template.parts) == 16_000
    assert time.perf_counter() - start < 5


def test_a_limit_is_raised_by_the_caller() -> None:
    """The caller's limits count, not the defaults."""
    text = "a" * 1025
    assert parse_expression(text, whole(text), DEFAULT_LIMITS.raised(expression_length=1025)).text == text
    with pytest.raises(LimitFault):
        parse_expression("abc", whole("abc"), DEFAULT_LIMITS.raised(expression_length=2))
