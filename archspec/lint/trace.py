"""What feeds what: in comes a `Graph`, out goes a `Trace`, each layer and operation as one forward runs it.

A forward was run by the elaborator already, within its limits, so a trace is no longer than what these allow.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from archspec.graph.graph import (
    Block,
    CallStep,
    ComputeStep,
    Graph,
    Leaf,
    ModuleDict,
    ModuleList,
    ModuleStep,
    Node,
    OperationStep,
    Output,
    Ref,
    Sequential,
    Step,
    TensorStep,
    walk,
)
from archspec.graph.types import DictType, ListType, TensorType, TupleType, Type
from archspec.lint.kinds import is_in_place, is_view
from archspec.source import Span

__all__ = ["Named", "Run", "Tensor", "Trace", "trace"]

# How many tensors may be read and named in all. Llama 3 of 405B, the longest that ships, takes 8,478.
LONGEST = 2_000_000

Applied = Leaf | OperationStep | ComputeStep
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Run:
    """One layer, operation or formula, one time that it runs.

    Attributes:
        index: its place in the order in which the model runs.
        path: where it stands; runs of one module that is called again share it.
        node: what runs.
        type: the name of the layer or operation; a formula is `compute`.
        arguments: its arguments by name; those that are not written may be left out.
        inputs: what it reads, a group for each input; a group has several tensors for a tuple, and where a run-time
            string or the mode decides which of them it is.
        again: whether the module ran before, perhaps on other sizes.
        choices: the `ModuleDict`s around it of which one entry runs, each with the entry that it is in.
    """

    index: int
    path: str
    node: Applied
    type: str
    arguments: Mapping[str, object]
    inputs: tuple[tuple["Tensor", ...], ...]
    again: bool
    choices: Choices

    @property
    def span(self) -> Span:
        """Where it is written."""
        return self.node.span

    @property
    def first(self) -> tuple["Tensor", ...]:
        """What it reads as its first input."""
        return self.inputs[0] if self.inputs else ()

    def excludes(self, other: "Run") -> bool:
        """Whether no forward runs both, because one `ModuleDict` chooses between them."""
        mine = dict(self.choices)
        return any(mine.get(where, entry) != entry for where, entry in other.choices)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tensor:
    """One tensor as it flows.

    Attributes:
        number: counts tensors in the order in which they come to be.
        kind: its shape and dtype.
        maker: what gives it; None for what the model has or gets before anything runs.
        memory: the number of the first tensor that shares its memory.
        origin: for what nothing makes, what it is in words.
    """

    number: int
    kind: TensorType
    maker: Run | None = None
    memory: int
    origin: str = ""

    @property
    def made_at(self) -> int:
        """The index of the run that gives it; -1 for what is there before."""
        return -1 if self.maker is None else self.maker.index


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Named:
    """A name that the spec gives to what flows: a step, an entry of a `Sequential`, an input, or a key of an output."""

    name: str
    tensors: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trace:
    """One forward.

    Attributes:
        runs: what runs, in order.
        tensors: what flows, in the order in which it comes to be.
        readers: for the number of each tensor, what reads it, in order.
        returned: the numbers of the tensors that the model gives back.
        names: what the spec calls the tensors.
        tied: the keys of the parameters that are shared.
    """

    runs: Sequence[Run]
    tensors: Sequence[Tensor]
    readers: Mapping[int, Sequence[Run]]
    returned: frozenset[int]
    names: Sequence[Named]
    tied: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A tuple, list or dictionary as it flows."""

    items: Mapping[int | str, "_Value"]


_Value = tuple[Tensor, ...] | _Parts  # several tensors: one of them, which is known only when the model runs


class _TooLong(Exception):  # noqa: N818 - never reaches a caller
    """So much flows that a trace would cost more than a warning is worth."""


def trace(graph: Graph, *, longest: int = LONGEST) -> Trace | None:
    """Follow one forward of a model; None when more than `longest` tensors are read, which would take seconds."""
    try:
        return _Tracer(longest).run(graph)
    except _TooLong:
        return None


