"""The closed list of what an expression may hold."""

import ast
import warnings

import pytest

from archspec.syntax.grammar import CONSTANTS, FUNCTIONS, Reading, Refusal, _check, place, read


def refused(text: str) -> Refusal:
    """The refusal of a text that is no expression of ours."""
    result = read(text)
    assert isinstance(result, Refusal), f"{text} was read"
    return result


ALLOWED = (
    "1",
    "1.5",
    "'text'",
    "True",
    "null",
    "-a + +b",
    "not a",
    "a ** 2 // b % c / d * e - f",
    "a < b <= c != d == e > f >= g",
    "a in b and c not in d or e",
    "a if b else c",
    "a[0][-1]",
    "a[1:2:3][:]",
    "[a, (b, c), ()]",
    "a, b",
    "round_to(32 * width, 8)",
    "size(tokens, 0)",
)


@pytest.mark.parametrize("text", ALLOWED)
def test_what_the_language_has_is_read(text: str) -> None:
    """Literals, operators, conditions, items, displays and calls of our functions are expressions."""
    assert isinstance(read(text), Reading)


@pytest.mark.parametrize(
    ("text", "message", "part", "hint"),
    [
        ("a.b + 1", "an attribute `a.b`", "a.b", ""),
        ("().__class__", "an attribute `().__class__`", "().__class__", ""),
        ("x.shape[0]", "an attribute `x.shape`", "x.shape", "`size(node, dim)` reads a dimension of a node"),
        ("math.sqrt(4)", "an attribute `math.sqrt`", "math.sqrt", "`sqrt(x)` is called by its plain name"),
        ("'{}'.format(a)", "an attribute `'{}'.format`", "'{}'.format", ""),
        ("lambda: 0", "a lambda `lambda: 0`", "lambda: 0", ""),
        ("(a := 1)", "an assignment `a := 1`", "a := 1", "`let:` gives a name to a value; `==` compares"),
        ("a := 1", "an assignment `a := 1`", "a := 1", "`let:` gives a name to a value; `==` compares"),
        ("1 + f'{a}'", "an f-string `f'{a}'`", "f'{a}'", "in YAML text, `$name` and `$(…)` stand for their values"),
        ("await a", "an `await` `await a`", "await a", ""),
        ("(yield a)", "a `yield` `yield a`", "yield a", ""),
        ("max(*a)", "a starred expression `*a`", "*a", "lists are joined with `+`"),
        ("[*a]", "a starred expression `*a`", "*a", "lists are joined with `+`"),
        ("{1: 2}", "a dictionary `{1: 2}`", "{1: 2}", ""),
        ("{1}", "a set `{1}`", "{1}", "a list is written in `[…]`"),
        (
            "round(a, ndigits=1)",
            "a keyword argument `ndigits=1`",
            "ndigits=1",
            "arguments are passed by position; `==` compares",
        ),
        ("max(**a)", "a keyword argument `**a`", "**a", "arguments are passed by position; `==` compares"),
        ("a[0](1)", "a call of `a[0]`", "a[0](1)", ""),
        ("1j", "a complex number `1j`", "1j", ""),
        ("b'a'", "bytes `b'a'`", "b'a'", ""),
        ("a[...]", "`...`", "...", ""),
        ("a ^ 2", "the operator `^`", "a ^ 2", "a power is written `**`"),
        ("a & b", "the operator `&`", "a & b", "`and` joins conditions"),
        ("a | b", "the operator `|`", "a | b", "`or` joins conditions"),
        ("~a", "the operator `~`", "~a", "a condition is turned round with `not`"),
        ("1 << 99", "the operator `<<`", "1 << 99", "write `* 2 ** n`"),
        ("a >> 1", "the operator `>>`", "a >> 1", "write `// 2 ** n`"),
        ("a @ b", "the operator `@`", "a @ b", ""),
        ("a is None", "the operator `is`", "a is None", "values are compared with `==`"),
        ("a is not None", "the operator `is not`", "a is not None", "values are compared with `!=`"),
        ("\uff53um(a)", "the name `\uff53um` with the character U+FF53", "\uff53um", "did you mean `sum`?"),
        ("'é' + \uff41", "the name `\uff41` with the character U+FF41", "\uff41", "did you mean `a`?"),
        ("é", "the name `é` with the character U+00E9", "é", "names are ASCII letters, digits and `_`"),
        ("size(\uff54, 0)", "the name `\uff54` with the character U+FF54", "\uff54", "did you mean `t`?"),
    ],
)
def test_everything_else_is_refused_by_name_and_place(text: str, message: str, part: str, hint: str) -> None:
    """The message says in words what was found, the place is that part alone, the hint is the usual replacement."""
    refusal = refused(text)
    assert refusal.code == "E0402"
    assert refusal.message == f"an expression cannot hold {message}"
    assert text[refusal.start : refusal.start + refusal.length] == part
    assert refusal.hint == hint


@pytest.mark.parametrize(
    "text", ["[a for a in b]", "{a for a in b}", "{a: 1 for a in b}", "(a for a in b)", "any(a for a in b)"]
)
def test_every_comprehension_is_refused(text: str) -> None:
    """A comprehension is a loop that no budget has counted; the hint says what there is instead."""
    refusal = refused(text)
    assert refusal.message.startswith("an expression cannot hold a comprehension `")
    assert refusal.hint == "repeat nodes with `for:`; `[x] * n`, `range` and `zip` make lists"


