"""Values of expressions, templates and loops, and what is refused on the way."""

import time
from collections.abc import Iterable

import pytest

from archspec.diagnostic import Diagnostic
from archspec.elaborate.evaluate import Budget, Runtime, bind, evaluate, evaluate_written, interpolate, iterate
from archspec.errors import Fault, LimitFault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source, Span
from archspec.syntax.expression import Expression, Template, parse_expression, parse_for, parse_template, parse_written
from archspec.syntax.parse import parse

MODULE = object()
VALUES: dict[str, object] = {
    "planes": 64,
    "width": 0.5,
    "layers": [3, 4, 6, 3],
    "kind": "conv",
    "bias": True,
    "norm": MODULE,
    "nothing": None,
    "options": {"eps": 1e-5},
    "rows": Runtime(197, "size(tokens, 1)"),
    "shape": [Runtime(2, "size(tokens, 0)"), 3],
}


class Names:
    """A scope over a dictionary, with one node, `tokens`, of 2×197."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values

    def lookup(self, name: str) -> object:
        """The value of a name."""
        return self.values[name]

    def names(self) -> Iterable[str]:
        """Every name."""
        return self.values

    def size(self, node: str, dim: int) -> int:
        """A dimension of `tokens`."""
        if node != "tokens":
            raise LookupError(f"no node is called `{node}`")
        return (2, 197)[dim]


SCOPE = Names(VALUES)


def whole(text: str) -> Span:
    """The span of a text that stands alone on a line."""
    return Span(Source.of_text(text), 1, 1, 1, len(text) + 1)


def expression(text: str) -> Expression:
    """An expression that stands alone on a line."""
    return parse_expression(text, whole(text), DEFAULT_LIMITS)


def value(text: str, *, runtime: bool = False, limits: Limits = DEFAULT_LIMITS) -> object:
    """What a text evaluates to."""
    return evaluate(expression(text), SCOPE, Budget(limits), runtime=runtime)


def fault(text: str, *, runtime: bool = False, limits: Limits = DEFAULT_LIMITS) -> Diagnostic:
    """The diagnostic that a text gets when it is evaluated."""
    with pytest.raises(Fault) as caught:
        value(text, runtime=runtime, limits=limits)
    return caught.value.diagnostic


@pytest.mark.parametrize(
    "text",
    [
        "planes * 4 + 1",
        "(planes - 1) // 2 % 5",
        "planes / 3",
        "-planes ** 2",
        "+width",
        "2 ** -1",
        "planes * width",
        "kind + '_' + kind * 2",
        "3 * [0]",
        "layers + [1, 2]",
        "(1, 2) + (3,)",
        "layers[0]",
        "layers[-1]",
        "layers[1:3]",
        "layers[::-1]",
        "kind[1:]",
        "range(10)[2:8:2]",
        "options['eps']",
        "planes > 32 and width < 1",
        "0 or [] or 'last'",
        "nothing and 1",
        "not layers",
        "1 < planes <= 64 != 65",
        "1 > planes < undefined",
        "4 in layers",
        "'on' in kind",
        "'eps' in options",
        "2.0 in range(3)",
        "2.5 not in range(3)",
        "bias == True",
        "nothing == None",
        "kind != 'pool'",
        "layers == [3, 4, 6, 3]",
        "layers == kind",
        "width if bias else undefined",
        "undefined if not bias else 1",
        "bias or undefined",
        "(planes, [width, kind])",
        "9223372036854775807",
        "-9223372036854775807",
    ],
)
def test_an_expression_means_what_it_means_in_python(text: str) -> None:
    """Operators, items, slices, conditions and displays have Python's values and Python's types."""
    expected = eval(text, {}, dict(VALUES))
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize(("text", "expected"), [("true", True), ("false", False), ("null", None)])
def test_yaml_constants_are_values(text: str, expected: object) -> None:
    """An expression may say `true` as YAML does."""
    assert value(text) is expected


def test_a_module_is_handed_on_and_compared_by_identity() -> None:
    """A param that holds a module can be passed and compared with null, and nothing else."""
    assert value("norm") is MODULE
    assert value("norm if norm else 1") is MODULE
    assert value("norm != null") is True
    assert value("norm == norm") is True


def test_an_unknown_name_gets_the_nearest_one() -> None:
    """The caret is under the name, and the names there are come with it."""
    scope = Names({"planes": 64, "stride": 1})
    with pytest.raises(Fault) as caught:
        evaluate(expression("planes * strid"), scope, Budget(DEFAULT_LIMITS))
    assert str(caught.value.diagnostic) == (
        "<text>:1:10: error[E0403]: nothing is called `strid` here\n"
        "  |\n"
        "1 | planes * strid\n"
        "  |          ^^^^^\n"
        "  = expected: one of `planes`, `stride`\n"
        "  = help: did you mean `stride`?"
    )


def test_many_names_are_not_listed() -> None:
    """A list of names helps only when it is short."""
    scope = Names({f"name_{index}": index for index in range(13)})
    with pytest.raises(Fault) as caught:
        evaluate(expression("name_x"), scope, Budget(DEFAULT_LIMITS))
    assert caught.value.diagnostic.expected == ""
    assert caught.value.diagnostic.hint.startswith("did you mean `name_")


def test_a_function_without_its_call_is_explained() -> None:
    """`sqrt` alone is no value."""
    assert fault("sqrt").hint == "it is a function: `sqrt(x)`"


def test_a_fault_points_at_the_part_that_has_it() -> None:
    """The message names the part and both kinds; the caret is under it."""
    assert str(fault("1 + (kind - planes)")) == (
        "<text>:1:6: error[E0404]: `kind - planes` cannot be evaluated: `-` does not take str and int\n"
        "  |\n"
        "1 | 1 + (kind - planes)\n"
        "  |      ^^^^^^^^^^^^^\n"
        "  = found: `'conv'` (str) - `64` (int)\n"
        "  = expected: two numbers"
    )


def test_an_index_out_of_range_says_what_there_is() -> None:
    """The items are counted."""
    assert str(fault("layers[4]")) == (
        "<text>:1:1: error[E0404]: `layers[4]` cannot be evaluated: there is no item 4\n"
        "  |\n"
        "1 | layers[4]\n"
        "  | ^^^^^^^^^\n"
        "  = found: 4 items\n"
        "  = expected: 0 to 3, or -4 to -1 from the end"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("True + 1", "`+` does not take bool and int"),
        ("-bias", "`-` does not take bool"),
        ("bias == 1", "`==` does not take bool and int"),
        ("kind + 1", "`+` does not take str and int"),
        ("kind % 1", "`%` does not take str and int"),
        ("layers + (1,)", "`+` does not take list and tuple"),
        ("layers * 1.5", "`*` does not take list and float"),
        ("norm + 1", "`+` does not take module and int"),
        ("null < 1", "`<` does not take null and int"),
        ("layers < layers", "`<` does not take list and list"),
        ("1 in kind", "`in` does not take int and str"),
        ("1 in planes", "`in` does not take int and int"),
        ("1 / 0", "it divides by zero"),
        ("1 // 0", "it divides by zero"),
        ("1.5 % 0", "it divides by zero"),
        ("0 / 0", "it divides by zero"),
        ("0 ** -1", "it divides by zero"),
        ("(-8) ** 0.5", "a negative number has no power with a fraction"),
        ("10 ** 10 ** 10", "the result is too large"),
        ("2 ** 100000", "the result is too large"),
        ("2 ** 63", "the result is too large"),
        ("9223372036854775807 + 1", "the result is too large"),
        ("9223372036854775808", "the result is too large"),
        ("1e308 * 10", "the result is no finite number"),
        ("1e999", "the result is no finite number"),
        ("2.5 ** 1000000", "the result is no finite number"),
        ("layers[bias]", "an index is an int, not bool"),
        ("layers[1.0]", "an index is an int, not float"),
        ("layers[0, 1]", "an index is an int, not tuple"),
        ("planes[0]", "int has no items"),
        ("layers[:1.5]", "a bound of a slice is an int, not float"),
        ("layers[::0]", "the step of a slice is 0"),
        ("options['epsilon']", "there is no key `epsilon`"),
        ("size(patches, 0)", "no node is called `patches`"),
        ("size(tokens, 1.5)", "a dimension is an int, not float"),
    ],
)
def test_what_has_no_value_is_refused(text: str, reason: str) -> None:
    """Kinds are strict, numbers are bounded, and no exception of Python gets through."""
    found = fault(text)
    part = "10 ** 10 ** 10" if text.startswith("10") else text
    assert (found.code, found.message) == ("E0404", f"`{part}` cannot be evaluated: {reason}")


@pytest.mark.parametrize(
    ("good", "bad", "limit"),
    [
        ("'a' * 65536", "'a' * 65537", "text_result"),
        ("'a' * 65535 + 'a'", "'a' * 65536 + 'a'", "text_result"),
        ("[0] * 10000", "[0] * 10001", "list_result"),
        ("[0] * 9999 + [0]", "[0] * 10000 + [0]", "list_result"),
        ("[[0] * 99] * 100", "[[0] * 100] * 100", "list_result"),
        ("[[0] * 9998, 0]", "[[0] * 9998, 0, 0]", "list_result"),
        ("enumerate(range(3333))", "enumerate(range(3334))", "list_result"),
        ("zip(range(5000))", "zip(range(5001))", "list_result"),
        ("linspace(0, 1, 10000)", "linspace(0, 1, 10001)", "list_result"),
        ("sum(range(49985))", "sum(range(50000))", "expression_steps"),
    ],
)
def test_results_and_steps_are_limited(good: str, bad: str, limit: str) -> None:
    """What is at the limit passes, one more names the limit; nested items count."""
    value(good)
    found = fault(bad)
    assert found.code == "E0801"
    assert f"(`{limit}`)" in found.message


@pytest.mark.parametrize(
    "text",
    [
        "10**10**10",
        "2**100000",
        "'a' * 10**9",
        "[0] * 10**9",
        "[[[[0] * 9999] * 9999] * 9999] * 9999",
        "[range(10**18)] * 10**9",
        "'a' * 9223372036854775807",
        "sum(range(10**18))",
        "max(range(10**18))",
        "any(range(0, 1, 1)) or all(range(1, 10**18))",
        "enumerate(range(10**18))",
        "zip(range(10**18), range(10**18))",
        "linspace(0, 1, 10**18)",
        "range(10**18) + 1",
        "'x' % 10**9",
        "range(10**18)[::0]",
    ],
)
def test_a_hostile_expression_is_refused_at_once(text: str) -> None:
    """Sizes are checked before anything is computed."""
    start = time.perf_counter()
    assert fault(text).code in {"E0404", "E0801"}
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("len(range(10**18))", 10**18),
        ("len(range(-9223372036854775807, 9223372036854775807, 4))", 4611686018427387904),
        ("range(10**18)[5]", 5),
        ("1.5 in range(10**18)", False),
        ("10**17 in range(10**18)", True),
        ("round(12345, -10**18)", 0),
        ("range(10**18) == range(10**18)", True),
        ("10 ** -10**10", 0.0),
        ("(-1) ** 4611686018427387904", 1),
    ],
)
def test_what_only_looks_large_has_its_value_at_once(text: str, expected: object) -> None:
    """A range is never walked when its bounds say all."""
    start = time.perf_counter()
    assert value(text) == expected
    assert time.perf_counter() - start < 1


def test_the_length_of_a_range_is_bounded_like_every_integer() -> None:
    """A range can have more items than `len` can say."""
    assert fault("len(range(-9223372036854775807, 9223372036854775807))").message.endswith("the result is too large")


def test_steps_are_counted_for_each_expression() -> None:
    """Every part of the tree is a step: `1 + 1` takes three."""
    assert value("1 + 1", limits=DEFAULT_LIMITS.raised(expression_steps=3)) == 2
    assert str(fault("1 + 1", limits=DEFAULT_LIMITS.raised(expression_steps=2))) == (
        "<text>:1:5: error[E0801]: steps in this expression: 3 is over the limit of 2 (`expression_steps`)\n"
        "  |\n"
        "1 | 1 + 1\n"
        "  |     ^\n"
        "  = help: if you trust this spec, raise it, to this at least: "
        "--limit expression_steps=3 or Limits(expression_steps=3)\n"
        "  = note: why there is a limit: one expression is arithmetic, not a program"
    )


def test_steps_are_counted_for_a_whole_spec() -> None:
    """The budget is shared, and what is over it ends the stage."""
    budget = Budget(DEFAULT_LIMITS.raised(total_expression_steps=6))
    evaluate(expression("1 + 1"), SCOPE, budget)
    evaluate(expression("1 + 1"), SCOPE, budget)
    with pytest.raises(LimitFault, match="steps in all the expressions of this spec: 7 is over the limit of 6"):
        evaluate(expression("1"), SCOPE, budget)


@pytest.mark.parametrize(
    "text",
    ["+".join(["planes"] * 30), "enumerate(range(3300))", "any([0] * 9990)", "[[0] * 90] * 90 == [[0] * 90] * 90"],
)
def test_a_whole_budget_is_spent_soon(text: str) -> None:
    """A step is never so long that a million of them take minutes."""
    budget, parsed = Budget(DEFAULT_LIMITS.raised(total_expression_steps=100_000)), expression(text)
    start = time.perf_counter()
    with pytest.raises(LimitFault):  # noqa: PT012 - the loop is the test
        while True:
            evaluate(parsed, SCOPE, budget)
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("layer", "layer"),
        ("layer$(planes + 1)", "layer65"),
        ("$kind-$width-$bias", "conv-0.5-True"),
        ("$$$planes", "$64"),
        ("$planes", 64),
        ("$layers", [3, 4, 6, 3]),
    ],
)
def test_a_template_is_text_and_an_expression_keeps_its_type(text: str, expected: object) -> None:
    """Only an expression with something beside it becomes text."""
    parsed = parse_template(text, whole(text), DEFAULT_LIMITS)
    assert evaluate_written(parsed, SCOPE, Budget(DEFAULT_LIMITS)) == expected


def test_collections_are_evaluated_inside() -> None:
    """Lists and dictionaries keep their form, and what is no expression stays."""
    written = parse_written(parse(Source.of_text("{a: [$planes, 1, null], b: {c: x$kind, d: $norm}}")), DEFAULT_LIMITS)
    expected = {"a": [64, 1, None], "b": {"c": "xconv", "d": MODULE}}
    assert evaluate_written(written, SCOPE, Budget(DEFAULT_LIMITS)) == expected


def test_a_name_is_always_text() -> None:
    """The name of a node may be one expression, and is text all the same."""
    parsed = parse_template("$planes", whole("$planes"), DEFAULT_LIMITS)
    assert isinstance(parsed, Expression)
    assert interpolate(parsed, SCOPE, Budget(DEFAULT_LIMITS)) == "64"


def test_a_list_in_text_is_refused() -> None:
    """A list has no text; one item of it may have been meant."""
    text = "a $layers[0]"
    with pytest.raises(Fault) as caught:
        evaluate_written(parse_template(text, whole(text), DEFAULT_LIMITS), SCOPE, Budget(DEFAULT_LIMITS))
    assert str(caught.value.diagnostic) == (
        "<text>:1:4: error[E0404]: `layers` cannot be put into text\n"
        "  |\n"
        "1 | a $layers[0]\n"
        "  |    ^^^^^^\n"
        "  = found: `[3, 4, 6, 3]` (list)\n"
        "  = expected: a text, a number or a bool\n"
        "  = help: one item of it is `$(layers[0])`"
    )


@pytest.mark.parametrize(("name", "found"), [("nothing", "null"), ("norm", "module")])
def test_what_has_no_text_is_refused(name: str, found: str) -> None:
    """Null and modules are never written into a name."""
    text = f"a-${name}"
    with pytest.raises(Fault) as caught:
        evaluate_written(parse_template(text, whole(text), DEFAULT_LIMITS), SCOPE, Budget(DEFAULT_LIMITS))
    assert caught.value.diagnostic.found == found


def test_a_template_is_limited() -> None:
    """Many parts may be long together."""
    text = "$a$a"
    parsed = parse_template(text, whole(text), DEFAULT_LIMITS)
    assert isinstance(parsed, Template)
    assert len(interpolate(parsed, Names({"a": "b" * 32768}), Budget(DEFAULT_LIMITS))) == 65536
    with pytest.raises(LimitFault, match="characters in this text: 65,538 is over the limit"):
        interpolate(parsed, Names({"a": "b" * 32769}), Budget(DEFAULT_LIMITS))


def test_lists_of_lists_do_not_double_without_end() -> None:
    """`let: {a: [0], b: [$a, $a], c: [$b, $b] …}` is refused before it is large."""
    value: object = [0]
    written = parse_written(parse(Source.of_text("[$a, $a]")), DEFAULT_LIMITS)
    with pytest.raises(LimitFault, match=r"items that expressions put into this list|over the limit of 10,000"):  # noqa: PT012
        for _ in range(40):
            value = evaluate_written(written, Names({"a": value}), Budget(DEFAULT_LIMITS))


def test_lists_in_lists_do_not_deepen_without_end() -> None:
    """`let: {a: [0], b: [$a], c: [$b] …}` is refused before it is too deep to walk."""
    value: object = [0]
    written = parse_written(parse(Source.of_text("[$a]")), DEFAULT_LIMITS)
    with pytest.raises(LimitFault, match="levels of lists in one value: 33 is over the limit of 32"):  # noqa: PT012
        for _ in range(40):
            value = evaluate_written(written, Names({"a": value}), Budget(DEFAULT_LIMITS))


def test_sizes_are_numbers_at_check_time() -> None:
    """Without `runtime`, a size is the number it has now, also one that a name brings along."""
    assert value("size(tokens, 1) - 1") == 196
    assert value("size(tokens, -1)") == 197
    assert value("rows > 10") is True
    assert value("sum(shape)") == 5
    assert value("shape == [2, 3]") is True
    assert value("shape[0]") == 2


def test_sizes_are_read_again_at_run_time() -> None:
    """With `runtime`, what depends on a size carries its expression and all else is folded."""
    assert value("size(tokens, 0) * (planes // 32)", runtime=True) == Runtime(4, "size(tokens, 0) * 2")
    assert value("rows + 1", runtime=True) == Runtime(198, "size(tokens, 1) + 1")
    assert value("[size(tokens, 0), -1]", runtime=True) == [Runtime(2, "size(tokens, 0)"), -1]
    assert value("planes + 1", runtime=True) == 65


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("size(tokens, 0) > 1", "a size that is read at run time cannot be compared"),
        ("shape == [2, 3]", "a size that is read at run time cannot be compared"),
        ("2 in shape", "a size that is read at run time cannot be compared"),
        ("1 if size(tokens, 0) else 2", "a condition cannot depend on a size that is read at run time"),
        ("size(tokens, 0) and 2", "a condition cannot depend on a size that is read at run time"),
        ("not rows", "a condition cannot depend on a size that is read at run time"),
        ("any(shape)", "a condition cannot depend on a size that is read at run time"),
        ("rows ** 2", "`**` cannot be applied to a size that is read at run time"),
        ("str(rows)", "`str` cannot be applied to a size that is read at run time"),
        ("range(rows)", "`range` cannot be applied to a size that is read at run time"),
        ("'a' * rows", "`*` cannot be applied to a size that is read at run time"),
        ("layers[rows]", "an index is an int, not size read at run time"),
        ("size(tokens, rows)", "a dimension is an int, not size read at run time"),
        ("sum(shape)", "`sum` does not take size read at run time"),
    ],
)
def test_what_cannot_be_read_at_run_time_is_refused(text: str, reason: str) -> None:
    """Silently keeping the number of check time would be wrong for every other input."""
    found = fault(text, runtime=True)
    assert (found.code, found.message) == ("E0404", f"`{text}` cannot be evaluated: {reason}")


def test_one_name_takes_the_whole_item() -> None:
    """A loop over pairs may keep them together."""
    assert bind(("pair",), (1, 2), whole("x")) == {"pair": (1, 2)}


def test_several_names_unpack_the_item() -> None:
    """Nested names unpack nested items."""
    assert bind(("i", ("a", ("b", "c"))), [0, (1, range(2, 4))], whole("x")) == {"i": 0, "a": 1, "b": 2, "c": 3}


@pytest.mark.parametrize(
    ("item", "found"),
    [([1, 2, 3], "3 values: `[1, 2, 3]` (list)"), (5, "`5` (int)"), ("ab", "`'ab'` (str)"), (None, "null")],
)
def test_an_item_of_another_length_is_refused(item: object, found: str) -> None:
    """Both lengths are named; text is never taken apart."""
    with pytest.raises(Fault) as caught:
        bind(("t", ("c", "n")), item, whole("t, (c, n) in x"))
    assert str(caught.value.diagnostic) == (
        "<text>:1:1: error[E0404]: an item of this loop does not fit its names\n"
        "  |\n"
        "1 | t, (c, n) in x\n"
        "  | ^^^^^^^^^^^^^^\n"
        f"  = found: {found}\n"
        "  = expected: 2 values: `t, (c, n)`"
    )


def turns(text: str, limits: Limits = DEFAULT_LIMITS) -> list[dict[str, object]]:
    """The turns of a loop."""
    return iterate(parse_for(text, whole(text), limits), SCOPE, Budget(limits), limits)


def test_a_loop_has_a_turn_for_each_item() -> None:
    """Lists, tuples, ranges and what `enumerate` and `zip` make can be run over."""
    assert turns("i in range(2)") == [{"i": 0}, {"i": 1}]
    assert turns("i, n in enumerate(layers[:2])") == [{"i": 0, "n": 3}, {"i": 1, "n": 4}]
    assert turns("a, b in zip(layers, (1, 2))") == [{"a": 3, "b": 1}, {"a": 4, "b": 2}]
    assert turns("i in []") == []


def test_a_number_is_nothing_to_run_over() -> None:
    """`for: i in planes` was meant to count."""
    with pytest.raises(Fault) as caught:
        turns("i in planes")
    assert str(caught.value.diagnostic) == (
        "<text>:1:6: error[E0404]: `planes` is nothing that a loop can run over\n"
        "  |\n"
        "1 | i in planes\n"
        "  |      ^^^^^^\n"
        "  = found: `64` (int)\n"
        "  = expected: a list, a tuple or a range\n"
        "  = help: write `range(planes)`"
    )


def test_turns_are_limited_before_they_are_made() -> None:
    """A loop at the limit runs, one more turn is refused, and so is one without end."""
    assert len(turns("i in range(10000)")) == 10000
    with pytest.raises(LimitFault, match="turns of this loop: 10,001 is over the limit of 10,000"):
        turns("i in range(10001)")
    with pytest.raises(LimitFault, match="turns of this loop"):
        turns("i in range(10**18)")
