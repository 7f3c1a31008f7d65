"""Fingerprints: in comes a graph, out goes a hash of its architecture, equal for equal functions with equal keys.

What counts is what decides the function and the names of the `state_dict`: types of layers and operations, arguments,
wiring, tensors, ties. What does not: names of params, inputs, classes and operations, comments, docs, `init`,
`transforms`, the sizes at which named dimensions were checked, the order of arguments, and whether an argument that is
as by default was written.
"""

import json
import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from archspec.catalog.construct import LayerCall
from archspec.catalog.registry import Registry, default_registry
from archspec.emit.spec_values import concrete
from archspec.graph.graph import (
    Arguments,
    Block,
    CallStep,
    ComputeStep,
    Graph,
    Input,
    Leaf,
    ModuleDict,
    ModuleList,
    ModuleStep,
    Node,
    OperationStep,
    Output,
    Ref,
    Sequential,
    State,
    Step,
    TensorStep,
)
from archspec.graph.types import TensorType, TextType

__all__ = ["VERSION", "fingerprint", "node_fingerprint", "own_fingerprint"]

VERSION = "1"  # of what is hashed, and so the beginning of every fingerprint

_Names = Mapping[str, str]


def fingerprint(graph: Graph, registry: Registry | None = None) -> str:
    """The fingerprint of a model, such as `1:9f86d081…`: its version, and the digits of a SHA-256.

    Args:
        graph: the model.
        registry: where the defaults of its layers and operations are looked up.
    """
    canon = _Canon(registry or default_registry())
    inputs = [_interface(item) for item in graph.inputs]
    return f"{VERSION}:{_digest([inputs, canon.node(graph.root), sorted(graph.tie)])}"


def node_fingerprint(node: Node, registry: Registry) -> str:
    """The fingerprint of a subtree, whatever it is called and stands in."""
    return _digest(_Canon(registry).node(node))


def own_fingerprint(node: Node, registry: Registry) -> str:
    """The fingerprint of a module without what its children are: its type, its arguments, how it runs them."""
    return _digest(_Canon(registry, shallow=True).node(node))


def _digest(canonical: object) -> str:
    return sha256(json.dumps(canonical, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


class _Canon:
    """Makes plain data of nodes, in which nothing stands that does not count."""

    def __init__(self, registry: Registry, *, shallow: bool = False) -> None:
        self.registry = registry
        self.shallow = shallow

    def node(self, node: Node) -> list[Any]:
        match node:
            case Leaf():
                return ["layer", *self._layer(node.type, node.arguments), [_state(state) for state in node.state]]
            case Sequential():
                return ["Sequential", self._children(node.children)]
            case ModuleList():
                return ["ModuleList", node.mode, self._children(node.children)]
            case ModuleDict():
                picked = node.select if isinstance(node.select, str) else None  # a `Ref` is wired where it is run
                return ["ModuleDict", node.mode, picked, self._children(node.children)]
            case Block():
                return self._block(node)

    def _children(self, children: Iterable[tuple[str, Node]]) -> list[Any]:
        return [[name, None if self.shallow else self.node(child)] for name, child in children]

    def _block(self, block: Block) -> list[Any]:
        """A block, whose values are called by where they stand."""
        names = {item.name: f"in{index}" for index, item in enumerate(block.inputs)}
        names |= {step.name: f"at{index}" for index, step in enumerate(block.steps)}
        optional = [item.optional for item in block.inputs]
        return ["block", optional, [self._step(step, names) for step in block.steps], _returned(block.returns, names)]

    def _step(self, step: Step, names: _Names) -> list[Any]:
        if isinstance(step, TensorStep):
            started = None if step.state.is_parameter else concrete(step.value)
            return ["tensor", step.name, _state(step.state), started, step.compute]
        mode = [step.only_train, None if step.otherwise is None else _ref(step.otherwise, names)]
        match step:
            case OperationStep():
                read = {name: str(_ref(ref, names)) for name, ref in step.sizes}
                inputs = [None if ref is None else _ref(ref, names) for ref in step.inputs]
                return ["operation", step.operation, inputs, self._operation(step, read), *mode]
            case ComputeStep():
                return ["compute", _formula(step, names), *mode]
            case ModuleStep():
                return ["module", step.name, self._child(step.node), *self._called(step, names), *mode]
            case CallStep():
                return ["call", step.target, *self._called(step, names), *mode]

    def _child(self, node: Node) -> list[Any] | None:
        return None if self.shallow else self.node(node)

    def _called(self, step: ModuleStep | CallStep, names: _Names) -> list[Any]:
        """What a module is called with, and the value that selects in it."""
        inputs = None if step.inputs is None else [_ref(ref, names) for ref in step.inputs]
        keywords = sorted((name, _ref(ref, names)) for name, ref in step.keywords)
        select = step.node.select if isinstance(step.node, ModuleDict) else None
        return [
            inputs,
            keywords,
            self._values(step.constants, {}),
            _ref(select, names) if isinstance(select, Ref) else None,
        ]

    def _layer(self, name: str, arguments: Arguments) -> list[Any]:
        layer = self.registry.layer(name)
        defaults = {} if layer is None else {key: item.default for key, item in layer.arguments.items()}
        return [name, self._values(arguments, defaults)]

    def _operation(self, step: OperationStep, sizes: _Names) -> dict[str, Any]:
        operation = self.registry.operation(step.operation)
        defaults = {} if operation is None else {key: item.default for key, item in operation.arguments.items()}
        return self._values(step.arguments, defaults, sizes)

    def _values(
        self, arguments: Arguments, defaults: Mapping[str, object], sizes: _Names | None = None
    ) -> dict[str, Any]:
        return {
            name: self._value(value, sizes)
            for name, value in arguments
            if name not in defaults or not _same(value, defaults[name])
        }

    def _value(self, value: object, sizes: _Names | None) -> Any:
        if isinstance(value, LayerCall):
            return self._layer(value.type, value.arguments)
        if isinstance(value, (list, tuple)):
            return [self._value(item, sizes) for item in value]
        return concrete(value, sizes)


def _same(value: object, default: object) -> bool:
    """Whether a value is the default: `True` is not 1."""
    return type(value) is type(default) and value == default


def _interface(item: Input) -> list[Any]:
    """How an input is called; its name and sizes do not count."""
    kind = item.type
    word = kind.dtype if isinstance(kind, TensorType) else "str" if isinstance(kind, TextType) else "none"
    return [word, item.optional]


def _state(state: State) -> list[Any]:
    return [state.name, state.shape, state.dtype, state.is_parameter, state.persistent]


def _ref(ref: Ref, names: _Names) -> list[Any]:
    return [names[ref.name], *ref.items]


def _returned(returns: Output, names: _Names) -> Any:
    if isinstance(returns, Ref):
        return _ref(returns, names)
    return [_ref(item, names) if isinstance(item, Ref) else [item[0], _ref(item[1], names)] for item in returns]


def _formula(step: ComputeStep, names: _Names) -> str:
    """The text of a formula with its values called by where they stand; a word before a bracket is a function."""
    called = {name: json.dumps(_ref(ref, names)) for name, ref in step.refs}
    return re.sub(r"\b[A-Za-z_]\w*\b(?!\s*\()", lambda match: called.get(match[0], match[0]), step.text)