def test_an_expression_that_a_newer_python_adds_is_refused() -> None:
    """The list says what is allowed, so that what nobody thought of is refused."""

    class Novelty(ast.expr):
        pass

    refusal = _check(Novelty(col_offset=0, end_col_offset=1), "a")
    assert isinstance(refusal, Refusal)
    assert refusal.message == "an expression cannot hold a Novelty `a`"


def test_an_unknown_function_is_refused_with_the_nearest_one() -> None:
    """Only our functions can be called, and the message lists them."""
    refusal = refused("rond(a)")
    assert refusal.code == "E0402"
    assert refusal.message == "`rond` is not a function that expressions have"
    assert refusal.expected == f"one of {', '.join(FUNCTIONS)}"
    assert refusal.hint == "did you mean `round`?"


@pytest.mark.parametrize("name", ["__import__", "eval", "exec", "open", "getattr", "print", "globals", "breakpoint"])
def test_no_function_of_python_can_be_called(name: str) -> None:
    """What could reach outside is unknown like any other name."""
    assert refused(f'{name}("os")').message == f"`{name}` is not a function that expressions have"


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("abs()", "0", "1: `abs(x)`"),
        ("round_to(1)", "1", "2: `round_to(value, multiple)`"),
        ("round(1, 2, 3)", "3", "1 to 2: `round(x, digits)`"),
        ("min()", "0", "at least 1: `min(a, b, …)`"),
    ],
)
def test_a_wrong_number_of_arguments_is_refused(text: str, found: str, expected: str) -> None:
    """The message shows how the function is called."""
    refusal = refused(text)
    assert (refusal.code, refusal.message) == ("E0404", f"`{text}` passes the wrong number of arguments")
    assert (refusal.found, refusal.expected) == (found, expected)


def test_size_takes_the_name_of_a_node() -> None:
    """A quoted name is refused with the form that is right."""
    refusal = refused("size('tokens', 0)")
    assert (refusal.code, refusal.message) == ("E0404", "`size('tokens', 0)` does not name a node")
    assert refusal.found == "`'tokens'`"
    assert refusal.expected == "the name of a node, without quotes: `size(node, dim)`"


@pytest.mark.parametrize(
    ("text", "place_of_fault", "hint"),
    [
        ("a = b", 2, "`==` compares two values"),
        ("a && b", 2, "write `and`"),
        ("a || b", 2, "write `or`"),
        ("!a", 0, "write `not`"),
        ("a ? b : c", 2, "write `a if condition else b`"),
        ("$a + 1", 0, "inside an expression names stand without `$`"),
        ("a # b", 2, "an expression has no comments"),
        ("'=' + = b", 6, "`==` compares two values"),
    ],
)
def test_a_sign_of_another_language_gets_its_replacement(text: str, place_of_fault: int, hint: str) -> None:
    """The fault is at the sign, and the hint writes it as the language does."""
    refusal = refused(text)
    assert (refusal.code, refusal.start, refusal.hint) == ("E0401", place_of_fault, hint)
    assert refusal.message == f"`{text}` cannot be read as an expression"


@pytest.mark.parametrize("text", ["a +", "a b", "if", "import os", "a\0b", "a; b", "\ud800", "1 if", "def f(): pass"])
def test_what_python_cannot_read_is_refused(text: str) -> None:
    """Nothing that `ast.parse` raises gets through."""
    assert refused(text).code == "E0401"


@pytest.mark.parametrize("text", ["a) + (b", "(a", "'a", "a]", ")("])
def test_the_parentheses_put_around_a_text_cannot_be_closed_by_it(text: str) -> None:
    """A text is parsed between parentheses, so its own must be in balance."""
    refusal = refused(text)
    assert (refusal.code, refusal.found) == ("E0401", "a bracket or a quote without its other half")


def test_the_free_names_are_known() -> None:
    """Functions, constants and the node that `size` names are no names that a scope must have."""
    reading = read("max(a, b[c:d]) if true and null == e else size(tokens, f) + len(g)")
    assert isinstance(reading, Reading)
    assert sorted(node.id for node in reading.reads) == ["a", "b", "c", "d", "e", "f", "g"]


def test_yaml_constants_are_constants() -> None:
    """`true`, `false` and `null` mean in an expression what they mean outside."""
    assert CONSTANTS == {"true": True, "false": False, "null": None}


def test_the_depth_counts_levels_of_the_tree() -> None:
    """`a + b + c` is two additions, one in the other."""
    depths = [result.depth for result in map(read, ("a", "-a", "a + b + c")) if isinstance(result, Reading)]
    assert depths == [1, 2, 3]


def test_columns_count_from_the_start_of_the_text() -> None:
    """The parentheses that were put around the text leave no trace, and characters are counted, not bytes."""
    text = "'é' + bc"
    reading = read(text)
    assert isinstance(reading, Reading)
    assert isinstance(reading.tree, ast.BinOp)
    assert place(reading.tree, text) == (0, 8)
    assert place(reading.tree.right, text) == (6, 2)


def test_an_odd_escape_in_a_string_does_not_warn() -> None:
    r"""Python warns of `'\d'`; the person who wrote the spec did not ask."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(read("'\\d' + '1'"), Reading)


def test_equal_texts_are_read_once() -> None:
    """Loops and blocks repeat the same text."""
    assert read("some_name + 1") is read("some_name + 1")
