"""Designs: the parts of a folded model. Wherever a number or a word may differ between instances stands a `Value`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal

from archspec.graph.graph import Mode, Output, Ref, Ties
from archspec.graph.types import Type

__all__ = [
    "FALSE",
    "HOLE",
    "TRUE",
    "CallPart",
    "Class",
    "ComputePart",
    "Constant",
    "Container",
    "Design",
    "Fill",
    "Folded",
    "Formula",
    "Initialised",
    "Instance",
    "Item",
    "Layer",
    "Member",
    "ModulePart",
    "OperationPart",
    "Parameter",
    "Part",
    "Rule",
    "Run",
    "TensorPart",
    "Use",
    "Value",
    "fields_of",
    "filled",
    "mapped",
    "split",
]


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A value that is known. 1, 1.0 and True are three values."""

    value: object

    def __eq__(self, other: object) -> bool:
        """Whether the other is written the same."""
        return isinstance(other, Constant) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(repr(self.value))


@dataclass(frozen=True, slots=True)
class Use:
    """A parameter of the class that the part belongs to, times a whole number, or divided by one.

    If `positive`, it is whether the parameter is above 0.
    """

    name: str
    times: int = 1
    over: int = 1
    positive: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """What differs from one member of a run to the next: the values of one of the run's columns."""

    column: int


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of a value, so that parts can be compared but for their values."""


Value = Constant | Use | Item | Hole
TRUE, FALSE, HOLE = Constant(value=True), Constant(value=False), Hole()
Arguments = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of `compute`, or of a size read at run time; its numbers stand outside, as `_0`, `_1`, ...

    Attributes:
        text: Python, as `catalog.formula` and `elaborate.runtime` write it.
        numbers: the values of the placeholders, in order.
        refs: which value each of its names stands for.
    """

    text: str
    numbers: tuple[Value, ...]
    refs: tuple[tuple[str, Ref], ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of torch.nn, or a registered one, with its arguments: those at their defaults too."""

    type: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the folded model."""

    cls: str
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Member:
    """One child of a container."""

    name: str
    design: "Design"


@dataclass(frozen=True, slots=True)
class Run:
    """Several children in a row that are made alike.

    Attributes:
        prefix: of their names, which end in numbers.
        start: the first of these numbers.
        count: how many there are.
        design: each of them.
        columns: for each `Item` of the design its values, one for each child.
    """

    prefix: str
    start: int
    count: Value
    design: "Design"
    columns: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """An `nn.Sequential`, `nn.ModuleList` or `nn.ModuleDict`; `select` as in the graph."""

    kind: Literal["Sequential", "ModuleList", "ModuleDict"]
    members: tuple[Member | Run, ...]
    numbered: bool = True
    mode: Mode = "chain"
    select: Ref | str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """What fills one parameter. `guarded`: some of the modules that the rule matches do not have it."""

    name: str
    initialiser: str
    arguments: Arguments
    guarded: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of `init`, and what of it has an effect.

    Attributes:
        types: the layers or classes that it matches, when it is for a type.
        pattern: else the path, where `*` stands for anything.
        exact: classes that inherit from the types are not meant, and there are some.
        fills: in order.
        place: of a pattern that is the path of one module, where that comes among all modules.
    """

    types: tuple[str, ...]
    pattern: str
    exact: bool
    fills: tuple[Fill, ...]
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Initialised:
    """A module that has rules of its own, applied as soon as it is made."""

    design: "Layer | Instance | Container"
    rules: tuple[Rule, ...]


Design = Layer | Instance | Container | Initialised


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePart:
    """Makes a child and, unless `inputs` is None, runs it.

    As all parts it says with `present` whether this instance has it at all; if not, `stand_in` is its value.
    """

    name: str
    design: Any
    inputs: tuple[Ref, ...] | None
    keywords: tuple[tuple[str, Ref], ...]
    constants: Arguments
    only_train: bool
    otherwise: Ref | None
    stand_in: Ref | None = None
    present: Value = TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPart:
    """Runs a child once more; `shape` is its design without values."""

    name: str
    target: tuple[str, ...]
    shape: Any
    inputs: tuple[Ref, ...]
    keywords: tuple[tuple[str, Ref], ...]
    constants: Arguments
    only_train: bool
    otherwise: Ref | None
    stand_in: Ref | None = None
    present: Value = TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorPart:
    """Makes a parameter or a buffer of the class itself; `after` are the methods that follow what is computed."""

    name: str
    is_parameter: bool
    persistent: bool
    dtype: str
    shape: tuple[Value, ...]
    initialiser: str | None
    arguments: Arguments
    value: Value
    compute: Formula | None
    after: tuple[tuple[str, str], ...]
    present: Value = TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPart:
    """Applies an operation of the table."""

    name: str
    operation: str
    inputs: tuple[Ref | None, ...]
    arguments: Arguments
    only_train: bool
    otherwise: Ref | None
    stand_in: Ref | None = None
    present: Value = TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputePart:
    """Evaluates a formula."""

    name: str
    formula: Formula
    only_train: bool
    otherwise: Ref | None
    stand_in: Ref | None = None
    present: Value = TRUE


Part = ModulePart | CallPart | TensorPart | OperationPart | ComputePart


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of a class: its name, and what it is when it is not given (a `Constant`, or None)."""

    name: str
    type: str
    default: Constant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """One class: what its instances have in common.

    Attributes:
        name: of the class.
        block: what the spec calls it.
        doc: what the spec says of it.
        inputs: the parameters of `forward`, each with whether it may be left out.
        parts: in the order of `__init__` and `forward`.
        returns: what `forward` gives.
        rules: its own rules of `init`, applied at the end of `__init__`.
        parameters: of `__init__`.
        types: what the inputs and parts give, where all instances agree.
        tensors: the inputs and parts that give a tensor, in all instances.
    """

    name: str
    block: str
    doc: str
    inputs: tuple[tuple[str, bool], ...]
    parts: tuple[Part, ...]
    returns: Output
    rules: tuple[Rule, ...]
    parameters: tuple[Parameter, ...] = ()
    types: tuple[tuple[str, Type], ...] = ()
    tensors: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A whole model: its classes, each after those that it is made of, and its root."""

    classes: tuple[Class, ...]
    root: Design
    rules: tuple[Rule, ...] = ()
    tie: Ties = ()


def fields_of(part: Any) -> Iterator[tuple[str, Any]]:
    """The fields of a part, in order; nothing of what is no part."""
    if is_dataclass(part) and not isinstance(part, type | Ref):
        for item in fields(part):
            yield item.name, getattr(part, item.name)


def mapped(part: Any, change: Callable[[Value], Any]) -> Any:
    """The same part with every value changed; what has no values in it is left as it is."""
    match part:
        case Constant() | Use() | Item() | Hole():
            return change(part)
        case tuple():
            made = tuple(mapped(item, change) for item in part)
            return part if all(new is old for new, old in zip(made, part, strict=True)) else made
        case Ref() | str() | bool() | None:
            return part
        case _ if is_dataclass(part) and not isinstance(part, type):
            found = dict(fields_of(part))
            new = {name: mapped(value, change) for name, value in found.items()}
            return part if all(new[name] is found[name] for name in found) else replace(part, **new)
        case _:
            return part


def split(part: Any) -> tuple[Any, tuple[Any, ...]]:
    """A part with holes in the place of its values, and the values."""
    values: list[Value] = []

    def out(value: Value) -> Hole:
        values.append(value)
        return HOLE

    return mapped(part, out), tuple(values)


def filled(shape: Any, values: Iterable[Any]) -> Any:
    """A part whose holes are filled in order."""
    source: Iterator[Any] = iter(values)
    return mapped(shape, lambda _: next(source))
