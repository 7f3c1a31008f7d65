"""`archspec.syntax.parse`."""

import gc
import json
import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from archspec.errors import Collector, Fault
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source
from archspec.syntax import parse as parser
from archspec.syntax.parse import parse
from archspec.syntax.tree import Mapping, Plain, Scalar, Sequence, plain


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with libyaml and once without."""
    monkeypatch.setattr(parser, "LOADER", getattr(yaml, request.param))


def read(text: str) -> Plain:
    """What a text says."""
    return plain(parse(Source.of_text(text)))


def refusal(text: str) -> str:
    """The whole message about a text."""
    with pytest.raises(Fault) as caught:
        parse(Source.of_text(text))
    return str(caught.value.diagnostic)


def collected(text: str) -> list[str]:
    """The first lines of all messages about a text that can be parsed to its end."""
    collector = Collector()
    parse(Source.of_text(text), DEFAULT_LIMITS, collector)
    return [str(diagnostic).splitlines()[0].removeprefix("<text>:") for diagnostic in collector.diagnostics]


@pytest.mark.usefixtures("_either_loader")
class TestTree:
    """What is built of a good text."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("a: 1\nb: [x, 2.5, {c: ~}]\n", {"a": 1, "b": ["x", 2.5, {"c": None}]}),
            ("- ReLU\n- Linear: {out_features: 8}\n", ["ReLU", {"Linear": {"out_features": 8}}]),
            ("a: {}\nb: []\nc:\n", {"a": {}, "b": [], "c": None}),
            ("a: {b, c: 1}", {"a": {"b": None, "c": 1}}),
            ("? a\n: 1\n", {"a": 1}),
            ("--- # comment\na: 1\n...\n", {"a": 1}),
            ("%YAML 1.2\n---\na: 1\n", {"a": 1}),
            ("\ufeffa: 1", {"a": 1}),
            ("just text", "just text"),
            ('""', ""),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}),
            ('a: "x\\u202e\\0"', {"a": "x\u202e\0"}),
            ("a: {x: $(f(a, b))}", {"a": {"x": "$(f(a", "b))": None}}),
        ],
    )
    def test_values(self, text: str, value: Plain) -> None:
        """Mappings, lists and scalars in block style and flow style, in any nesting."""
        assert read(text) == value

    def test_scalars_follow_yaml_1_2(self) -> None:
        """Norway's code is text; a number written in quotes is text; so is one in a block."""
        assert read("[no, on, 010, 1e-5, 12:30, '1', \"true\"]") == ["no", "on", 10, 1e-5, "12:30", "1", "true"]
        assert read("a: |-\n  1\n") == {"a": "1"}

    def test_keys_are_the_text_as_written(self) -> None:
        """A key is never resolved: `no` stays `no`, `010` stays `010`, and `1` and `'1'` are the same key."""
        tree = parse(Source.of_text("{no: 1, 010: 2, ~: 3, 1.50: 4, true: 5, 'x y': 6, \"\": 7, '<<': 8}"))
        assert isinstance(tree, Mapping)
        assert list(tree) == ["no", "010", "~", "1.50", "true", "x y", "", "<<"]
        assert [key.value for _, key, _ in tree.items()] == list(tree)
        assert "is written twice" in refusal("{1: a, '1': b}")

    def test_scalars_know_how_they_were_written(self) -> None:
        """The text and the quotes are kept beside the value."""
        tree = parse(Source.of_text("[0x10, '0x10']"))
        assert isinstance(tree, Sequence)
        plain_one, quoted_one = tree.items
        assert isinstance(plain_one, Scalar)
        assert isinstance(quoted_one, Scalar)
        assert (plain_one.value, plain_one.text, plain_one.quoted) == (16, "0x10", False)
        assert (quoted_one.value, quoted_one.text, quoted_one.quoted) == ("0x10", "0x10", True)

    def test_an_alias_is_the_tree_of_its_anchor(self) -> None:
        """Nothing is copied; the last anchor of a name counts; keys and scalars can be anchored too."""
        tree = parse(Source.of_text("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n&k e: *k\n"))
        assert isinstance(tree, Mapping)
        assert tree.get("a") is tree.get("b")
        assert plain(tree) == {"a": [1], "b": [1], "c": 2, "d": 2, "e": "e"}

    @pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n"])
    def test_spans_point_at_what_is_there(self, line_break: str) -> None:
        """Every scalar's span, cut out of the source's own lines, is the scalar, whatever ends the lines."""
        source = Source.of_text(line_break.join(["é: [ü, 'x y']", "", "# 😀", "  # ", "b:", "  - {c: $d}", ""]))
        seen = []

        def walk(tree: Scalar | Sequence | Mapping) -> None:
            if isinstance(tree, Scalar):
                span = tree.span
                assert span.line == span.end_line
                seen.append(source.line(span.line)[span.column - 1 : span.end_column - 1])
            elif isinstance(tree, Sequence):
                for item in tree.items:
                    walk(item)
            else:
                for _, key, value in tree.items():
                    walk(key)
                    walk(value)

        walk(parse(source))
        assert seen == ["é", "ü", "'x y'", "b", "c", "$d"]

    def test_spans_of_collections(self) -> None:
        """A collection's span starts at its first character; in flow style it ends after its last."""
        tree = parse(Source.of_text("a:\n  b: [1,\n    2]\n"))
        assert isinstance(tree, Mapping)
        inner = tree.get("a")
        assert isinstance(inner, Mapping)
        items = inner.get("b")
        assert items is not None
        assert inner.span[1:3] == (2, 3)
        assert items.span[1:] == (2, 6, 3, 7)


