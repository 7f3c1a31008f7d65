"""Parameters: in come the values of all instances of a class, out goes what `__init__` takes, and what each is given.

What is the same in all instances stands in the class. Values that always vary together are one parameter, or a multiple
of one. The params of the spec's own block are the best names; else a parameter is called by what it is for.
"""

import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archspec.fold.design import (
    FALSE,
    Constant,
    Formula,
    Hole,
    Initialised,
    Instance,
    Layer,
    Parameter,
    Use,
    Value,
    fields_of,
)
from archspec.fold.naming import unused
from archspec.fold.variants import Row, Variant

__all__ = ["Default", "Table", "parameters_of"]

Column = tuple[Value | None, ...]
Default = Callable[[str, str], Constant | None]

_SIZES_IN = ("in_channels", "in_features")
_REPEATED = ("num_features", "normalized_shape", "num_channels", "embed_dim")
# What `__init__` calls its own variables.
_LOCAL = frozenset({"i", "module", "name", "value"})
_MOST_TIMES = 64
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Label:
    """What a value is for: the part, the layer or class within it, and the argument of that."""

    part: str
    owner: str
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The values of all instances.

    Attributes:
        template: the class with holes.
        rows: for each instance the values of these holes; None where it does not matter.
        known: for each instance the params that its block was called with.
        default: what an argument of a layer, or of another class, is when it is left out.
        taken: the names that classes have.
    """

    template: Variant
    rows: Sequence[Row]
    known: Sequence[Mapping[str, object]]
    default: Default
    taken: frozenset[str]


def parameters_of(table: Table) -> tuple[tuple[Parameter, ...], tuple[Value, ...], list[tuple[tuple[str, Value], ...]]]:
    """The parameters of a class, what stands in the holes of its template, and the arguments of each instance."""
    labels = [*_labels(table.template, Label("", "", ""))]
    chooser = _Chooser(table, labels)
    values = tuple(chooser.value(index) for index in range(len(labels)))
    return chooser.parameters(), values, chooser.arguments()


def _labels(part: Any, label: Label) -> Iterator[Label]:
    """What each hole of a template is for, in their order."""
    match part:
        case Hole():
            yield label
        case (str() as name, inside) if not isinstance(inside, str):
            yield from _labels(inside, Label(label.part, label.owner, name))
        case tuple():
            for item in part:
                yield from _labels(item, label)
        case _:
            owner = getattr(part, "type", "") or getattr(part, "cls", "") or label.owner
            name = label.part or getattr(part, "name", "")
            name = "" if isinstance(part, Variant) else name
            for field, inside in fields_of(part):
                keeps = field == "arguments" or isinstance(part, Formula | Initialised)
                argument = label.argument if keeps else _ARGUMENT.get(field, field)
                yield from _labels(inside, Label(name, owner if isinstance(part, Layer | Instance) else "", argument))


_ARGUMENT = {"count": "depth", "columns": "values", "numbers": "scale", "shape": "size"}


class _Chooser:
    """Chooses the parameters of one class."""

    def __init__(self, table: Table, labels: Sequence[Label]) -> None:
        self.table = table
        self.labels = labels
        self.columns: list[Column] = [*zip(*table.rows, strict=True)]
        self.known = self._known()
        self.order = [*self.known]
        self.safe: dict[str, str] = {}
        self.made: dict[str, Column] = {}
        self.defaults: dict[str, Constant] = {}
        self.chosen: dict[Column, Use] = {}
        varying = {column: None for column in self.columns if self._constant(column) is None}
        for column in sorted(varying, key=lambda column: None in column):
            self.chosen[column] = self._choose(column)

    def _known(self) -> dict[str, Column]:
        """The params of the block that vary, each with its values."""
        names = [name for name in self.table.known[0] if all(name in known for known in self.table.known)]
        columns = {name: tuple(Constant(known[name]) for known in self.table.known) for name in names}
        return {name: column for name, column in columns.items() if len({*column}) > 1}

    def value(self, index: int) -> Value:
        """What stands in a hole."""
        column = self.columns[index]
        constant = self._constant(column)
        if constant is None:
            return self.chosen[column]
        return constant if None not in column else self._shared(index) or constant

    def _shared(self, index: int) -> Use | None:
        """What an instance of those that have a part gives to others for the same argument: `width`, and not its 32."""
        argument = self.labels[index].argument
        for label, column in zip(self.labels, self.columns, strict=True):
            if label.argument == argument and column in self.chosen and _agree(self.columns[index], column):
                return self.chosen[column]
        return None

    @staticmethod
    def _constant(column: Column) -> Value | None:
        values = {value for value in column if value is not None}
        return values.pop() if len(values) == 1 else None

    def _choose(self, column: Column) -> Use:
        labels = [label for label, other in zip(self.labels, self.columns, strict=True) if other == column]
        exact = next((name for name, other in (self.made | self.known).items() if _agree(column, other)), None)
        if exact is not None:
            return self._use(exact, labels)
        for name, other in (self.made | self.known).items():
            if _is_positive(column, other):
                return replace(self._use(name, []), positive=True)
        if labels[0].argument not in (*_SIZES_IN, *_REPEATED):
            for name, other in [*self.known.items()]:
                if multiple := _multiple(column, other):
                    return self._use(name, [], *multiple)
            for name, other in self.made.items():
                fewest = 2 if name in self.safe.values() else _FEWEST
                if len({*other}) >= fewest and (multiple := _multiple(column, other)):
                    return Use(name, *multiple)
        taken = self.made.keys() | self.known.keys() | self.table.taken | _LOCAL
        name = _wanted(labels)
        name = unused(f"{labels[0].part}_{name}" if name in taken else name, taken)
        self.made[name] = column
        self._default(name, labels)
        return Use(name)

    def _use(self, name: str, labels: list[Label], times: int = 1, over: int = 1) -> Use:
        """A param of the block itself, or a parameter that was made before."""
        if name not in self.made:
            self.safe[name] = unused(name, self.made.keys() | self.table.taken | _LOCAL)
            self.made[self.safe[name]] = self.known.pop(name)
            name = self.safe[name]
        self._default(name, labels)
        return Use(name, times, over)

    def _default(self, name: str, labels: list[Label]) -> None:
        """A parameter has a default where it is handed on to what has that default, and some instance has it."""
        for label in labels:
            default = FALSE if label.argument == "present" else self.table.default(label.owner, label.argument)
            if default is not None and default in self.made[name]:
                self.defaults[name] = default

    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, those with a default last."""
        for name, column in self.made.items():
            if None in column and name not in self.defaults:
                given = [value for value in column if value is not None]
                self.defaults[name] = max(given, key=given.count)  # type: ignore[assignment] # instances hold constants
        names = sorted(self.made, key=self._place)
        return tuple(
            Parameter(name=name, type=_type(self.made[name]), default=self.defaults.get(name)) for name in names
        )

    def _place(self, name: str) -> tuple[bool, int, int]:
        """Those that are required come first: what comes in, then the params of the block in their order."""
        known = [self.safe[name] for name in self.order if name in self.safe]
        comes_in = name in _SIZES_IN
        return name in self.defaults, 0 if comes_in else 1, known.index(name) if name in known else len(known)

    def arguments(self) -> list[tuple[tuple[str, Value], ...]]:
        """What each instance gives to the parameters; what is a parameter's default is left out."""
        names = [parameter.name for parameter in self.parameters()]
        return [
            tuple((name, self.made[name][index] or self.defaults[name]) for name in names)
            for index in range(len(self.table.rows))
        ]


