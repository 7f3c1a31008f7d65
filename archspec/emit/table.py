"""The table of a model: in comes a `Graph`, out go its nodes row by row, with their shapes and sizes, as plain data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Literal

from archspec.catalog.construct import LayerCall
from archspec.catalog.registry import Registry, default_registry
from archspec.elaborate.evaluate import Runtime
from archspec.graph.graph import (
    Arguments,
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
    Step,
    TensorStep,
    walk,
)
from archspec.graph.types import NoneType, TensorType, Type, describe

__all__ = ["Kind", "Row", "Totals", "rows", "totals"]

Kind = Literal["layer", "container", "block", "tensor", "operation", "call"]

# People write the sizes that a layer maps between by position, `Conv2d(3, 64, kernel_size=11)`, and name the rest.
_BY_POSITION = 2
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One node.

    Attributes:
        path: where it stands in the spec; of a module and of a tensor also its name in the module tree.
        name: its own name; of the first row, that of the model.
        depth: how many nodes it is inside of.
        type: its class, or the name of the operation.
        output: what it gives, with the sizes at which it was checked; empty when nothing runs it.
        parameters: how many parameter elements it holds, everything below included; tied ones count where they stand.
        macs: how many multiply-accumulates it takes, everything below included; 0 where they were not counted.
        detail: its arguments, those left out that are as by default; or its formula, or the module that it calls.
        kind: what sort of node it is.
        shared: it runs a module once more that has a row of its own, and has been run before.
        only_train: it runs in training only.
    """

    path: str
    name: str
    depth: int
    type: str
    output: str
    parameters: int
    detail: str
    kind: Kind
    macs: int = 0
    shared: bool = False
    only_train: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The size of a whole model.

    Attributes:
        parameters: elements of its parameters, tied ones counted once; all of them are trainable.
        buffers: elements of its buffers.
        modules: modules, itself included.
        bytes: memory of the parameters and buffers.
    """

    parameters: int
    buffers: int
    modules: int
    bytes: int


def rows(
    graph: Graph, *, registry: Registry | None = None, macs: Mapping[str, int] = MappingProxyType({})
) -> list[Row]:
    """Every node of a model in the order of the tree, the model itself first.

    Args:
        graph: the model.
        registry: where the defaults of its layers' arguments are looked up.
        macs: the multiply-accumulates of its nodes by path, as `Macs.by_path` has them.
    """
    table = _Table(graph, registry or default_registry(), macs)
    return [*table.node(graph.root, "", graph.name, _Place())]


def totals(graph: Graph) -> Totals:
    """How large a model is."""
    states = dict(graph.state())
    tied = [TensorType(states[name].shape, states[name].dtype).bytes for name in {name for name, _ in graph.tie}]
    buffers = [state for state in states.values() if not state.is_parameter]
    of_layers = [state for _, node in walk(graph.root) if isinstance(node, Leaf) for state in node.state]
    held = sum(TensorType(state.shape, state.dtype).bytes for state in of_layers if not state.is_parameter)
    return Totals(
        parameters=graph.parameters,
        buffers=sum(prod(state.shape) for state in buffers),
        modules=graph.root.size.modules,
        bytes=graph.root.size.bytes - sum(tied) + held,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree a node is."""

    depth: int = 0
    only_train: bool = False

    def below(self, *, only_train: bool = False) -> "_Place":
        return _Place(self.depth + 1, self.only_train or only_train)


