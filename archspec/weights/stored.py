"""What a checkpoint holds: in come one and a graph, out go its keys and shapes as the model would have them."""

from typing import TYPE_CHECKING

from archspec.graph.graph import Graph

if TYPE_CHECKING:
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["stored_shapes"]

COUNTER = ".num_batches_tracked"


def stored_shapes(checkpoint: "Checkpoint", graph: Graph) -> dict[str, tuple[int, ...]]:
    """The keys of a checkpoint with their shapes, and with those that it may leave out, as `fill` has it.

    Of names that are one parameter (`tie`) one is enough, and what counts the batches of a batch norm may be missing.
    """
    shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    for name, state in graph.state():
        if name.endswith(COUNTER) and state.persistent:
            shapes.setdefault(name, state.shape)
    for name, other in graph.tie:
        for missing, present in ((name, other), (other, name)):
            if present in shapes:
                shapes.setdefault(missing, shapes[present])
    return shapes