class _Tracer:
    """Runs a graph with tensors that are only numbers."""

    def __init__(self, longest: int) -> None:
        self._runs: list[Run] = []
        self._tensors: list[Tensor] = []
        self._readers: dict[int, list[Run]] = {}
        self._names: list[Named] = []
        self._seen: set[str] = set()
        self._kept: dict[str, _Value] = {}
        self._choices: Choices = ()
        self._left = longest

    def run(self, graph: Graph) -> Trace:
        given = tuple(self._given(item.type, f"`{item.name}`, the caller's own tensor") for item in graph.inputs)
        returned = self._node(graph.root, "", given)
        return Trace(
            runs=self._runs,
            tensors=self._tensors,
            readers=self._readers,
            returned=frozenset(tensor.number for tensor in _flat(returned)),
            names=self._names,
            tied=_tied(graph),
        )

    def _given(self, kind: Type | None, origin: str) -> _Value:
        return self._value(kind, None, None, origin)

    def _value(self, kind: Type | None, maker: Run | None, memory: int | None, origin: str = "") -> _Value:
        match kind:
            case TensorType():
                number = len(self._tensors)
                shared = number if memory is None else memory
                self._tensors.append(Tensor(number=number, kind=kind, maker=maker, memory=shared, origin=origin))
                return (self._tensors[-1],)
            case TupleType() | ListType():
                return _Parts({key: self._value(item, maker, None, origin) for key, item in enumerate(kind.items)})
            case DictType():
                return _Parts({key: self._value(item, maker, None, origin) for key, item in kind.items})
            case _:
                return ()

    def _count(self, value: _Value) -> tuple[Tensor, ...]:
        """The tensors of a value, taken from what may be read in all."""
        found = tuple(islice(_flat(value), self._left + 1))
        self._left -= len(found)
        if self._left < 0:
            raise _TooLong
        return found

    def _name(self, name: str, value: _Value) -> None:
        self._names.append(Named(name=name, tensors=self._count(value)))

    def _apply(self, node: Applied, kind: Type, path: str, given: Iterable[_Value]) -> _Value:
        inputs = tuple(self._count(value) for value in given)
        again = path in self._seen
        self._seen.add(path)
        run = Run(
            index=len(self._runs),
            path=path,
            node=node,
            type=_type(node),
            arguments={} if isinstance(node, ComputeStep) else dict(node.arguments),
            inputs=inputs,
            again=again,
            choices=self._choices,
        )
        self._runs.append(run)
        for number in dict.fromkeys(tensor.number for tensors in inputs for tensor in tensors):
            self._readers.setdefault(number, []).append(run)
        shares = len(run.first) == 1 and (is_view(run.type) or is_in_place(run.arguments))
        return self._value(kind, run, run.first[0].memory if shares else None)

    def _node(
        self, node: Node, path: str, given: tuple[_Value, ...], keys: Mapping[str, _Value] | None = None
    ) -> _Value:
        match node:
            case Leaf():
                return self._apply(node, node.output, path, (*given, *(keys or {}).values()))
            case Sequential():
                return self._chain(node.children, path, given, keys)
            case ModuleList():
                return self._list(node, path, given, keys)
            case ModuleDict():
                return self._dict(node, path, given, keys)
            case Block():
                return self._block(node, path, given, keys or {})

    def _chain(
        self,
        children: Sequence[tuple[str, Node]],
        path: str,
        given: tuple[_Value, ...],
        keys: Mapping[str, _Value] | None,
    ) -> _Value:
        first, *rest = given or ((),)
        for name, child in children:
            first = self._node(child, _join(path, name), (first, *rest), keys)
            self._name(name, first)
        return first

    def _list(
        self, node: ModuleList, path: str, given: tuple[_Value, ...], keys: Mapping[str, _Value] | None
    ) -> _Value:
        if node.mode == "chain":
            return self._chain(node.children, path, given, keys)
        first, *rest = given or ((),)
        results: dict[int | str, _Value] = {}
        for index, (name, child) in enumerate(node.children):
            item = _item(first, index) if node.mode == "zip" else first
            results[index] = self._node(child, _join(path, name), (item, *rest), keys)
        return _Parts(results)

    def _dict(
        self, node: ModuleDict, path: str, given: tuple[_Value, ...], keys: Mapping[str, _Value] | None
    ) -> _Value:
        if node.mode == "branch":
            return _Parts({name: self._node(child, _join(path, name), given, keys) for name, child in node.children})
        results: _Value = ()
        outside = self._choices
        for name, child in node.children:
            if not isinstance(node.select, str) or name == node.select:
                self._choices = (*outside, (path, name))
                results = _either(results, self._node(child, _join(path, name), given, keys))
        self._choices = outside
        return results

    def _block(self, node: Block, path: str, given: tuple[_Value, ...], keys: Mapping[str, _Value]) -> _Value:
        values: dict[str, _Value] = {}
        for index, item in enumerate(node.inputs):
            values[item.name] = given[index] if index < len(given) else keys.get(item.name, ())
            self._name(item.name, values[item.name])
        for step in node.steps:
            value = self._step(step, path, values)
            if not isinstance(step, TensorStep) and step.otherwise is not None:
                value = _either(value, _read(step.otherwise, values))
            values[step.name] = value
            self._name(step.name, value)
        return self._output(node.returns, values)

    def _output(self, returns: Output, values: Mapping[str, _Value]) -> _Value:
        if isinstance(returns, Ref):
            return _read(returns, values)
        if returns and isinstance(returns[0], Ref):
            refs = returns
            return _Parts({index: _read(ref, values) for index, ref in enumerate(refs)})
        named = cast("tuple[tuple[str, Ref], ...]", returns)
        for key, ref in named:
            self._name(key, _read(ref, values))
        return _Parts({key: _read(ref, values) for key, ref in named})

    def _step(self, step: Step, path: str, values: Mapping[str, _Value]) -> _Value:
        where = _join(path, step.name)
        match step:
            case TensorStep():
                word = "parameter" if step.state.is_parameter else "buffer"
                if where not in self._kept:
                    self._kept[where] = self._given(step.output, f"`{where}`, a {word} of the model")
                return self._kept[where]
            case OperationStep():
                read = [() if ref is None else _read(ref, values) for ref in step.inputs]
                return self._apply(step, step.output, where, read)
            case ComputeStep():
                return self._apply(step, step.output, where, [_read(ref, values) for _, ref in step.refs])
            case ModuleStep() | CallStep():
                if step.inputs is None:
                    return ()
                given = tuple(_read(ref, values) for ref in step.inputs)
                keys = {key: _read(ref, values) for key, ref in step.keywords}
                target = _join(path, *step.target) if isinstance(step, CallStep) else where
                return self._node(step.node, target, given, keys)


