"""The table of a model: in come the rows of `emit/table.py` and a width, out go lines of styled text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from archspec.commands.amounts import short
from archspec.diagnostic import escape

if TYPE_CHECKING:
    from archspec.emit.table import Row

__all__ = ["NONE", "Column", "guides", "model_table", "table"]

GAP = "  "
NONE = "-"  # in place of an empty cell, so that every row has as many words as columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        cells: one text a row.
        style: of its cells, as Rich writes it.
        right: whether cells stand at the right edge, as numbers do.
        least: how narrow it may become when the table is too wide.
        optional: whether it goes altogether rather than become narrower than that.
    """

    title: str
    cells: Sequence[str]
    style: str = ""
    right: bool = False
    least: int = 0
    optional: bool = False

    def width(self) -> int:
        """How wide its widest cell is."""
        return max(map(cell_len, (self.title, *self.cells)))


def table(columns: Sequence[Column], width: int | None, *, shrink: Sequence[str] = ()) -> Iterator[Text]:
    """Lay columns out side by side, a heading and a line a row.

    Args:
        columns: what to show.
        width: how wide a line may be; None for as wide as it becomes.
        shrink: the titles of the columns that give way when a line is too wide, the first of them first.
    """
    widths = {column.title: column.width() for column in columns}
    if width is not None:
        _fit(widths, columns, width, shrink)
    shown = [column for column in columns if widths[column.title]]
    yield _line([(column, column.title, "bold") for column in shown], widths)
    for cells in zip(*(column.cells for column in shown), strict=True):
        yield _line([(column, cell, column.style) for column, cell in zip(shown, cells, strict=True)], widths)


def _fit(widths: dict[str, int], columns: Sequence[Column], width: int, shrink: Sequence[str]) -> None:
    """Take what is too much from the columns in the order of `shrink`."""
    by_title = {column.title: column for column in columns}
    for title in shrink:
        shown = [size for size in widths.values() if size]
        excess = sum(shown) + len(GAP) * (len(shown) - 1) - width
        if excess <= 0:
            return
        room, least = widths[title] - excess, by_title[title].least
        if by_title[title].optional and room < least:
            others = [column for column in columns if column.title != title and widths[column.title]]
            widths |= {title: 0} | {column.title: column.width() for column in others}
            _fit(widths, columns, width, [other for other in shrink if other != title])
            return
        widths[title] = max(room, min(least, widths[title]))


def _line(cells: Sequence[tuple[Column, str, str]], widths: dict[str, int]) -> Text:
    line = Text(no_wrap=True)
    for number, (column, cell, style) in enumerate(cells):
        size = widths[column.title]
        text = cell if cell_len(cell) <= size else set_cell_size(cell, size - 1) + "…"
        pad = " " * (size - cell_len(text))
        line.append(GAP if number else "")
        line.append(pad if column.right else "")
        line.append(text, style)
        line.append("" if column.right or number == len(cells) - 1 else pad)
    line.rstrip()
    return line


def guides(depths: Sequence[int]) -> list[str]:
    """The lines that lead to each name of a tree, whose nodes are given by their depths, parents before children.

    >>> guides([0, 1, 2, 1])
    ['', '├─ ', '│  └─ ', '└─ ']
    """
    leads: list[str] = []
    more: list[bool] = []  # at each depth, whether another node follows under the same parent
    for depth in reversed(depths):
        more = more[: depth + 1] + [False] * (depth + 1 - len(more))
        trunk = "".join("│  " if follows else "   " for follows in more[1:depth])
        branch = "├─ " if more[depth] else "└─ "
        leads.append(trunk + branch if depth else "")
        more[depth] = True
    return leads[::-1]


def model_table(rows: Sequence["Row"], width: int | None, *, drawn: bool) -> Iterator[Text]:
    """The tree of a model, one node a line.

    Args:
        rows: its nodes, parents before children.
        width: how wide a line may be; None for as wide as it becomes.
        drawn: whether lines lead to the names; otherwise they are indented.
    """
    depths = [row.depth for row in rows]
    before = guides(depths) if drawn else ["  " * depth for depth in depths]
    names = [lead + escape(row.name) for lead, row in zip(before, rows, strict=True)]
    parameters = [f"{row.parameters:,}" if row.parameters else NONE for row in rows]
    macs = [short(row.macs) if row.macs else NONE for row in rows]
    columns = [
        Column(title="Name", cells=names, least=16),
        Column(title="Type", cells=[escape(row.type) for row in rows], style="cyan", least=12),
        Column(title="Output", cells=[escape(row.output) or NONE for row in rows], least=12),
        Column(title="Parameters", cells=parameters, right=True),
        Column(title="MACs", cells=macs, right=True, least=max(map(len, macs), default=0), optional=True),
        Column(title="Arguments", cells=[escape(_detail(row)) for row in rows], style="dim", least=20, optional=True),
    ]
    return table(columns, width, shrink=("Arguments", "Output", "Type", "MACs", "Name"))


def _detail(row: "Row") -> str:
    """What there is to say of a row beside its type."""
    said = f"runs {row.detail}{' again' if row.shared else ''}" if row.kind == "call" else row.detail
    return ", ".join(filter(None, (said, "in training only" if row.only_train else "")))
