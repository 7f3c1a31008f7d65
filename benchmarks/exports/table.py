"""The table of docs/export.md: in comes its page, out go its rows, and the page with others."""

from collections.abc import Mapping, Sequence

from archspec import compile as compile_spec
from archspec.emit.fingerprint import fingerprint
from archspec.spec.shipped import shipped_names
from benchmarks.exports.cells import FORMATS

__all__ = ["MISSING", "Rows", "alike", "fill", "read"]

BEGIN, END = "<!-- measured: one row an architecture, by `make exports` -->\n", "<!-- end -->"
MISSING = "–"  # noqa: RUF001 - as tables have it
Rows = dict[tuple[str, ...], dict[str, str]]
"""The names of one architecture to its cells by suffix."""


def read(page: str) -> Rows:
    """The rows of the table, without those cells that were not measured."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    rows: Rows = {}
    for line in table.splitlines()[2:]:
        names, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found = zip(FORMATS, cells, strict=True)
        rows[tuple(names.split(", "))] = {suffix: cell for suffix, cell in found if cell != MISSING}
    return rows


def fill(page: str, rows: Mapping[tuple[str, ...], Mapping[str, str]]) -> str:
    """The page with these rows."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert end, "the page has one place for the table"
    lines = [_line(["preset", *FORMATS]), _line(["---"] * (1 + len(FORMATS)))]
    for names, cells in sorted(rows.items()):
        lines.append(_line([", ".join(names), *(cells.get(suffix, MISSING) for suffix in FORMATS)]))
    return head + begin + "".join(lines) + end + tail


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def alike() -> list[tuple[str, ...]]:
    """Every shipped name, together with those of the same architecture: the most specific name of each first."""
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(shipped_names()):
        found.setdefault(fingerprint(compile_spec(name).graph), []).insert(0, name)
    return sorted(map(tuple, found.values()))