@pytest.mark.usefixtures("_either_loader")
class TestRefusals:
    """What is YAML and yet no spec."""

    @pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "--- # nothing\n...\n", "\ufeff"])
    def test_nothing(self, text: str) -> None:
        """A text in which nothing is written is refused in words."""
        message = refusal(text)
        assert message.startswith("<text>:1:1: error[E0102]: there is nothing in this text\n")
        assert message.endswith(" = expected: a spec, which starts with `archspec: 1`")

    def test_several_documents(self) -> None:
        """A file holds one spec."""
        assert refusal("a: 1\n---\nb: 2\n") == (
            "<text>:2:1: error[E0102]: a second document starts here\n"
            "  |\n"
            "2 | ---\n"
            "  | ^^^\n"
            "  = help: put each spec in a file of its own, or delete this `---`"
        )

    def test_a_key_written_twice(self) -> None:
        """The second is refused; a note says where the first is."""
        assert refusal("conv: 1\nfc: 2\nconv: 3\n") == (
            "<text>:3:1: error[E0103]: the key `conv` is written twice\n"
            "  |\n"
            "3 | conv: 3\n"
            "  | ^^^^\n"
            "  = note: it is first written here (<text>:1:1)"
        )

    def test_a_tag(self) -> None:
        """A tag is refused and not followed."""
        assert refusal("a: !!python/object/apply:os.system [x]\n") == (
            "<text>:1:4: error[E0104]: specs have no YAML tags, and this is `!!python/object/apply:os.system`\n"
            "  |\n"
            "1 | a: !!python/object/apply:os.system [x]\n"
            "  |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "  = help: delete it, or put text that starts with `!` in quotes"
        )

    @pytest.mark.parametrize("text", ["a: !x 1", "a: !!str 1", "a: !!map {}", "!!str a: 1", "a: !<tag:x> 1", "a: ! 1"])
    def test_every_kind_of_tag(self, text: str) -> None:
        """Local, standard and verbatim tags, of scalars, collections and keys."""
        assert "error[E0104]: specs have no YAML tags" in refusal(text)

    def test_a_merge_key(self) -> None:
        """A merge key is refused; in quotes it is a key like any other."""
        assert refusal("a: &x {b: 1}\nc: {<<: *x}\n") == (
            "<text>:2:5: error[E0104]: specs have no merge keys (`<<`)\n"
            "  |\n"
            "2 | c: {<<: *x}\n"
            "  |     ^^\n"
            "  = help: write the keys out, or make a block of what is shared"
        )

    def test_a_directive(self) -> None:
        """Another version of YAML would mean another reading."""
        assert refusal("%YAML 1.1\n---\na: no\n") == (
            "<text>:1:1: error[E0104]: specs have no YAML directives\n"
            "  |\n"
            "1 | %YAML 1.1\n"
            "  | ^^^^^^^^^\n"
            "  = help: delete the lines that start with `%`"
        )

    @pytest.mark.parametrize(
        ("text", "place", "kind"),
        [
            ("? [a, b]\n: c\n", "1:3", "a list"),
            ("a: {{x}}\n", "1:5", "a mapping"),
            ("a: &x b\n*x : c\n", "2:1", "an alias"),
        ],
    )
    def test_a_key_that_is_no_scalar(self, text: str, place: str, kind: str) -> None:
        """Lists, mappings and aliases are no keys."""
        lines = refusal(text).splitlines()
        assert lines[0] == f"<text>:{place}: error[E0105]: a key must be text, and this one is {kind}"
        assert lines[-1] == "  = help: put text that starts with `{`, `[` or `*` in quotes"

    def test_a_key_that_is_nothing(self) -> None:
        """A colon needs a key before it."""
        assert refusal("?\n: b\n").startswith("<text>:1:2: error[E0105]: there is no key before this `:`\n")

    @pytest.mark.parametrize("text", ["a: &x [*x]", "a: &x {b: *x}", "&x a: &x\n  b:\n    - [*x]\n"])
    def test_an_alias_inside_its_anchor(self, text: str) -> None:
        """A tree that holds itself has no end."""
        assert "error[E0104]: the alias `*x` stands inside what it means\n" in refusal(text)

    def test_an_alias_of_nothing(self) -> None:
        """An alias before its anchor, or without one; most often it is text that starts with a star."""
        assert refusal("match: *conv\n") == (
            "<text>:1:8: error[E0102]: the alias `*conv` means nothing: there is no `&conv` before it\n"
            "  |\n"
            "1 | match: *conv\n"
            "  |        ^^^^^\n"
            "  = help: put text that starts with `*` in quotes"
        )
        assert "means nothing" in refusal("a: *x\nb: &x 1\n")

    @pytest.mark.parametrize("text", ["a: [x\u200b]", "a: \x00", "# \u202e", "a: \ud800"])
    def test_characters_that_nobody_sees(self, text: str) -> None:
        """They are refused before YAML is read."""
        assert "error[E0106]: the text holds U+" in refusal(text)

    @pytest.mark.parametrize(
        "text",
        [
            'a: ["\\ud800"]',
            'a: ["\\ud83d\\ude00"]',
            'a: ["\\UFFFFFFFF"]',
            "a: [!%ed%a0%80 x]",
            f"%YAML 1.{'9' * 5_000}\n---\na",
        ],
    )
    def test_escapes_of_no_character(self, text: str) -> None:
        """An escape of half a surrogate pair, or past Unicode's end, is a fault and no crash."""
        assert "error[E0102]: " in refusal(text)