class _Table:
    def __init__(self, graph: Graph, registry: Registry, macs: Mapping[str, int]) -> None:
        self.registry = registry
        self.macs = macs
        shapes = {name: state.shape for name, state in graph.state()}
        self.tied = {name: prod(shapes[name]) for name in {name for name, _ in graph.tie}}

    def node(self, node: Node, path: str, name: str, place: _Place) -> Iterator[Row]:
        """The row of a module, then those of everything in it."""
        yield Row(
            path=path,
            name=name,
            depth=place.depth,
            type=_type(node),
            output=_output(node.output),
            parameters=node.size.parameters - self._tied_below(path),
            detail=self._detail(node),
            kind=_kind(node),
            macs=self.macs.get(path, 0),
            only_train=place.only_train,
        )
        if isinstance(node, Block):
            first = _first_calls(node)
            for step in node.steps:
                inside = place.below(only_train=_is_only_train(step))
                yield from self._step(step, path, inside, shared=step.name not in first)
        elif not isinstance(node, Leaf):
            for child, inner in node.children:
                yield from self.node(inner, _join(path, child), child, place.below())

    def _tied_below(self, path: str) -> int:
        """Parameters below a path that are those of another path."""
        return sum(count for name, count in self.tied.items() if not path or name.startswith(f"{path}."))

    def _step(self, step: Step, parent: str, place: _Place, *, shared: bool) -> Iterator[Row]:
        if isinstance(step, ModuleStep):
            yield from self.node(step.node, _join(parent, step.name), step.name, place)
            return
        kind, type_name, detail = self._described(step)
        path = _join(parent, step.name)
        own = prod(step.state.shape) if isinstance(step, TensorStep) and step.state.is_parameter else 0
        yield Row(
            path=path,
            name=step.name,
            depth=place.depth,
            type=type_name,
            output=_output(step.output),
            parameters=own - self.tied.get(path, 0),
            detail=detail,
            kind=kind,
            macs=self.macs.get(path, 0),
            shared=shared and isinstance(step, CallStep),
            only_train=place.only_train,
        )

    def _described(self, step: TensorStep | OperationStep | ComputeStep | CallStep) -> tuple[Kind, str, str]:
        """The kind, type and detail of a step that is no module."""
        match step:
            case TensorStep():
                return "tensor", "Parameter" if step.state.is_parameter else "Buffer", self._filled(step)
            case OperationStep():
                operation = self.registry.operation(step.operation)
                known = {} if operation is None else operation.arguments
                defaults = {name: item.default for name, item in known.items()}
                return "operation", step.operation, self._arguments(step.arguments, defaults)
            case ComputeStep():
                return "operation", "compute", step.text
            case CallStep():
                return "call", _type(step.node), ".".join(step.target)

    def _detail(self, node: Node) -> str:
        match node:
            case Leaf():
                return self._layer(node.type, node.arguments)
            case ModuleDict(select=None) | ModuleList():
                return "" if node.mode == "chain" else f"mode={node.mode}"
            case ModuleDict():
                return f"select={node.select}"
            case _:
                return ""

    def _layer(self, name: str, arguments: Arguments) -> str:
        layer = self.registry.layer(name)
        known = {} if layer is None else layer.arguments
        required = [key for key, item in known.items() if item.required]
        defaults = {key: item.default for key, item in known.items() if not item.required}
        return self._arguments(arguments, defaults, required[:_BY_POSITION])

    def _filled(self, step: TensorStep) -> str:
        """What a parameter or a buffer starts with."""
        if step.init is None:
            text = step.compute or self._value(step.value)
            return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
        name, arguments = step.init
        return f"{name}({self._arguments(arguments, {})})" if arguments else name

    def _arguments(self, arguments: Arguments, defaults: Mapping[str, object], unnamed: Sequence[str] = ()) -> str:
        """Arguments as Python writes them, without those that are as by default."""
        return ", ".join(
            self._value(value) if name in unnamed else f"{name}={self._value(value)}"
            for name, value in arguments
            if name not in defaults or value != defaults[name]
        )

    def _value(self, value: object) -> str:
        match value:
            case LayerCall():
                return f"{value.type}({self._layer(value.type, value.arguments)})"
            case Runtime():
                return value.text
            case list() | tuple():
                return f"({', '.join(map(self._value, value))}{',' if len(value) == 1 else ''})"
            case _:
                return repr(value)


def _first_calls(block: Block) -> set[str]:
    """The names of the calls that run a module which was only held until then."""
    held = {step.name for step in block.steps if isinstance(step, ModuleStep) and step.inputs is None}
    first: dict[tuple[str, ...], str] = {}
    for step in block.steps:
        if isinstance(step, CallStep) and step.target[0] in held:
            first.setdefault(step.target, step.name)
    return set(first.values())


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _type(node: Node) -> str:
    match node:
        case Leaf():
            return node.type
        case Block():
            return node.name
        case _:
            return type(node).__name__


def _kind(node: Node) -> Kind:
    match node:
        case Leaf():
            return "layer"
        case Block():
            return "block"
        case _:
            return "container"


def _output(kind: Type | None) -> str:
    return "" if kind is None or isinstance(kind, NoneType) else describe(kind)


def _is_only_train(step: Step) -> bool:
    return not isinstance(step, TensorStep) and step.only_train
