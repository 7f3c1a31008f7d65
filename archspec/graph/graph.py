"""The Graph: a concrete model. No params, loops or blocks are left, every shape is known, every node knows its line.

It is frozen and holds no tensor, so it can be compared, pickled and read by every writer in `emit/`. The closed lists:

- **nodes**, which have a place in the module tree: `Leaf`, `Sequential`, `ModuleList`, `ModuleDict`, `Block`;
- **steps** of a `Block`, in the order they run: `ModuleStep`, `TensorStep`, `OperationStep`, `ComputeStep`, `CallStep`.
  One with `only_train` runs in training; in evaluation its name stands for `otherwise`, or for nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Literal

from archspec.graph.types import Type
from archspec.source import Span

__all__ = [
    "DEFAULT_SIZE",
    "Block",
    "CallStep",
    "ComputeStep",
    "Container",
    "Graph",
    "InitRule",
    "Input",
    "Leaf",
    "Mode",
    "ModuleDict",
    "ModuleList",
    "ModuleStep",
    "Node",
    "OperationStep",
    "Output",
    "Ref",
    "Sequential",
    "Size",
    "State",
    "Step",
    "TensorStep",
    "Transform",
    "children",
    "only_in_training",
    "states",
    "walk",
]

DEFAULT_SIZE = 2
"""At which size a named dimension is checked when nothing says another."""

Mode = Literal["chain", "branch", "zip", "hold", "select"]
Arguments = tuple[tuple[str, object], ...]
Ties = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One entry of a `state_dict`: a parameter, or a buffer."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    is_parameter: bool
    persistent: bool = True


@dataclass(frozen=True, slots=True)
class Size:
    """How large a subtree is: modules, parameter elements, their bytes, and the depth of the tree."""

    modules: int = 1
    parameters: int = 0
    bytes: int = 0
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Ref:
    """A value that a step reads: the name of an input or an earlier step, and the items taken from it (`attn[0]`)."""

    name: str
    items: tuple[int | str, ...] = ()

    def __str__(self) -> str:
        """As a spec writes it."""
        return self.name + "".join(f"[{item}]" for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitRule:
    """One rule of `init:`: which modules it is for, and what fills which of their parameters."""

    match: str
    fills: tuple[tuple[str, str, Arguments], ...]
    by_type: bool
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A layer: a torch.nn class, or a registered one, with its whole argument list."""

    type: str
    arguments: Arguments
    output: Type
    state: tuple[State, ...]
    size: Size
    span: Span
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequential:
    """An `nn.Sequential`; `numbered` when its children have no names of their own."""

    children: tuple[tuple[str, "Node"], ...]
    numbered: bool
    output: Type
    size: Size
    span: Span
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleList:
    """An `nn.ModuleList` and how it is run."""

    children: tuple[tuple[str, "Node"], ...]
    mode: Mode
    output: Type | None
    size: Size
    span: Span
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleDict:
    """An `nn.ModuleDict` and how it is run; `select` is the input that holds the key, or the key itself."""

    children: tuple[tuple[str, "Node"], ...]
    mode: Mode
    select: Ref | str | None
    output: Type | None
    size: Size
    span: Span
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input of a block: its name, what it takes, and the names of the dimensions that may vary (None if fixed).

    Integers in it stay below `max`, when it is given: the size of a vocabulary.
    """

    name: str
    type: Type
    dims: tuple[str | None, ...] = ()
    optional: bool = False
    max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleStep:
    """Registers `node` as a child and, unless it is only held, runs it."""

    name: str
    node: "Node"
    inputs: tuple[Ref, ...] | None
    keywords: tuple[tuple[str, Ref], ...] = ()
    constants: Arguments = ()
    only_train: bool = False
    otherwise: Ref | None = None
    output: Type | None
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorStep:
    """Registers an `nn.Parameter`, or a buffer; its value is the tensor itself.

    A buffer starts as its `value`, or as what the formula `compute` makes of that.
    """

    name: str
    state: State
    init: tuple[str, Arguments] | None
    value: object = None
    compute: str | None = None
    output: Type
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStep:
    """Applies an operation of the table to tensors; `sizes` are the values whose sizes it reads at run time."""

    name: str
    operation: str
    inputs: tuple[Ref | None, ...]
    arguments: Arguments
    sizes: tuple[tuple[str, Ref], ...] = ()
    only_train: bool = False
    otherwise: Ref | None = None
    output: Type
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeStep:
    """Evaluates an expression over values; `refs` says which value each name in `text` stands for."""

    name: str
    text: str
    refs: tuple[tuple[str, Ref], ...]
    only_train: bool = False
    otherwise: Ref | None = None
    output: Type
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStep:
    """Runs a module that is registered already once more; `target` is its path from the block."""

    name: str
    target: tuple[str, ...]
    node: "Node"
    inputs: tuple[Ref, ...]
    keywords: tuple[tuple[str, Ref], ...] = ()
    constants: Arguments = ()
    only_train: bool = False
    otherwise: Ref | None = None
    output: Type | None
    span: Span


Step = ModuleStep | TensorStep | OperationStep | ComputeStep | CallStep
Output = Ref | tuple[Ref, ...] | tuple[tuple[str, Ref], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Named steps wired together: compiled to one class, named `name`, with a generated `forward`.

    `params` are the values it was called with, those that are plain: they name what differs between instances, and are
    no part of what a block is.
    """

    name: str
    doc: str = ""
    params: Arguments = field(default=(), compare=False)
    inputs: tuple[Input, ...]
    steps: tuple[Step, ...]
    returns: Output
    output: Type
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()
    size: Size
    span: Span

    def modules(self) -> Iterator[tuple[str, "Node"]]:
        """The children in the order they are registered."""
        for step in self.steps:
            if isinstance(step, ModuleStep):
                yield step.name, step.node


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """One transform of a pipeline; the argument `transforms` of one that applies others is a tuple of these."""

    type: str
    arguments: Arguments
    span: Span