@pytest.mark.usefixtures("_either_loader")
class TestCollector:
    """Faults after which parsing goes on."""

    def test_all_are_reported_in_order(self) -> None:
        """With a collector one run finds them all, and the tree is built."""
        text = "a: !x 1\na: 2\nb: {<<: 1, c: *none}\nd: &d [*d]\n? [e]\n: 3\n*d : 4\na: 5\n"
        assert collected(text) == [
            "1:4: error[E0104]: specs have no YAML tags, and this is `!x`",
            "2:1: error[E0103]: the key `a` is written twice",
            "3:5: error[E0104]: specs have no merge keys (`<<`)",
            "3:15: error[E0102]: the alias `*none` means nothing: there is no `&none` before it",
            "4:8: error[E0104]: the alias `*d` stands inside what it means",
            "5:3: error[E0105]: a key must be text, and this one is a list",
            "7:1: error[E0105]: a key must be text, and this one is an alias",
            "8:1: error[E0103]: the key `a` is written twice",
        ]

    def test_the_first_of_two_equal_keys_stays(self) -> None:
        """What follows reads the entry that the note points at."""
        assert plain(parse(Source.of_text("a: 1\na: 2\n"), DEFAULT_LIMITS, Collector())) == {"a": 1}

    def test_a_syntax_error_ends_the_parse(self) -> None:
        """It is raised; what was found before it stays in the collector."""
        collector = Collector()
        with pytest.raises(Fault, match="not closed"):
            parse(Source.of_text("a: 1\na: 2\nb: [1\n"), DEFAULT_LIMITS, collector)
        assert [diagnostic.code for diagnostic in collector.diagnostics] == ["E0103"]

    def test_a_good_text_collects_nothing(self) -> None:
        """No fault, no diagnostic."""
        assert collected("a: [1, {b: c}]\n") == []


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("text", ["a: 1", "a: [", "a: \x00", ""])
def test_the_collector_is_left_as_it_was(text: str, *, enabled: bool) -> None:
    """Python's cyclic collector is paused while a tree is built, and as before after it, whatever happens."""
    (gc.enable if enabled else gc.disable)()
    try:
        parse(Source.of_text(text), DEFAULT_LIMITS)
    except Fault:
        pass
    finally:
        after = gc.isenabled()
        gc.enable()
    assert after is enabled


