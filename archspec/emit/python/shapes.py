"""Shapes in comments: in comes a type, out goes `[N, 64, 56, 56]`."""

from archspec.graph.graph import Graph
from archspec.graph.types import TensorType, Type

__all__ = ["Shapes"]


class Shapes:
    """Describes the shapes of one model, whose first dimension may have a name."""

    def __init__(self, graph: Graph) -> None:
        """Look at the first input."""
        first = next(iter(graph.inputs), None)
        shaped = first is not None and isinstance(first.type, TensorType) and bool(first.dims) and first.dims[0]
        self._batch = first.dims[0] if first is not None and shaped else None
        self._size = first.type.shape[0] if first is not None and isinstance(first.type, TensorType) and shaped else 0

    def describe(self, kind: Type | None) -> str:
        """A shape, if it begins with the batch; nothing for other types."""
        if not isinstance(kind, TensorType) or len(kind.shape) < 2 or self._batch is None:  # noqa: PLR2004 - a batch of something
            return ""
        if kind.shape[0] != self._size:
            return ""
        return f"[{', '.join([self._batch, *map(str, kind.shape[1:])])}]"
