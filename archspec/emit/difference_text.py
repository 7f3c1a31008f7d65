"""A difference in words: in comes a `Difference`, out go its lines, one for each thing that is not the same."""

from collections.abc import Iterator

from archspec.emit.difference import WIRING, Change, Difference, Keys, Move
from archspec.emit.table import Row

__all__ = ["described", "described_keys"]

REMOVED, ADDED, CHANGED, MOVED = "-+~>"


def described(difference: Difference) -> Iterator[str]:
    """The nodes that differ: `-` is in the first alone, `+` in the second, `~` in both, `>` moved."""
    for row in difference.removed:
        yield f"{REMOVED} {_node(row)}"
    for row in difference.added:
        yield f"{ADDED} {_node(row)}"
    for change in difference.changed:
        yield f"{CHANGED} {_change(change)}"
    for move in difference.moved:
        yield f"{MOVED} {_move(move)}"


def described_keys(keys: Keys) -> Iterator[str]:
    """The keys that differ, with their shapes."""
    for key, shape in keys.removed.items():
        yield f"{REMOVED} {key}: {_shape(shape)}"
    for key, shape in keys.added.items():
        yield f"{ADDED} {key}: {_shape(shape)}"
    for key, (old, new) in keys.reshaped.items():
        yield f"{CHANGED} {key}: {_shape(old)} -> {_shape(new)}"


def _node(row: Row) -> str:
    said = f"{row.type}({row.detail})" if row.detail else row.type
    parameters = f", {row.parameters:,} parameters" if row.parameters else ""
    return f"{row.path}: {said}{parameters}"


def _change(change: Change) -> str:
    path = change.path or "the model"
    if change.new == WIRING:
        return f"{path}: its nodes are wired in another way"
    return f"{path}: {change.old} -> {change.new}"


def _move(move: Move) -> str:
    return f"{move.old} -> {move.new}: {move.type}"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single number"
