"""The nodes of a spec as written: names resolved to layers, blocks and operations, values not evaluated yet."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from archspec.catalog.modules import Layer
from archspec.catalog.operations import Operation
from archspec.source import Span
from archspec.spec.document import Block
from archspec.syntax.expression import Expression, For, Template, Written
from archspec.syntax.tree import Tree

if TYPE_CHECKING:
    from archspec.spec.reader import Reader

__all__ = [
    "Arguments",
    "BlockNode",
    "CallNode",
    "Child",
    "ComputeNode",
    "ContainerNode",
    "GraphNode",
    "GroupNode",
    "LayerNode",
    "Loop",
    "ModuleArgument",
    "Name",
    "Node",
    "OperationNode",
    "ParamNode",
    "TensorNode",
    "Wiring",
]

Name = str | Expression | Template


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a node by name, each with the tree it was written as; `constant` when none has an expression."""

    values: dict[str, Written] = field(default_factory=dict)
    trees: dict[str, Tree] = field(default_factory=dict)
    constant: bool = True

    def span(self, name: str) -> Span | None:
        """Where the argument `name` stands."""
        tree = self.trees.get(name)
        return None if tree is None else tree.span


@dataclass(frozen=True, slots=True)
class Loop:
    """`repeat: n` or `for: … in …`."""

    count: Written | None = None
    iteration: For | None = None
    tree: Tree | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The keys beside a node's type. References are text that may hold expressions (`layer$(i)`)."""

    sources: Written = None
    constants: dict[str, Written] | None = None
    when: Expression | None = None
    otherwise: Name | None = None
    only_train: bool = False
    mode: str | None = None
    select: Name | None = None
    trees: dict[str, Tree] = field(default_factory=dict)

    @property
    def leaves_nothing(self) -> bool:
        """Whether a node that `when` switches off has no value at all: it runs in training only, or `else` is null."""
        return self.otherwise is None and (self.only_train or "else" in self.trees)

    def span(self, key: str) -> Span | None:
        """Where the value of `key` stands."""
        tree = self.trees.get(key)
        return None if tree is None else tree.span


NO_WIRING = Wiring()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Written:
    type: str
    tree: Tree
    type_tree: Tree
    wiring: Wiring = NO_WIRING
    loop: Loop | None = None

    @property
    def span(self) -> Span:
        """Where the node's type stands."""
        return self.type_tree.span


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerNode(_Written):
    """A layer of torch.nn or a registered one."""

    layer: Layer
    arguments: Arguments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BlockNode(_Written):
    """A call of a block of this file, or of a used file."""

    block: Block
    arguments: Arguments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParamNode(_Written):
    """A node that a `module` param passes in (`$norm`), with arguments of its own on top."""

    value: Name
    arguments_tree: Tree | None
    reader: "Reader"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ContainerNode(_Written):
    """A `Sequential`, `ModuleList` or `ModuleDict`; `numbered` when the children have no names."""

    kind: Literal["Sequential", "ModuleList", "ModuleDict"]
    children: tuple["Child", ...]
    numbered: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GraphNode(_Written):
    """Named nodes wired together in place."""

    body: Block


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OperationNode(_Written):
    """An operation on tensors."""

    operation: Operation
    arguments: Arguments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComputeNode(_Written):
    """`compute:`, an arithmetic expression over nodes."""

    text: Name
    text_tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CallNode(_Written):
    """`call:`, an existing module run again."""

    target: Name
    target_tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TensorNode(_Written):
    """A `Parameter` or a `Buffer`."""

    arguments: Arguments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroupNode(_Written):
    """`for:` or `repeat:` with `do:`: several nodes a step, spliced into the parent."""

    children: tuple["Child", ...]


Node = (
    LayerNode
    | BlockNode
    | ParamNode
    | ContainerNode
    | GraphNode
    | OperationNode
    | ComputeNode
    | CallNode
    | TensorNode
    | GroupNode
)


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A node in its parent: its name there, or None where the parent numbers its children."""

    name: Name | None
    name_tree: Tree | None
    node: Node


@dataclass(frozen=True, slots=True, eq=False)
class ModuleArgument:
    """A node given as the value of an argument or param."""

    node: Node
