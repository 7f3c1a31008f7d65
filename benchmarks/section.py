"""What a section of the page is made of: figures that have a target, and tables of all that was measured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import Comparison

__all__ = ["GIB", "KIB", "Figure", "Section", "Table", "comparison_table", "digits", "ratio_figures", "size", "spread"]

_UNITS = (("s", 1.0), ("ms", 1e3), ("µs", 1e6))
KIB, GIB = 1 << 10, 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number that has a target.

    Attributes:
        what: was measured.
        values: of every round, or the one.
        unit: `×`, `s`, `ms`, `KiB` or nothing.
        target: what the median may be at most.
        noise: how much more it may be, since as much is measured between two things that are the same.
    """

    what: str
    values: Sequence[float]
    unit: str
    target: float
    noise: float = 0.0

    @property
    def is_met(self) -> bool:
        """Whether the median is within the target, as far as the page shows digits of it."""
        return round(median(self.values), 2) <= round(self.target + self.noise, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of Markdown.

    Attributes:
        head: the names of the columns.
        rows: the cells.
        before: what is said above it.
        notes: what is said below it, each a point of a list.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    before: str = ""
    notes: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """The text."""
        yield from (self.before, "") if self.before else ()
        yield _row(self.head)
        yield f"|{'---|' * len(self.head)}"
        yield from map(_row, self.rows)
        yield from ("", *(f"- {note}" for note in self.notes)) if self.notes else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one part of the benchmarks has to say.

    Attributes:
        title: its heading.
        text: what is measured, and how.
        figures: those with a target.
        tables: all else.
        packages: the distributions whose versions matter here, besides those that matter everywhere.
    """

    title: str
    text: str
    figures: Sequence[Figure]
    tables: Sequence[Table]
    packages: Sequence[str] = ()

    def lines(self) -> Iterator[str]:
        """The text, but for when and where it was measured."""
        yield from (f"## {self.title}", "", self.text, "")
        if self.figures:
            yield from (*_figure_table(self.figures).lines(), "")
        for table in self.tables:
            yield from (*table.lines(), "")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _figure_table(figures: Sequence[Figure]) -> Table:
    rows = [
        (figure.what, _measured(figure), _target(figure), "yes" if figure.is_met else "**no**") for figure in figures
    ]
    return Table(head=("figure", "measured", "target", "met"), rows=rows)


def _target(figure: Figure) -> str:
    noise = f" + {figure.noise:.2f} of noise" if figure.noise else ""
    return f"≤ {figure.target:g} {figure.unit}".strip() + noise


def _measured(figure: Figure) -> str:
    least, most = min(figure.values), max(figure.values)
    text = f"{digits(median(figure.values))} {figure.unit}".strip()
    return text if len(figure.values) == 1 else f"{text} ({digits(least)} to {digits(most)})"


def ratio_figures(comparison: Comparison, noise: float = 0.0) -> list[Figure]:
    """How many times the floor each way takes that has a target."""
    return [
        Figure(what=f"{comparison.title}: {name}", values=comparison.ratios(name), unit="×", target=target, noise=noise)
        for name, target in comparison.targets.items()
        if name in comparison.ways
    ]


def comparison_table(comparisons: Sequence[Comparison], *, with_memory: bool = False) -> Table:
    """A row for each way, with its times and how many times the floor it takes."""
    memory = ("peak memory",) if with_memory else ()
    head = ("what", "way", "CPU time", "wall time", "× floor (CPU)", "× floor (wall)", *memory, "rounds")
    rows = [cells for comparison in comparisons for cells in _ways(comparison, with_memory=with_memory)]
    notes = [f"{comparison.title}: {comparison.note}." for comparison in comparisons if comparison.note]
    return Table(head=head, rows=rows, notes=notes)


def _ways(comparison: Comparison, *, with_memory: bool) -> Iterator[list[str]]:
    title = comparison.title
    for name, times in comparison.ways.items():
        is_floor = name == comparison.floor
        ratios = ["floor"] * 2 if is_floor else [digits(comparison.ratio(name, clock)) for clock in ("cpu", "wall")]
        memory = [size(times.median("peak"))] if with_memory else []
        yield [title, name, spread(times.of("cpu")), spread(times.of("wall")), *ratios, *memory, str(len(times.rounds))]
        title = ""
    for name, reason in comparison.silent.items():
        yield [title, name, reason, *[""] * (5 if with_memory else 4)]


def spread(seconds: Sequence[float]) -> str:
    """The least, the median and the most, in the unit that suits."""
    unit, factor = next((item for item in _UNITS if median(seconds) * item[1] >= 1), _UNITS[-1])
    return f"{' / '.join(_three(value * factor) for value in (min(seconds), median(seconds), max(seconds)))} {unit}"


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def digits(ratio: float) -> str:
    """A ratio, with two places where it is small."""
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"


def size(bytes_: float) -> str:
    """Bytes, in the unit that suits."""
    for unit in ("KiB", "MiB"):
        bytes_ /= KIB
        if bytes_ < KIB:
            return f"{bytes_:.3g} {unit}"
    return f"{bytes_ / KIB:.3g} GiB"