def _wanted(labels: list[Label]) -> str:
    """What a parameter is called that is for all of these."""
    names = [_flag(label) if label.argument == "present" else label.argument for label in labels]
    best = [name for name in names if name in _SIZES_IN] if names[0] in (*_SIZES_IN, *_REPEATED) else []
    return next(iter([*best, *(name for name in names if name not in _REPEATED), *names]))


def _flag(label: Label) -> str:
    """What says whether a part is there: by its name, where that does not say something else already."""
    return f"with_{label.part}" if hasattr(builtins, label.part) else label.part


def _agree(column: Column, other: Column) -> bool:
    return all(one is None or one == two for one, two in zip(column, other, strict=True))


def _is_positive(column: Column, other: Column) -> bool:
    """Whether a flag is set exactly where a number is above 0."""
    pairs = [
        (one.value, two.value)
        for one, two in zip(column, other, strict=True)
        if isinstance(one, Constant) and isinstance(two, Constant)
    ]
    if len(pairs) < sum(one is not None for one in column):
        return False
    return all(
        isinstance(flag, bool)
        and isinstance(number, int | float)
        and not isinstance(number, bool)
        and flag == (number > 0)
        for flag, number in pairs
    )


def _multiple(column: Column, other: Column) -> tuple[int, int] | None:
    """By which whole number every value of `other` is multiplied, or divided, to give that of `column`."""
    pairs = [(_integer(one), _integer(two)) for one, two in zip(column, other, strict=True) if one is not None]
    whole = [(one, two) for one, two in pairs if one and two]
    if len(whole) < len(pairs):
        return None
    one, two = whole[0]
    times, over = one // two, two // one
    if 1 < times <= _MOST_TIMES and all(one == two * times for one, two in whole):
        return times, 1
    if 1 < over <= _MOST_TIMES and all(two == one * over for one, two in whole):
        return 1, over
    return None


def _integer(value: Value | None) -> int:
    """A positive whole number, or 0 for anything else."""
    found = value.value if isinstance(value, Constant) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def _type(column: Column) -> str:
    """The type hint for these values."""
    kinds = sorted(
        {_kind(value.value) for value in column if isinstance(value, Constant)}, key=lambda kind: kind == "None"
    )
    return " | ".join(kinds) if len(kinds) < _FEWEST else "object"


def _kind(value: object) -> str:
    if isinstance(value, tuple):
        kinds = {_kind(item) for item in value}
        return f"tuple[{kinds.pop()}, ...]" if len(kinds) == 1 else "tuple"
    return "None" if value is None else type(value).__name__
