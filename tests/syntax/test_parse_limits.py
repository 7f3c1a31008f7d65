"""`archspec.syntax.parse`: its limits, and texts that are written to hurt."""

import time
from collections.abc import Callable

import pytest
import yaml

from archspec.errors import Collector, Enough, Fault, LimitFault
from archspec.limits import DEFAULT_LIMITS, Limits
from archspec.source import Source
from archspec.syntax import parse as parser
from archspec.syntax.parse import parse
from archspec.syntax.tree import Mapping


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def _either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with libyaml and once without."""
    monkeypatch.setattr(parser, "LOADER", getattr(yaml, request.param))


def refusal(text: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """The whole message about a text."""
    with pytest.raises(Fault) as caught:
        parse(Source.of_text(text), limits)
    return str(caught.value.diagnostic)


def nested(depth: int) -> str:
    """Lists in lists."""
    return "[" * depth + "]" * depth


# the limit, the value it is set to, the text of a given size, what the message says was counted
LIMITS: list[tuple[str, int, Callable[[int], str], str]] = [
    ("file_bytes", 20, lambda size: "é" * (size // 2) + "x" * (size % 2), "bytes in `<text>`"),
    ("yaml_depth", 5, nested, "levels of nesting"),
    ("yaml_depth", 5, lambda size: "{a: " * size + "b" + "}" * size, "levels of nesting"),
    ("yaml_depth", 5, lambda size: f"[&x {nested(size - 2)}, [*x]]", "levels of nesting with this alias"),
    ("yaml_depth", 7, lambda size: f"[&x [a], &y {{b: *x}}, {nested(size - 3).replace('[]', '[*y]')}]", "levels"),
    ("yaml_nodes", 10, lambda size: f"[{'a, ' * (size - 1)}]", "nodes in this file"),
    ("yaml_nodes", 10, lambda size: f"[{'[], ' * (size - 1)}]", "nodes in this file"),
    ("yaml_nodes", 10, lambda size: f"[{{k: v}}, {'a, ' * (size - 4)}]", "nodes in this file"),
    ("yaml_nodes", 10, lambda size: f"[&x [a, b, c], {'*x, ' * (size - 5)}]", "nodes in this file"),
    ("alias_uses", 4, lambda size: f"[&x a, {'*x, ' * size}]", "aliases in this file"),
    ("nodes_after_aliases", 16, lambda size: f"[&x [a, b], *x, *x, {'a, ' * (size - 10)}]", "nodes in"),
    ("nodes_after_aliases", 16, lambda size: f"[{'a, ' * (size - 7)}&x [a, b], *x]", "nodes in"),
    ("nodes_after_aliases", 16, lambda size: f"[&x [a], &y [*x, *x], *y, {'a, ' * (size - 13)}]", "nodes in"),
    ("scalar_bytes", 10, lambda size: "é" * (size // 2) + "x" * (size % 2), "bytes in this scalar"),
    ("scalar_bytes", 10, lambda size: f"a: '{'x' * size}'", "bytes in this scalar"),
    ("key_length", 10, lambda size: f"{'é' * size}: 1", "characters in this key"),
]


@pytest.mark.usefixtures("_either_loader")
@pytest.mark.parametrize(("name", "allowed", "text", "counted"), LIMITS)
def test_limit(name: str, allowed: int, text: Callable[[int], str], counted: str) -> None:
    """Each limit lets pass one less than it allows and just as much, and refuses one more, naming the size."""
    limits = DEFAULT_LIMITS.raised(**{name: allowed})
    parse(Source.of_text(text(allowed - 1)), limits)
    parse(Source.of_text(text(allowed)), limits)
    with pytest.raises(LimitFault) as caught:
        parse(Source.of_text(text(allowed + 1)), limits)
    assert caught.value.diagnostic.message.startswith(counted)
    assert caught.value.diagnostic.message.endswith(f": {allowed + 1:,} is over the limit of {allowed:,} (`{name}`)")


def test_message_about_a_limit() -> None:
    """The message has the place, the value, and the way to raise the limit."""
    assert refusal("a: [b, [c]]\n", Limits(yaml_depth=2)) == (
        "<text>:1:8: error[E0801]: levels of nesting: 3 is over the limit of 2 (`yaml_depth`)\n"
        "  |\n"
        "1 | a: [b, [c]]\n"
        "  |        ^\n"
        "  = help: if you trust this spec, raise it, to this at least: --limit yaml_depth=3 or Limits(yaml_depth=3)\n"
        "  = note: why there is a limit: every later stage walks the tree recursively"
    )


def bomb(levels: int, width: int) -> str:
    """Lists of aliases of lists of aliases: `width ** levels` leaves."""
    lines = ["l0: &l0 [" + ", ".join(["x"] * width) + "]"]
    lines += [f"l{i}: &l{i} [" + ", ".join([f"*l{i - 1}"] * width) + "]" for i in range(1, levels)]
    return "\n".join(lines)


class TestHostile:
    """Texts that are written to hurt: each is refused, or read, within the 5 s that a refusal may take."""

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("[" * 100_000, "E0801"),
            ("{" * 100_000, "E0801"),
            ("[{" * 50_000, "E0801"),
            ("- " * 100_000, "E0801"),
            ("? " * 100_000, "E0801"),
            ("{a: " * 100_000, "E0801"),
            ("a:\n" + "".join(f"{' ' * i}- \n" for i in range(1, 1_000)), "E0801"),
            ("&a " * 100_000, "E0102"),
            ("*" * 100_000, "E0102"),
            ("!" * 100_000, "E0104"),
            ("]" * 100_000, "E0102"),
            ('"' * 100_001, "E0102"),
            ("a: " * 100_000, "E0102"),
            ("a" * 100_000, "E0801"),
            ("- a\n" * 100_001, "E0801"),
            ("%" * 100_000, "E0102"),
            ("&" + "a" * 100_000 + " b: c\nd", "E0102"),
            ("---\n" * 100_000, "E0102"),
            ("\x00" * 1_000_000, "E0106"),
            ("\n" * 1_000_000 + "\u202e", "E0106"),
            ("\n" * 1_000_000 + "\t- a", "E0102"),
            (" " * 1_000_000, "E0102"),
            ("x" * (1 << 20) + "x", "E0801"),
            (bomb(9, 9), "E0801"),
            (bomb(40, 2), "E0801"),
            ("a: &a [*a, *a]", "E0104"),
        ],
    )
    def test_refused(self, text: str, code: str) -> None:
        """The fault has the code of what is wrong first."""
        started = time.perf_counter()
        with pytest.raises(Fault) as caught:
            parse(Source.of_text(text))
        assert len(str(caught.value.diagnostic)) < 2_000
        assert time.perf_counter() - started < 5
        assert caught.value.diagnostic.code == code

    def test_an_alias_bomb_is_refused_at_the_alias_that_goes_too_far(self) -> None:
        """Nine levels of nine would be 400 million nodes; they are counted and not made."""
        assert refusal(bomb(9, 9)).splitlines()[0] == (
            "<text>:6:15: error[E0801]: nodes in this file, with what aliases copy: "
            "207,600 is over the limit of 200,000 (`nodes_after_aliases`)"
        )

    def test_many_faults(self) -> None:
        """A fault on every line costs no more than its line, and after more than anybody reads the stage ends."""
        started = time.perf_counter()
        collector = Collector()
        with pytest.raises(Enough):
            parse(Source.of_text("a: 1\n" * 20_000), DEFAULT_LIMITS, collector)
        assert len([str(diagnostic) for diagnostic in collector.diagnostics]) == 201
        assert time.perf_counter() - started < 5

    def test_many_keys(self) -> None:
        """Keys are looked up, not searched."""
        started = time.perf_counter()
        tree = parse(Source.of_text("".join(f"k{i}: v\n" for i in range(49_000))))
        assert isinstance(tree, Mapping)
        assert len(tree) == 49_000
        assert time.perf_counter() - started < 5
