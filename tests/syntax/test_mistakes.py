"""`archspec.syntax.mistakes`, through `parse`. The whole messages stand in `fixtures/syntax/mistakes.txt`."""

import re
from pathlib import Path

import pytest
import yaml

from archspec.diagnostic import Diagnostic
from archspec.errors import Fault
from archspec.source import Source
from archspec.syntax import parse as parser
from archspec.syntax.mistakes import explain

FIXTURE = Path(__file__).parent.parent / "fixtures" / "syntax" / "mistakes.txt"


def cases() -> list[tuple[str, str, str]]:
    """Title, text and message of each case."""
    blocks = re.split("^=== ", FIXTURE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    parts = [re.fullmatch("(.*?)\n(.*?)>>>\n(.*?)\n+", block, re.DOTALL) for block in blocks]
    assert all(parts)
    return [(part[1], part[2], part[3]) for part in parts if part]


CASES = cases()
OTHERWISE_WITHOUT_LIBYAML = {"percent at line start", "surrogate escape", "surrogate pair"}


def fault(text: str) -> Diagnostic:
    """What `parse` says about a text."""
    with pytest.raises(Fault) as caught:
        parser.parse(Source.of_text(text, "net.yaml"))
    return caught.value.diagnostic


@pytest.mark.parametrize(("title", "text", "message"), CASES, ids=[case[0] for case in CASES])
def test_mistake(title: str, text: str, message: str) -> None:
    """Each usual mistake is named in plain words, at its place, with the likely fix."""
    assert str(fault(text)) == message, title


@pytest.mark.parametrize(("title", "text", "message"), CASES, ids=[case[0] for case in CASES])
def test_mistake_without_libyaml(title: str, text: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's own parser words its errors otherwise and marks some a column off; the user reads the same message."""
    monkeypatch.setattr(parser, "LOADER", yaml.SafeLoader)
    diagnostic = fault(text)
    if title not in OTHERWISE_WITHOUT_LIBYAML:
        assert f"[{diagnostic.code}]: {diagnostic.message}" == message.splitlines()[0].partition("error")[2]


def test_a_key_too_long_for_yaml() -> None:
    """YAML looks 1,024 characters far for a colon; the message says so instead of blaming the colon."""
    assert fault("k" * 1025 + ": 1\n").message == "the key before this `:` is longer than 1,024 characters"
    assert fault('{"' + "k" * 1025 + '": 1}\n').code == "E0801"
    assert fault("a: 1\n" + "k " * 513 + ": 1\n").message == "a key is longer than 1,024 characters"


def test_a_balanced_expression_is_not_blamed() -> None:
    """An expression that is whole before the fault has nothing to do with it."""
    diagnostic = fault("a: {b: $(f(x)) c: 2}\n")
    assert (diagnostic.code, diagnostic.message) == ("E0102", "`,` or `}` is missing before this")


def test_an_error_that_nobody_foresaw() -> None:
    """What is in no list of mistakes is told in the parser's own words."""
    assert str(fault("%YAML 2.0\n---\na: 1\n")) == (
        "net.yaml:1:1: error[E0102]: the text is not YAML: found incompatible YAML document\n  |\n1 | %YAML 2.0\n  | ^"
    )


def test_an_error_without_a_place() -> None:
    """An error that has no mark is still a diagnostic, and safe to print."""
    diagnostic = explain(Source.of_text(""), yaml.YAMLError("odd \x1b"))
    assert str(diagnostic) == "error[E0102]: the text is not YAML: odd \\x1b"
