"""`archspec show`: in comes a spec, out goes the tree of its model with shapes and sizes; nothing is allocated."""

from typing import TYPE_CHECKING

from archspec.commands.amounts import memory
from archspec.commands.console import print_diagnostics
from archspec.commands.overview import count_macs, facts, print_facts, print_tree
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler

if TYPE_CHECKING:
    from archspec.graph.graph import Graph

__all__ = ["run"]


def run(settings: Settings) -> int:
    """Print the tree of a model and what is true of the whole of it, as `build` does, without building it.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the spec, or the call, is at fault.
    """
    from archspec.emit.fingerprint import fingerprint

    compilation = settings.compilation()
    with without_compiler():
        compilation.fixed_dimensions  # noqa: B018 - it elaborates the spec, and runs the graph at other sizes
        macs = count_macs(compilation)
    print_diagnostics(compilation.diagnostics)
    print_tree(compilation, macs)
    said = facts(compilation, macs, parameters=_parameters(compilation.graph))
    print_facts([*said, ("Fingerprint", fingerprint(compilation.graph, compilation.registry))])
    return 0


def _parameters(graph: "Graph") -> str:
    """How many parameters there are, and what memory they and the buffers take."""
    from archspec.emit.table import totals

    size = totals(graph)
    return f"{size.parameters:,}, {memory(size.bytes)}"
