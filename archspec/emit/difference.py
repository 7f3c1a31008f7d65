"""Differences of architectures: in come two graphs, out goes what was added, removed, changed and moved.

Modules are matched by their paths. Of those that are left, subtrees with the same fingerprint are one that moved.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from archspec.catalog.registry import Registry, default_registry
from archspec.emit.fingerprint import fingerprint, node_fingerprint, own_fingerprint
from archspec.emit.table import Row, rows
from archspec.graph.graph import Block, Graph, Leaf, Node, states, walk
from archspec.graph.types import TensorType, describe

__all__ = ["Change", "Difference", "Keys", "Move", "compare", "compare_keys", "state_shapes"]

WIRING = "wiring"

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A node that both have and that is not the same: its path, and what it is in each."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A module that is in both under another path, everything below it included."""

    old: str
    new: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """How two `state_dict`s differ.

    Attributes:
        removed: keys that only the first has, with their shapes.
        added: keys that only the second has.
        reshaped: keys of both, with the shapes that they have in the first and in the second.
    """

    removed: Shapes
    added: Shapes
    reshaped: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]]

    def __bool__(self) -> bool:
        """Whether they differ at all."""
        return bool(self.removed or self.added or self.reshaped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is not the same in two architectures.

    Attributes:
        equal: whether they have one fingerprint: then nothing else is listed.
        removed: nodes that only the first has; of a subtree its root alone.
        added: nodes that only the second has.
        changed: nodes at one path that are not the same.
        moved: modules with weights that stand elsewhere.
        keys: how the `state_dict`s differ.
        key_map: the keys below what moved, each with its new name.
    """

    equal: bool
    removed: tuple[Row, ...]
    added: tuple[Row, ...]
    changed: tuple[Change, ...]
    moved: tuple[Move, ...]
    keys: Keys
    key_map: Mapping[str, str]


def compare(old: Graph, new: Graph, registry: Registry | None = None) -> Difference:
    """How `new` differs from `old`.

    Args:
        old: the first model.
        new: the second.
        registry: where the defaults of their layers and operations are looked up.
    """
    known = registry or default_registry()
    equal = fingerprint(old, known) == fingerprint(new, known)
    before, after = _Side(old, known), _Side(new, known)
    moved = [] if equal else list(_moves(before, after, known))
    gone = [move.old for move in moved]
    come = [move.new for move in moved]
    return Difference(
        equal=equal,
        removed=() if equal else tuple(_only(before, after, gone)),
        added=() if equal else tuple(_only(after, before, come)),
        changed=() if equal else tuple(_changes(before, after, known)),
        moved=tuple(moved),
        keys=compare_keys(state_shapes(old), state_shapes(new)),
        key_map=_key_map(before.nodes, moved),
    )


class _Side:
    """One of the two, with its nodes and the rows of its table by path."""

    def __init__(self, graph: Graph, registry: Registry) -> None:
        self.graph = graph
        self.nodes = dict(walk(graph.root))
        self.rows = {row.path: row for row in rows(graph, registry=registry)}


def state_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    """The keys of a model's `state_dict` with their shapes."""
    return {name: state.shape for name, state in graph.state() if state.persistent}


def compare_keys(old: Shapes, new: Shapes) -> Keys:
    """How the keys and shapes of two `state_dict`s differ."""
    return Keys(
        removed={key: shape for key, shape in old.items() if key not in new},
        added={key: shape for key, shape in new.items() if key not in old},
        reshaped={key: (shape, new[key]) for key, shape in old.items() if key in new and new[key] != shape},
    )


def _moves(before: _Side, after: _Side, registry: Registry) -> Iterator[Move]:
    """Subtrees that only the first has, each with one that only the second has and that is the same."""
    free: dict[str, list[str]] = {}
    for path, node in after.nodes.items():
        if path not in before.nodes and any(states(node)):
            free.setdefault(node_fingerprint(node, registry), []).append(path)
    taken: list[str] = []
    given: list[str] = []
    for path, node in before.nodes.items():
        if path in after.nodes or _within(path, given) or not any(states(node)):
            continue
        same = free.get(node_fingerprint(node, registry), [])
        found = next((other for other in same if not _within(other, taken)), None)
        if found is not None:
            given.append(path)
            taken.append(found)
            yield Move(old=path, new=found, type=before.rows[path].type)


def _within(path: str, roots: Iterable[str]) -> bool:
    """Whether a path is one of some, or below one."""
    return any(path == root or path.startswith(f"{root}.") for root in roots)


def _only(side: _Side, other: _Side, moved: list[str]) -> Iterator[Row]:
    """The rows of what one side has alone, without what is below another of them, or moved."""
    last = None
    for path, row in side.rows.items():
        if path in other.rows or _within(path, moved) or (last is not None and path.startswith(f"{last}.")):
            continue
        inside = [root for root in moved if root.startswith(f"{path}.")]
        if not inside:  # what moved out of a subtree is no part of what went with it
            last = path
        yield row


def _changes(before: _Side, after: _Side, registry: Registry) -> Iterator[Change]:
    yield from _changed_inputs(before.graph, after.graph)
    pairs = {
        path: (_described(row), _described(after.rows[path])) for path, row in before.rows.items() if path in after.rows
    }
    differing = {path: Change(path=path, old=old, new=new) for path, (old, new) in pairs.items() if old != new}
    parents = {path.rpartition(".")[0] for path in differing if path}
    yield from differing.values()
    for path in before.nodes:
        same = path in after.nodes and path not in differing and path not in parents
        if same and _rewired(before.nodes[path], after.nodes[path], registry):
            yield Change(path=path, old=WIRING, new=WIRING)
    if before.graph.tie != after.graph.tie:
        yield Change(path="tie", old=_ties(before.graph), new=_ties(after.graph))


def _described(row: Row) -> str:
    """A node as the table shows it; what a block is called does not count."""
    kind = row.kind if row.kind == "block" else row.type
    return f"{kind}({row.detail}){' in training only' if row.only_train else ''}" if row.detail else kind


def _rewired(old: Node, new: Node, registry: Registry) -> bool:
    """Whether two blocks with the same modules connect them in another way, or two layers differ in their tensors."""
    if isinstance(old, Block) != isinstance(new, Block) or isinstance(old, Leaf) != isinstance(new, Leaf):
        return False
    if isinstance(old, Block) and isinstance(new, Block):
        names = [[step.name for step in block.steps] for block in (old, new)]
        return names[0] == names[1] and own_fingerprint(old, registry) != own_fingerprint(new, registry)
    return isinstance(old, Leaf) and own_fingerprint(old, registry) != own_fingerprint(new, registry)


def _changed_inputs(old: Graph, new: Graph) -> Iterator[Change]:
    """The inputs that are called in another way; their named sizes are those of a check, and do not count."""
    pairs = zip(old.inputs, new.inputs, strict=False)
    for first, second in pairs:
        one, other = _input(first.type), _input(second.type)
        if (one, first.optional) != (other, second.optional):
            yield Change(path=first.name, old=f"input {one}", new=f"input {other}")
    if len(old.inputs) != len(new.inputs):
        counts = [f"{len(graph.inputs)} inputs" for graph in (old, new)]
        yield Change(path="", old=counts[0], new=counts[1])


def _input(kind: object) -> str:
    return kind.dtype if isinstance(kind, TensorType) else describe(kind)  # type: ignore[arg-type] # a type of a graph


def _ties(graph: Graph) -> str:
    return ", ".join(f"{name}: {other}" for name, other in graph.tie) or "none"


def _key_map(nodes: Mapping[str, Node], moved: Iterable[Move]) -> dict[str, str]:
    return {
        f"{move.old}.{key}": f"{move.new}.{key}"
        for move in moved
        for key, state in states(nodes[move.old])
        if state.persistent
    }
