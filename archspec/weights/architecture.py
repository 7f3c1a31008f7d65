"""Whether weights are those of an architecture: in come a checkpoint and a graph, out goes nothing or the difference.

Another function may have the same keys and shapes, as ReLU and GELU have. So files of archspec hold a fingerprint.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry
from archspec.diagnostic import escape, quote
from archspec.emit.description import FINGERPRINT, SPEC
from archspec.emit.difference import compare
from archspec.emit.difference_text import described
from archspec.emit.fingerprint import VERSION, fingerprint
from archspec.errors import ArchspecError, WeightsError
from archspec.graph.graph import Graph

if TYPE_CHECKING:
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["check_architecture"]

SHOWN_LINES = 20


def check_architecture(
    checkpoint: "Checkpoint", graph: Graph, *, registry: Registry, read: Callable[[str], Graph]
) -> None:
    """Refuse the weights of another architecture, where the file says of which they are.

    A checkpoint whose keys are renamed is known to be of another, and is let pass.

    Args:
        checkpoint: the weights, whose keys and shapes fit.
        graph: the model that they are for.
        registry: where its layers and operations are looked up.
        read: compiles the text of a spec, which may be a stranger's.

    Raises:
        WeightsError: they are of another; the text lists what differs.
    """
    stored = checkpoint.description.get(FINGERPRINT, "")
    if checkpoint.rename or checkpoint.key_map or not stored.startswith(f"{VERSION}:"):
        return
    if stored != fingerprint(graph, registry):
        raise WeightsError(
            f"{quote(str(checkpoint.path))} holds the weights of another architecture, whose keys and shapes are the"
            f" same\n{_difference(checkpoint, graph, registry, read)}\n"
            "if that is meant, load them with --ignore-fingerprint, or ignore_fingerprint=True"
        )


def _difference(checkpoint: "Checkpoint", graph: Graph, registry: Registry, read: Callable[[str], Graph]) -> str:
    """What differs, as far as the file says what it was written of."""
    text = checkpoint.description.get(SPEC)
    if text is None:
        return "the file does not say which"
    try:
        stored = read(text)
    except ArchspecError:
        return "which cannot be said, for the spec in the file does not compile here"
    lines = [escape(line) for line in described(compare(stored, graph, registry))]
    if not lines:  # the spec in the file is not the one that the fingerprint was made of
        return "which cannot be said, for the file contradicts itself"
    more = [f"  … and {len(lines) - SHOWN_LINES:,} more"] if len(lines) > SHOWN_LINES else []
    return "\n".join([*(f"  {line}" for line in lines[:SHOWN_LINES]), *more])
