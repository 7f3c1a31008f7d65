"""Writes the concrete spec: in comes a `Graph`, out goes YAML without params, loops and blocks that builds to the same.

What a block was called for is written in place, `Graph: {name: BasicBlock, model: {…}}`, and every name that stood for
another value is resolved. The only expressions left are the sizes that are read at run time: `$(size(x, 0) * 2)`.
"""

from typing import Any

from archspec.catalog.registry import Registry, default_registry
from archspec.emit.spec_steps import write_steps
from archspec.emit.spec_values import Entry, as_item, as_value, concrete_arguments, concrete_call
from archspec.emit.yaml_text import BlockMapping, BlockSequence, write_yaml
from archspec.graph.graph import (
    DEFAULT_SIZE,
    Block,
    Graph,
    InitRule,
    Input,
    Leaf,
    ModuleDict,
    ModuleList,
    Node,
    Ref,
    Sequential,
    Transform,
    walk,
)
from archspec.graph.types import TensorType, TextType
from archspec.spec.document import LANGUAGE_VERSION

__all__ = ["concrete_spec", "emit_spec"]

_UNNAMED = "Graph"
_SOLE_INPUT = "input"
_DEFAULT_DTYPE = "float32"


def emit_spec(graph: Graph, *, registry: Registry | None = None) -> str:
    """The concrete spec of a model as YAML text: what `archspec expand` prints.

    Args:
        graph: the model.
        registry: where its layers and operations are looked up; by default the one that specs are compiled with.

    Raises:
        LookupError: it uses a registered operation that is registered no longer.
    """
    return write_yaml(concrete_spec(graph, registry=registry))


def concrete_spec(graph: Graph, *, registry: Registry | None = None) -> BlockMapping:
    """The concrete spec of a model as plain data, which `archspec.compile` takes too.

    Raises:
        LookupError: it uses a registered operation that is registered no longer.
    """
    return _Writer(registry or default_registry()).spec(graph)


class _Writer:
    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def spec(self, graph: Graph) -> BlockMapping:
        """The whole file."""
        written = BlockMapping(archspec=LANGUAGE_VERSION, name=graph.name)
        if graph.doc:
            written["doc"] = graph.doc
        written |= _inputs(graph.inputs, [_declared(item) for item in graph.inputs])
        if isinstance(graph.root, Block) and _is_the_file(graph.root, graph):
            written |= write_steps(graph.root, self.registry, self.node)
        else:
            written["model"] = as_value(self.node(graph.root))
        written |= self._init(graph.init, graph.root)
        if graph.tie:
            written["tie"] = BlockMapping(graph.tie)
        if graph.transforms:
            written["transforms"] = BlockMapping((name, _pipeline(made)) for name, made in graph.transforms)
        return written

    def node(self, node: Node) -> Entry:
        """A module as the entry of a graph or a container."""
        if isinstance(node, Block):
            return BlockMapping(Graph=self._block(node))
        entry = self._module(node)
        if not node.init:
            return entry
        return BlockMapping(Graph=BlockMapping(model=as_value(entry), **self._init(node.init, node)))

    def _module(self, node: Leaf | Sequential | ModuleList | ModuleDict) -> Entry:
        match node:
            case Leaf():
                return {node.type: concrete_arguments(node.arguments)}
            case Sequential():
                return BlockMapping(Sequential=self._children(node))
            case ModuleList():
                mode = {} if node.mode == "chain" else {"mode": node.mode}
                return BlockMapping(ModuleList=self._children(node), **mode)
            case ModuleDict():
                return BlockMapping(ModuleDict=self._named(node), **_selection(node))

    def _children(self, node: Sequential | ModuleList) -> BlockMapping | BlockSequence:
        """A list where the children are numbered without gaps, otherwise a mapping."""
        if [name for name, _ in node.children] == [str(index) for index in range(len(node.children))]:
            return BlockSequence(as_item(self.node(child)) for _, child in node.children)
        return self._named(node)

    def _named(self, node: Sequential | ModuleList | ModuleDict) -> BlockMapping:
        return BlockMapping((name, as_value(self.node(child))) for name, child in node.children)

    def _block(self, block: Block) -> BlockMapping:
        written = BlockMapping()
        if block.name != _UNNAMED:
            written["name"] = block.name
        if block.doc:
            written["doc"] = block.doc
        if [(item.name, item.optional) for item in block.inputs] != [(_SOLE_INPUT, False)]:
            written |= _inputs(block.inputs, [_taken(item) for item in block.inputs])
        written |= write_steps(block, self.registry, self.node)
        written |= self._init(block.init, block)
        return written

    def _init(self, rules: tuple[InitRule, ...], owner: Node) -> dict[str, Any]:
        """The rules, without those for blocks of the original file that this module has none of."""
        if not rules:
            return {}
        blocks = {node.name for _, node in walk(owner) if isinstance(node, Block)}
        kept = [rule for rule in rules if not rule.by_type or rule.match in blocks or self.registry.layer(rule.match)]
        return {"init": BlockSequence(map(_rule, kept))} if kept else {}


def _is_the_file(root: Block, graph: Graph) -> bool:
    """Whether a block is what a file with these nodes compiles to, and not a block that the file calls."""
    signature = [(item.name, item.optional) for item in root.inputs]
    given = [(item.name, item.optional) for item in graph.inputs]
    return (root.name, root.doc, signature, root.init) == (graph.name, graph.doc, given, ())


def _selection(node: ModuleDict) -> dict[str, str]:
    """How a ModuleDict picks what it runs: `select`, or its mode."""
    written: dict[str, str] = {} if node.mode == "select" else {"mode": node.mode}
    if node.select is not None:
        written["select"] = node.select.name if isinstance(node.select, Ref) else node.select
    return written


def _rule(rule: InitRule) -> dict[str, Any]:
    return {"match": rule.match, **{name: concrete_call(function, values) for name, function, values in rule.fills}}


def _pipeline(transforms: tuple[Transform, ...]) -> BlockSequence:
    return BlockSequence(as_item({item.type: concrete_arguments(item.arguments)}) for item in transforms)


def _inputs(inputs: tuple[Input, ...], declarations: list[Any]) -> dict[str, Any]:
    if [item.name for item in inputs] == [_SOLE_INPUT] and isinstance(declarations[0], (list, dict)):
        return {"input": declarations[0]}
    return {"inputs": BlockMapping(zip((item.name for item in inputs), declarations, strict=True))}


def _declared(item: Input) -> Any:
    """An input of the model: its shape, its dtype, and whether it may be left out."""
    if not isinstance(item.type, TensorType):
        return _taken(item)
    shape = [_dimension(name, size) for name, size in zip(item.dims, item.type.shape, strict=True)]
    if item.type.dtype == _DEFAULT_DTYPE and not item.optional and item.max is None:
        return shape
    written: dict[str, Any] = {"shape": shape}
    if item.type.dtype != _DEFAULT_DTYPE:
        written["dtype"] = item.type.dtype
    if item.optional:
        written["optional"] = True
    if item.max is not None:
        written["max"] = item.max
    return written


def _dimension(name: str | None, size: int) -> int | str:
    if name is None:
        return size
    return name if size == DEFAULT_SIZE else f"{name}={size}"


def _taken(item: Input) -> str:
    """An input of a block, which takes whatever it is called with."""
    if item.optional:
        return "optional"
    return "str" if isinstance(item.type, TextType) else "any"
