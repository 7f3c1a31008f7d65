"""What a file says of the model in it: in comes a graph, out go its fingerprint and its concrete spec, as text."""

from archspec._version import __version__
from archspec.catalog.registry import Registry
from archspec.emit.fingerprint import fingerprint
from archspec.emit.spec import emit_spec
from archspec.graph.graph import Graph
from archspec.limits import DEFAULT_LIMITS

__all__ = ["FINGERPRINT", "SPEC", "describe_model"]

FINGERPRINT = "archspec.fingerprint"
SPEC = "archspec.spec"


def describe_model(graph: Graph, registry: Registry) -> dict[str, str]:
    """The metadata of a file that holds a model.

    The concrete spec is there to say how another model differs; one that is too long to be compiled is left out.

    Args:
        graph: the model.
        registry: where its layers and operations are looked up.
    """
    said = {
        "archspec": __version__,
        "name": graph.name,
        FINGERPRINT: fingerprint(graph, registry),
    }
    text = emit_spec(graph, registry=registry)
    return said | {SPEC: text} if len(text.encode()) <= DEFAULT_LIMITS.file_bytes else said
