"""`archspec.syntax.characters`."""

import re
import sys
import unicodedata

import pytest
import yaml

from archspec.errors import Fault
from archspec.source import Source
from archspec.syntax.characters import check_characters, point

SEEN = "a\tb\nc\rd\r\ne é × ü 中 😀 e\u0301 \u00a0 \ufe0f"


def refusal(text: str) -> str:
    """The whole message about a text."""
    with pytest.raises(Fault) as caught:
        check_characters(Source.of_text(text))
    return str(caught.value.diagnostic)


def is_refused(text: str) -> bool:
    """Whether the text is refused."""
    try:
        check_characters(Source.of_text(text))
    except Fault:
        return True
    return False


def test_text_that_people_write_passes() -> None:
    """Tabs, line breaks, accents, combining marks, ideographs and emoji are text."""
    check_characters(Source.of_text(SEEN))


def test_a_byte_order_mark_passes_at_the_start_only() -> None:
    """The mark is no part of the text at its start, and invisible anywhere else."""
    check_characters(Source.of_text("\ufeffa: é\t"))
    assert is_refused("a: \ufeffb")
    assert is_refused("\ufeff\ufeffa")


def test_every_character_that_hides_is_refused() -> None:
    """Control, format, surrogate and line-separating characters are refused; tab, LF and CR are not."""
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    missed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in hidden and chr(code) not in "\t\n\r" and not is_refused(f"a{chr(code)}")
    ]
    assert missed == []


def test_every_character_that_yaml_forbids_is_refused() -> None:
    """What YAML calls unprintable never reaches libyaml's own reader."""
    printable = re.compile("[\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
    forbidden = [chr(code) for code in range(0x10000) if not printable.match(chr(code))]
    assert [character for character in forbidden if not is_refused(character)] == []
    assert forbidden


def test_message_for_a_bidirectional_control() -> None:
    """The message names the character and its place, and shows it as an escape."""
    assert refusal("a: 1\nb: x\u202ey\n") == (
        "<text>:2:5: error[E0106]: "
        "the text holds U+202E (RIGHT-TO-LEFT OVERRIDE), a character that a reader cannot see\n"
        "  |\n"
        "2 | b: x\\u202ey\n"
        "  |     ^^^^^^\n"
        '  = help: delete it; where a text needs it, write it as "\\u202e" in double quotes'
    )


def test_message_names_the_lines_of_the_others() -> None:
    """One pass through the text is enough to delete them all."""
    assert refusal("\x07\n\x07\n\x07\x07").endswith("\n  = note: the text holds 3 more such characters: lines 2, 3")
    assert refusal("\x07\n\x07").endswith("\n  = note: the text holds 1 more such character: line 2")
    assert refusal("\x07\n" * 20).endswith(
        "\n  = note: the text holds 19 more such characters: lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"
    )


@pytest.mark.parametrize(
    ("character", "shown", "fix"),
    [
        ("\x00", "U+0000,", r'"\u0000"'),
        ("\U000e0041", "U+E0041 (TAG LATIN CAPITAL LETTER A),", r'"\U000e0041"'),
        ("\ud800", "U+D800,", "help: delete it"),
    ],
)
def test_how_a_character_is_named(character: str, shown: str, fix: str) -> None:
    """A character without a name has its number; one past U+FFFF has an escape of eight digits."""
    message = refusal(f"doc: {character}")
    assert f"the text holds {shown} a character" in message
    assert fix in message


@pytest.mark.parametrize("line_break", ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"])
def test_lines_are_counted_as_libyaml_and_sources_count_them(line_break: str) -> None:
    """The place of a position is the same for libyaml, for `Source.lines` and for us, whatever ends the lines."""
    text = f"a: 1{line_break}bc: {{d: 2}}{line_break}e: f"
    source = Source.of_text(text)
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            assert event.start_mark is not None
            span = point(source, text.index(event.value))
            assert (span.line, span.column) == (event.start_mark.line + 1, event.start_mark.column + 1)
            assert source.line(span.line)[span.column - 1 :].startswith(event.value)


def test_a_line_break_that_editors_do_not_show_is_refused() -> None:
    """A comment cannot hide a key behind a line separator, which starts a line for libyaml."""
    assert is_refused("# a comment\u2028evil: true")
    assert is_refused("# a comment\x85evil: true")