Container = Sequential | ModuleList | ModuleDict
Node = Leaf | Container | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole model, ready for every writer.

    Attributes:
        name: the class name that `print(model)` shows.
        doc: what the spec says of it.
        inputs: the inputs of `forward`, in order.
        root: the tree.
        init: the rules of the spec's own `init:`, already made concrete, in order.
        tie: pairs of `state_dict` keys; the first becomes the same parameter as the second.
        transforms: the preprocessing of images, each pipeline with its name.
        work: what it took to find its shapes, as `Limits.shape_runs` counts; to run it again is counted on top.
    """

    name: str
    doc: str = ""
    inputs: tuple[Input, ...]
    root: Node
    init: tuple[InitRule, ...] = ()
    tie: Ties = ()
    span: Span
    choices: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    transforms: tuple[tuple[str, tuple[Transform, ...]], ...] = ()
    work: int = field(default=0, compare=False, repr=False)

    @property
    def output(self) -> Type:
        """What `forward` returns."""
        output = self.root.output
        assert output is not None, "a root that nothing runs is refused by the elaborator"
        return output

    @property
    def parameters(self) -> int:
        """The number of parameter elements, tied ones counted once."""
        shapes = {name: state for name, state in self.state() if state.is_parameter}
        tied = {name for name, _ in self.tie}
        return self.root.size.parameters - sum(prod(shapes[name].shape) for name in tied)

    def state(self) -> Iterator[tuple[str, State]]:
        """The entries of the model's `state_dict`, buffers that are not persistent included, each with its key."""
        yield from states(self.root)


def only_in_training(step: Step) -> bool:
    """Whether a step gives a value in training only, and nothing stands in for it in evaluation."""
    return not isinstance(step, TensorStep) and step.only_train and step.otherwise is None


def children(node: Node) -> Iterator[tuple[str, Node]]:
    """The direct children of a node with their names."""
    match node:
        case Leaf():
            return
        case Block():
            yield from node.modules()
        case _:
            yield from node.children


def walk(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Every node of the tree with its module path, in the order of `nn.Module.named_modules`."""
    waiting = [(path, node)]
    while waiting:
        path, node = waiting.pop()
        yield path, node
        below = [(f"{path}.{name}" if path else name, child) for name, child in children(node)]
        waiting.extend(reversed(below))


def states(node: Node, prefix: str = "") -> Iterator[tuple[str, State]]:
    """The entries of a node's `state_dict`, each with its key, in order."""
    if isinstance(node, Leaf):
        for state in node.state:
            yield prefix + state.name, state
        return
    if isinstance(node, Block):
        own = [(prefix + step.name, step.state) for step in node.steps if isinstance(step, TensorStep)]
        yield from sorted(own, key=lambda item: not item[1].is_parameter)
    for name, child in children(node):
        yield from states(child, f"{prefix}{name}.")
