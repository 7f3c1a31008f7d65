"""Folding: in comes a `Graph`, out go its classes and its root, with what is equal said once."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from archspec.catalog.registry import Registry
from archspec.fold.classes import Instances, classes_of
from archspec.fold.design import Class, Constant, Container, Design, Folded, Initialised, Instance, Layer
from archspec.fold.parts import layer_of, part_of
from archspec.fold.rules import rules_of
from archspec.fold.runs import with_runs
from archspec.graph.graph import Block, Graph, Leaf, ModuleDict, Node, Sequential, children, walk

__all__ = ["fold"]


def fold(graph: Graph, registry: Registry, *, reserved: Collection[str] = ()) -> Folded:
    """The model with equal instances of its blocks as one class, and equal siblings as one run.

    Args:
        graph: the model.
        registry: where the defaults of its layers' arguments are looked up.
        reserved: names that no class may have.
    """
    folder = _Folder(graph, registry, reserved)
    root = folder.root()
    rules = rules_of(graph.root, graph.init, registry)
    return Folded(classes=tuple(folder.classes), root=root, rules=rules, tie=graph.tie)


class _Folder:
    """The designs of blocks that are folded so far."""

    def __init__(self, graph: Graph, registry: Registry, reserved: Collection[str]) -> None:
        self.graph = graph
        self.registry = registry
        self.reserved = frozenset(reserved)
        self.classes: list[Class] = []
        self.instances: dict[int, Instance] = {}

    def root(self) -> Design:
        """The design of the whole model, once that of every block is known."""
        for group in _in_order(self.graph.root):
            self._fold(group)
        return self.design(self.graph.root)

    def _fold(self, blocks: list[Block]) -> None:
        taken = {cls.name for cls in self.classes} | self.reserved
        instances = Instances(
            blocks, [tuple(part_of(step, self.design, self.registry) for step in block.steps) for block in blocks]
        )
        rules = [rules_of(block, block.init, self.registry) for block in blocks]
        classes, made = classes_of(instances, rules, taken, self._default)
        self.classes += classes
        self.instances |= {id(block): instance for block, instance in zip(blocks, made, strict=True)}

    def _default(self, owner: str, argument: str) -> Constant | None:
        """What an argument of a layer or a class is when it is left out."""
        for cls in self.classes:
            if cls.name == owner:
                return next((item.default for item in cls.parameters if item.name == argument), None)
        layer = self.registry.layer(owner) if owner else None
        known = None if layer is None else layer.arguments.get(argument)
        return None if known is None or known.required else Constant(known.default)

    def design(self, node: Node) -> Design:
        """The design of a node whose blocks are folded already."""
        if isinstance(node, Block):
            return self.instances[id(node)]
        made = self._leaf(node) if isinstance(node, Leaf) else self._container(node)
        rules = rules_of(node, node.init, self.registry)
        return Initialised(made, rules) if rules else made

    def _leaf(self, leaf: Leaf) -> Layer:
        return layer_of(leaf.type, leaf.arguments, self.registry)

    def _container(self, node: Node) -> Container:
        assert not isinstance(node, Leaf | Block)
        return Container(
            kind=type(node).__name__,  # type: ignore[arg-type] # the graph has these three
            members=with_runs([(name, self.design(child)) for name, child in children(node)]),
            numbered=all(name == str(index) for index, (name, _) in enumerate(node.children)),
            mode="chain" if isinstance(node, Sequential) else node.mode,
            select=node.select if isinstance(node, ModuleDict) else None,
        )


def _in_order(root: Node) -> Iterator[list[Block]]:
    """The distinct blocks of a tree, those of one name together, and after all that they hold."""
    blocks = list({id(node): node for _, node in walk(root) if isinstance(node, Block)}.values())
    groups: dict[str, list[Block]] = {}
    for block in blocks:
        groups.setdefault(block.name, []).append(block)
    within = {name: {inner.name for block in group for inner in _inside(block)} for name, group in groups.items()}
    try:
        order = [*TopologicalSorter(within).static_order()]
    except CycleError:  # a block within one of the same name: each by itself, from the inside out
        yield from ([block] for block in sorted(blocks, key=lambda block: block.size.depth))
        return
    yield from (groups[name] for name in order)


def _inside(block: Block) -> Iterator[Block]:
    """The blocks that a block holds, not those that these hold."""
    below = [child for _, child in children(block)]
    while below:
        node = below.pop()
        if isinstance(node, Block):
            yield node
        else:
            below += [child for _, child in children(node)]
