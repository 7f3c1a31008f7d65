"""What one elaboration carries along: its tools, its budgets, and where it is, for every fault to say."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, Note
from archspec.elaborate.evaluate import Budget
from archspec.elaborate.inputs import Inputs
from archspec.errors import Collector, Fault, LimitFault
from archspec.fix import Fix
from archspec.graph.graph import Node, Size, children
from archspec.graph.types import Type, describe, tensors
from archspec.limits import Limits
from archspec.source import Span
from archspec.spec.node import Arguments

if TYPE_CHECKING:
    from archspec.elaborate.scope import Scope
    from archspec.elaborate.shapes import Shapes
    from archspec.spec.node import Node as Written
    from archspec.spec.patch import Patches

__all__ = ["Context", "NodeFunction"]

TRAIL = 6
REMEMBERED = 64


def _is_one_of(path: str, sources: tuple[str, ...]) -> bool:
    names = [source.partition("[")[0] for source in sources]
    return any(path == name or path.endswith(f".{name}") for name in names)


class _At:
    """A child on the path to the node at hand; a class, since every node is entered and `contextmanager` is slower."""

    __slots__ = ("_name", "_path")

    def __init__(self, path: list[str], name: str) -> None:
        self._path, self._name = path, name

    def __enter__(self) -> None:
        self._path.append(self._name)

    def __exit__(self, *_: object) -> None:
        self._path.pop()


NodeFunction = Callable[["Written", "Scope", Inputs | None, "Patches"], Node]


@dataclass(slots=True, kw_only=True)
class Context:
    """One elaboration.

    Attributes:
        node: elaborates any node; the rooms of this package call each other through it.
        selection: the key that each run-time string has in this elaboration.
        choices: the keys that each run-time string can have, as found so far.
        path: the names from the root to the node at hand.
        frames: the block calls, loop steps and files that lead to the node at hand.
        trail: the last values computed, with their paths.
        calls: the block calls that are being elaborated, each with the name of its block.
        by_name: the children of the nodes that were looked into, by the identity of the node, which is kept with them.
        given: the arguments that `$norm: {…}` was given as written, by the identities of the node and of what its param
            held, which are kept with them.
        worked: what each formula of a buffer works out, as `Limits.buffer_work` counts.
        steps: the nodes so far, as `Limits.expansion_steps` counts.
        buffer_work: what all formulas of buffers so far work out.
        aside: whether what runs is only checked: a forward in evaluation with these inputs does not run it.
        loops: how many loops the node at hand stands in.
        ran: what blocks gave for which inputs when a finished graph was run again, by the identity of the block; None
            where each run counts.
        told: the disagreements of layers with their inputs that were told already.
    """

    registry: Registry
    limits: Limits
    collector: Collector
    shapes: "Shapes"
    budget: Budget
    node: NodeFunction
    selection: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    frames: list[Note] = field(default_factory=list)
    trail: deque[tuple[str, Type]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    blocks: dict[object, Node] = field(default_factory=dict)
    calls: dict[object, str] = field(default_factory=dict)
    by_name: dict[int, tuple[Node, Mapping[str, Node]]] = field(default_factory=dict)
    given: dict[tuple[int, int], tuple[object, object, Arguments]] = field(default_factory=dict)
    worked: dict[object, int] = field(default_factory=dict)
    steps: int = 0
    buffer_work: int = 0
    aside: bool = False
    loops: int = 0
    ran: dict[tuple[int, Inputs], Type] | None = None
    told: set[tuple[object, object]] = field(default_factory=set)

    def step(self, span: Span, count: int = 1) -> None:
        """Count expanded nodes, before the next one is made.

        Raises:
            LimitFault: there are too many, or too many that are unlike all others.
        """
        self.steps += count
        if self.steps > self.limits.expansion_steps:
            self.limits.check("expansion_steps", self.steps, span, "nodes after expanding loops and blocks", self.where)
        if self.shapes.work > self.limits.shape_runs:
            what = "layers and operations to run for their shapes, each unlike all others"
            self.limits.check("shape_runs", self.shapes.work, span, what, self.where)

    @property
    def where(self) -> str:
        """The module path of the node at hand."""
        return ".".join(self.path)

    def name(self) -> str:
        """The path of the node at hand, as an error calls it."""
        return f"`{self.where}`" if self.path else "the model"

    def children(self, node: Node) -> Mapping[str, Node]:
        """The children of a concrete node by name, collected once however many calls look into it."""
        if id(node) not in self.by_name:
            self.by_name[id(node)] = node, dict(children(node))
        return self.by_name[id(node)][1]

    def child(self, name: str) -> str:
        """The path of a child of the node at hand."""
        return ".".join([*self.path, name])

    def fault(  # noqa: PLR0913 - the parts of a diagnostic
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        trail: tuple[str, ...] | None = None,
        notes: tuple[Note, ...] = (),
        found: str = "",
        expected: str = "",
        hint: str = "",
        fix: Fix | None = None,
    ) -> Fault:
        """A fault at the node at hand, with the way that led there; `trail` names the inputs whose shapes are told."""
        notes = (*notes, *(() if trail is None else self._shapes(trail)), *self.chain())
        return Fault(
            Diagnostic(
                code=code,
                message=message,
                span=span,
                path=self.where,
                found=found,
                expected=expected,
                hint=hint,
                notes=notes,
                fix=fix,
            )
        )

    def warn(self, code: str, message: str, span: Span | None, *, hint: str = "", fix: Fix | None = None) -> None:
        """Collect a warning."""
        self.collector.add(Diagnostic(code=code, message=message, span=span, path=self.where, hint=hint, fix=fix))

    def collect(self, fault: Fault) -> None:
        """Collect a fault, telling the way that led there if it does not yet.

        Raises:
            LimitFault: it is a limit, which ends the stage.
        """
        diagnostic = fault.diagnostic
        if not diagnostic.path:
            chain = [note for note in self.chain() if note not in diagnostic.notes]
            diagnostic = replace(diagnostic, path=self.where, notes=(*diagnostic.notes, *chain))
        self.collector.add(diagnostic)
        if isinstance(fault, LimitFault):
            raise LimitFault(diagnostic)

    def chain(self) -> tuple[Note, ...]:
        """The calls and loop steps that lead to the node at hand, the nearest first."""
        return tuple(reversed(self.frames))

    def _shapes(self, sources: tuple[str, ...]) -> tuple[Note, ...]:
        """The last values computed before the inputs `sources`, and these themselves."""
        known = list(self.trail)
        ends = [index for index, (path, _) in enumerate(known) if _is_one_of(path, sources)]
        outside = ".".join(self.path[:-1])
        if ends:
            known = known[: ends[-1] + 1]
        else:  # they are inputs of the block at hand: what comes from within it is beside the way
            known = [item for item in known if outside and not f"{item[0]}.".startswith(f"{outside}.")]
        known = known[-TRAIL:]
        if not known:
            return ()
        width = max(len(path) for path, _ in known)
        lines = [f"{path:<{width}}  {describe(kind)}" for path, kind in known]
        return (Note(message="\n".join(["the shapes along the way:", *lines])),)

    def at(self, name: str) -> AbstractContextManager[None]:
        """At the child `name` of the node at hand."""
        return _At(self.path, name)

    def set_aside(self, aside: bool) -> AbstractContextManager[None]:  # noqa: FBT001 - the one thing that it says
        """Within what is only checked, where that is so."""
        return self._aside() if aside else nullcontext()

    @contextmanager
    def _aside(self) -> Iterator[None]:
        before, self.aside = self.aside, True
        try:
            yield
        finally:
            self.aside = before

    @contextmanager
    def beside(self, name: str) -> Iterator[None]:
        """At the sibling `name` of the node at hand."""
        here, self.path[-1] = self.path[-1], name
        try:
            yield
        finally:
            self.path[-1] = here

    @contextmanager
    def active(self, key: object, name: str, span: Span) -> Iterator[None]:
        """Within the call `key` of the block `name`; calls of other blocks may stand in it, itself may not.

        Raises:
            Fault: E0702, it would call itself without end.
        """
        if key in self.calls:
            names = list(self.calls.values())
            circle = " → ".join([*names[list(self.calls).index(key) :], name])
            message = f"block `{name}` calls itself without end: {circle}"
            hint = "a `when` that becomes false ends such a circle"
            raise Fault(Diagnostic(code="E0702", message=message, span=span, path=self.where, hint=hint))
        self.calls[key] = name
        try:
            yield
        finally:
            del self.calls[key]

    @contextmanager
    def inside(self, frame: Note) -> Iterator[None]:
        """Within a block call, a loop step or a used file."""
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frames.pop()

    @contextmanager
    def in_loop(self) -> Iterator[None]:
        """Within a step of a loop: what is written there stands for several nodes."""
        self.loops += 1
        try:
            yield
        finally:
            self.loops -= 1

    def check_type(self, kind: Type, span: Span) -> None:
        """Let a value pass whose tensors keep the limits.

        Raises:
            LimitFault: a tensor has too many dimensions, too large a one, or takes too much memory.
        """
        limits = self.limits
        for tensor in tensors(kind):
            rank, largest, size = len(tensor.shape), max(tensor.shape, default=0), tensor.bytes
            if rank > limits.tensor_rank or largest > limits.dimension or size > limits.activation_bytes:
                shown, where = describe(tensor), self.where
                limits.check("tensor_rank", rank, span, f"dimensions of {shown}", where)
                limits.check("dimension", largest, span, f"largest dimension of {shown}", where)
                limits.check("activation_bytes", size, span, f"bytes of {shown}", where)

    def total(self, nodes: list[Node], span: Span, extra: Size = Size(0, 0, 0, 0)) -> Size:  # noqa: B008 - frozen
        """The size of a node with these children.

        Raises:
            LimitFault: the model gets too large or too deep.
        """
        size = Size(
            1 + extra.modules + sum(node.size.modules for node in nodes),
            extra.parameters + sum(node.size.parameters for node in nodes),
            extra.bytes + sum(node.size.bytes for node in nodes),
            1 + max((node.size.depth for node in nodes), default=0),
        )
        limits = self.limits
        if size.modules > limits.modules:
            limits.check("modules", size.modules, span, "modules", self.where)
        if size.depth > limits.module_depth:
            limits.check("module_depth", size.depth, span, "modules inside modules", self.where)
        if size.bytes > limits.meta_parameter_bytes:
            limits.check("meta_parameter_bytes", size.bytes, span, "bytes of parameters", self.where)
        return size