def _type(node: Applied) -> str:
    match node:
        case Leaf():
            return node.type
        case OperationStep():
            return node.operation
        case ComputeStep():
            return "compute"


def _tied(graph: Graph) -> frozenset[str]:
    """The keys of the `state_dict` that stand on either side of a tie."""
    ties = [("", pair) for pair in graph.tie]
    ties += [(path, pair) for path, node in walk(graph.root) for pair in node.tie]
    return frozenset(_join(path, key) for path, pair in ties for key in pair)


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)


def _read(ref: Ref, values: Mapping[str, _Value]) -> _Value:
    value = values.get(ref.name, ())
    for item in ref.items:
        value = _item(value, item)
    return value


def _item(value: _Value, key: int | str) -> _Value:
    """An item of a tuple or dictionary; negative numbers count from the end."""
    if not isinstance(value, _Parts):
        return ()
    if isinstance(key, int) and key < 0:
        key += len(value.items)
    return value.items.get(key, ())


def _either(one: _Value, other: _Value) -> _Value:
    """What is one of two values, part by part."""
    if isinstance(one, _Parts) and isinstance(other, _Parts):
        return _Parts({key: _either(_item(one, key), _item(other, key)) for key in {**one.items, **other.items}})
    if isinstance(one, _Parts) or isinstance(other, _Parts):
        return one or other
    return (*one, *other)


def _flat(value: _Value) -> Iterable[Tensor]:
    if isinstance(value, _Parts):
        for item in value.items.values():
            yield from _flat(item)
    else:
        yield from value