def test_speed() -> None:
    """Ten thousand layers are parsed in about 0.1 s; the bound leaves room for busy machines."""
    source = Source.of_text("- Linear: {out_features: 8}\n" * 10_000)
    started = time.perf_counter()
    parse(source)
    assert time.perf_counter() - started < 2


# What JSON can say and YAML reads: text without lone surrogates, names of 64 characters, integers of 40 digits.
CHARACTERS = st.characters(exclude_categories=["Cs"])
NUMBERS = st.integers(-(10**38), 10**38) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(CHARACTERS),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(CHARACTERS, max_size=64), inner),
)


@given(JSON)
def test_json_is_read_as_json(data: Plain) -> None:
    """What `Source.of_mapping` writes is read as it was, invisible characters included."""
    assert read(Source.of_mapping({"data": data}).text) == {"data": data}


@given(JSON, st.sampled_from([None, 0, 3]))
def test_json_dumps(data: Plain, indent: int | None) -> None:
    """The text of `json.dumps` is read as JSON reads it, compact or indented, up to the escapes of surrogate pairs."""
    text = json.dumps(data, indent=indent)
    if "\\ud" not in text and data != "":
        assert read(text) == json.loads(text)


@given(st.text(st.sampled_from("ab:-,[]{}&*!|>'\"%@`?#<~.0 \n\t$()\\\u00e9"), max_size=40))
def test_any_text_is_a_tree_or_a_fault(text: str) -> None:
    """Nothing but a `Fault` comes out of the parser, and its message can be shown."""
    shown = "<text>:"
    try:
        parse(Source.of_text(text))
    except Fault as fault:
        shown = str(fault.diagnostic)
    assert shown.startswith("<text>:")


@given(st.text(st.sampled_from("ab:-,[]{}&*!|>'\"%?# \n\u00e9"), max_size=40))
def test_both_loaders_agree(text: str) -> None:
    """What libyaml and PyYAML's own parser both read, they read as the same."""
    trees = []
    for loader in (yaml.CSafeLoader, yaml.SafeLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parser, "LOADER", loader)
            try:
                trees.append(read(text))
            except Fault:
                return
    assert trees[0] == trees[1]
