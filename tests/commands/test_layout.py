"""Tables: columns side by side, and the tree of a model."""

from dataclasses import replace
from typing import Any

import pytest

from archspec.commands.layout import Column, guides, model_table, table
from archspec.emit.table import Row


def _row(name: str, depth: int, **other: Any) -> Row:
    defaults = {"path": name, "type": "ReLU", "output": "2×10", "parameters": 0, "detail": "", "kind": "layer"}
    return Row(name=name, depth=depth, **defaults | other)


def test_guides_lead_from_parents_to_children() -> None:
    """The lines show whose child a module is, whatever stands between."""
    assert guides([0, 1, 2, 3, 2, 1, 2]) == ["", "├─ ", "│  ├─ ", "│  │  └─ ", "│  └─ ", "└─ ", "   └─ "]


def test_no_rows_have_no_guides() -> None:
    """An empty tree is no special case for whoever draws it."""
    assert guides([]) == []


def test_columns_are_aligned() -> None:
    """Text stands at the left, numbers at the right, and no line ends in spaces."""
    columns = [Column(title="Name", cells=["a", "longer"]), Column(title="N", cells=["1", "1,000"], right=True)]
    last = Column(title="Note", cells=["", "x"])
    lines = [line.plain for line in table([*columns, last], None)]
    assert lines == ["Name        N  Note", "a           1", "longer  1,000  x"]


def test_wide_characters_count_as_two_cells() -> None:
    """A terminal shows them twice as wide, so the next column would drift."""
    columns = [Column(title="Doc", cells=["日本", "abcd"]), Column(title="N", cells=["1", "2"])]
    assert [line.plain for line in table(columns, None)] == ["Doc   N", "日本  1", "abcd  2"]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (15, ["A       B", "aaaaaa  bbbbbbb"]),
        (14, ["A       B", "aaaaaa  bbbbb…"]),
        (12, ["A       B", "aaaaaa  bbb…"]),
        (11, ["A", "aaaaaa"]),
        (5, ["A", "aaaa…"]),
        (1, ["A", "aaa…"]),
    ],
)
def test_columns_give_way_in_their_order(width: int, expected: list[str]) -> None:
    """Detail is cut first, then goes altogether, and what a reader needs most is cut last; nothing wraps."""
    columns = [
        Column(title="A", cells=["aaaaaa"], least=4),
        Column(title="B", cells=["bbbbbbb"], least=4, optional=True),
    ]
    assert [line.plain for line in table(columns, width, shrink=("B", "A"))] == expected


def test_a_model_is_drawn_as_a_tree() -> None:
    """Names hang from their parents, numbers have separators, and nothing to show is a dash."""
    rows = [
        _row("Net", depth=0, type="Net", parameters=1_234_567, macs=1_200_000),
        _row("body", depth=1, type="Sequential", parameters=1_234_567, macs=1_200_000),
        _row("0", depth=2, type="Linear", parameters=1_234_567, macs=1_200_000, detail="out_features=10"),
        _row("held", depth=1, output=""),
    ]
    assert [line.plain for line in model_table(rows, 80, drawn=True)] == [
        "Name     Type        Output  Parameters   MACs  Arguments",
        "Net      Net         2×10     1,234,567  1.20M",
        "├─ body  Sequential  2×10     1,234,567  1.20M",
        "│  └─ 0  Linear      2×10     1,234,567  1.20M  out_features=10",
        "└─ held  ReLU        -                -      -",
    ]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (68, "a_rather_long_name  SomewhatLongType  1×2×3×4×5×6   1,234,567  1.20M"),
        (64, "a_rather_long_name  SomewhatLon…  1×2×3×4×5×6   1,234,567  1.20M"),
        (63, "a_rather_long_name  SomewhatLongType  1×2×3×4×5×6   1,234,567"),
        (59, "a_rather_long_name  SomewhatLongT…  1×2×3×4×5×6   1,234,567"),
        (55, "a_rather_long_n…  SomewhatLon…  1×2×3×4×5×6   1,234,567"),
    ],
)
def test_what_a_narrow_terminal_leaves_out(width: int, expected: str) -> None:
    """Arguments, ends of types, then the arithmetic; the room that a column leaves goes to those that stay."""
    row = _row("a_rather_long_name", depth=0, type="SomewhatLongType", output="1×2×3×4×5×6", parameters=1_234_567)
    lines = [line.plain for line in model_table([replace(row, macs=1_200_000, detail="x" * 30)], width, drawn=False)]
    assert lines[1] == expected


def test_control_characters_are_escaped_before_they_are_measured() -> None:
    """A name from a spec can neither move the cursor nor push the columns apart."""
    rows = [_row("a\x1b[2Jb", depth=0, detail="\u202e")]
    assert [line.plain for line in model_table(rows, None, drawn=False)] == [
        "Name       Type  Output  Parameters  MACs  Arguments",
        r"a\x1b[2Jb  ReLU  2×10             -     -  \u202e",
    ]
