"""The YAML writer: whatever it writes, the parser reads back as it was."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.emit.yaml_text import BlockMapping, BlockSequence, write_inline, write_yaml
from archspec.source import Source
from archspec.syntax.parse import parse
from archspec.syntax.tree import plain

LOOKALIKES = ("no", "1e-5", "null", "", "~", "<<", "0x1F", "0o7", ".inf", "- a", "a: b", "a #b", "---", "...", "12:30")
TEXT = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.text("aZ01 :,#[]{}-?'\"\\\n|>&*!%@`$().=~\t\u200b\xa0", max_size=8)
    | st.sampled_from(LOOKALIKES)
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | TEXT


def collections(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and mappings of both layouts."""
    lists, mappings = st.lists(items, max_size=3), st.dictionaries(TEXT, items, max_size=3)
    return lists | lists.map(BlockSequence) | mappings | mappings.map(BlockMapping)


@given(st.dictionaries(TEXT, st.recursive(SCALARS, collections, max_leaves=8), min_size=1, max_size=3))
def test_what_is_written_reads_back(document: dict[str, Any]) -> None:
    """Text, numbers and collections of any layout are the same after a round trip, types included."""
    found = plain(parse(Source.of_text(write_yaml(BlockMapping(document)))))
    assert repr(found) == repr(plain_copy(document))


@given(st.recursive(SCALARS, collections, max_leaves=8))
def test_a_value_on_one_line_reads_back_inside_brackets(value: Any) -> None:
    """Wherever it is put, it is one line and no more than itself."""
    text = write_inline(value)
    assert "\n" not in text
    found = plain(parse(Source.of_text(f"[{text}, {{a: {text}}}]")))
    assert repr(found) == repr([plain_copy(value), {"a": plain_copy(value)}])


def plain_copy(value: Any) -> Any:
    """The same with Python's own collections, whose `repr` shows every type."""
    if isinstance(value, dict):
        return {key: plain_copy(item) for key, item in value.items()}
    return [plain_copy(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("no", "no"),
        ("same", "same"),
        ("1e-5", '"1e-5"'),
        ("null", '"null"'),
        ("", '""'),
        ("a, b", "a, b"),
        (["a, b"], '["a, b"]'),
        ("$(size(x, 0) * 2)", "$(size(x, 0) * 2)"),
        ("b (h d) -> b h d", "b (h d) -> b h d"),
        ("a: b", '"a: b"'),
        ("a\u200bb\x1b", '"a\\u200bb\\u001b"'),
        (1e-05, "1e-05"),
        (1e22, "1e+22"),
        (-0.0, "-0.0"),
        (float("-inf"), "-.inf"),
        (True, "true"),
        (None, "null"),
        ({"a": [1, {}]}, "{a: [1, {}]}"),
        (BlockMapping(), "{}"),
        (BlockSequence(), "[]"),
        ("one\ntwo", "|-\n  one\n  two"),
        ("one\n\ntwo\n", "|\n  one\n\n  two"),
        ("one \ntwo", '"one \\ntwo"'),
        (BlockSequence(["a", BlockMapping(b=1, c=[2])]), "\n  - a\n  - b: 1\n    c: [2]"),
    ],
)
def test_the_form_is_the_plainest(value: Any, written: str) -> None:
    """Quotes stand only where the value would be read as something else, or in `{…}` where a comma ends it."""
    assert write_yaml(BlockMapping(key=value)) == f"key:{'' if written.startswith(chr(10)) else ' '}{written}\n"
