"""What JSON says of a model: in come a compilation and its rows, out go records with the same keys in every verb."""

from typing import TYPE_CHECKING, Any

from archspec.errors import SpecError

if TYPE_CHECKING:
    from archspec.compiler import Compilation
    from archspec.elaborate.macs import Macs
    from archspec.emit.table import Row

__all__ = ["model_record", "row_record"]


def model_record(compilation: "Compilation", macs: "Macs | SpecError") -> dict[str, Any]:
    """What is said of a whole model; `macs` is null where they could not be counted."""
    from archspec.emit.fingerprint import fingerprint

    return {
        "name": compilation.graph.name,
        "fingerprint": fingerprint(compilation.graph, compilation.registry),
        "parameters": compilation.graph.parameters,
        "macs": None if isinstance(macs, SpecError) else macs.total,
    }


def row_record(row: "Row") -> dict[str, Any]:
    """What is said of a node, wherever it stands."""
    return {"path": row.path, "type": row.type, "arguments": row.detail, "parameters": row.parameters}
