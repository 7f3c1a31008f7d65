"""`archspec expand`: in comes a spec, out goes the same model without params, loops and blocks, as YAML."""

from archspec.commands.console import print_diagnostics, print_document
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler

__all__ = ["run"]


def run(settings: Settings) -> int:
    """Print a spec as what it expands to: every argument a number, every name final. It builds to the same model.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the spec, or the call, is at fault.
    """
    from archspec.emit.spec import emit_spec

    compilation = settings.compilation()
    with without_compiler():
        graph = compilation.graph
    text = emit_spec(graph, registry=compilation.registry)
    print_diagnostics(compilation.diagnostics)
    print_document(text)
    return 0
