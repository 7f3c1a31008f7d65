"""`archspec show`: in comes a spec, out goes the tree of its model with shapes and sizes; nothing is allocated."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from archspec.commands.amounts import memory
from archspec.commands.console import print_diagnostics, print_document
from archspec.commands.overview import count_macs, counted_rows, facts, print_facts, print_tree
from archspec.commands.records import model_record, row_record
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler
from archspec.graph.types import TensorType, describe

if TYPE_CHECKING:
    from archspec.compiler import Compilation
    from archspec.elaborate.macs import Macs
    from archspec.errors import SpecError
    from archspec.graph.graph import Input

__all__ = ["run"]

JSON_VERSION = 1


def run(settings: Settings, *, form: Literal["text", "json"] = "text") -> int:
    """Print the tree of a model and what is true of the whole of it, as `build` does, without building it.

    Args:
        settings: what to show.
        form: `text` for people, or `json`: `{version, name, fingerprint, parameters, macs, buffers, modules, bytes,
            inputs, output, nodes}`.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the spec, or the call, is at fault.
    """
    compilation = settings.compilation()
    with without_compiler():
        compilation.fixed_dimensions  # noqa: B018 - it elaborates the spec, and runs the graph at other sizes
        macs = count_macs(compilation)
    print_diagnostics(compilation.diagnostics)
    if form == "json":
        print_document(json.dumps(_document(compilation, macs), indent=2) + "\n")
    else:
        _print(compilation, macs)
    return 0


def _print(compilation: "Compilation", macs: "Macs | SpecError") -> None:
    from archspec.emit.fingerprint import fingerprint
    from archspec.emit.table import totals

    print_tree(compilation, macs)
    size = totals(compilation.graph)
    said = facts(compilation, macs, parameters=f"{size.parameters:,}, {memory(size.bytes)}")
    print_facts([*said, ("Fingerprint", fingerprint(compilation.graph, compilation.registry))])


def _document(compilation: "Compilation", macs: "Macs | SpecError") -> dict[str, Any]:
    from archspec.emit.table import totals

    size = totals(compilation.graph)
    return {
        "version": JSON_VERSION,
        **model_record(compilation, macs),
        "buffers": size.buffers,
        "modules": size.modules,
        "bytes": size.bytes,
        "inputs": {item.name: _input(item, compilation) for item in compilation.graph.inputs},
        "output": describe(compilation.graph.output),
        "nodes": [*_nodes(compilation, macs)],
    }


def _input(item: "Input", compilation: "Compilation") -> dict[str, Any]:
    """What an input takes: null for the shape of what is no tensor, and for a dimension without a name."""
    fixed = compilation.fixed_dimensions
    tensor = item.type if isinstance(item.type, TensorType) else None
    return {
        "shape": None if tensor is None else list(tensor.shape),
        "dtype": None if tensor is None else tensor.dtype,
        "dimensions": list(item.dims),
        "varies": [name for name in dict.fromkeys(item.dims) if name is not None and name not in fixed],
        "optional": item.optional,
    }


def _nodes(compilation: "Compilation", macs: "Macs | SpecError") -> Iterator[dict[str, Any]]:
    """Every node in the order of the tree, the model itself first."""
    for row in counted_rows(compilation, macs):
        yield {
            **row_record(row),
            "macs": row.macs,
            "output": row.output,
            "kind": row.kind,
            "shared": row.shared,
            "only_train": row.only_train,
        }
