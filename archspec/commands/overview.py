"""What is said of a whole model: in comes a compilation, out go its tree and its facts, line by line, on stdout."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from archspec.commands.amounts import listed, short
from archspec.commands.console import console, printable, width_of
from archspec.commands.dimensions import describe_input
from archspec.commands.layout import model_table
from archspec.commands.pipelines import describe_pipeline
from archspec.commands.standin import without_triton
from archspec.errors import SpecError
from archspec.graph.types import TensorType, describe

if TYPE_CHECKING:
    from archspec.compiler import Compilation
    from archspec.elaborate.macs import Macs
    from archspec.emit.table import Row

__all__ = ["count_macs", "counted_rows", "facts", "print_facts", "print_tree"]

HEADING_WIDTH = len("Parameters  ")


def count_macs(compilation: "Compilation") -> "Macs | SpecError":
    """What the model takes, or why it cannot be counted: a registered class may refuse to run while torch counts."""
    try:
        with without_triton():
            return compilation.macs
    except SpecError as error:
        return error


def counted_rows(compilation: "Compilation", macs: "Macs | SpecError") -> "list[Row]":
    """The nodes of a model with what each takes; 0 multiply-accumulates where they could not be counted."""
    from archspec.emit.table import rows

    counted = {} if isinstance(macs, SpecError) else macs.by_path
    return rows(compilation.graph, registry=compilation.registry, macs=counted)


def print_tree(compilation: "Compilation", macs: "Macs | SpecError") -> None:
    """Print the tree of a model, a line a node, and an empty line."""
    screen = console()
    drawn = screen.is_terminal and screen.encoding.startswith("utf")
    for line in model_table(counted_rows(compilation, macs), width_of(screen), drawn=drawn):
        screen.print(line)
    screen.print()


def facts(compilation: "Compilation", macs: "Macs | SpecError", *, parameters: str) -> Iterator[tuple[str, str]]:
    """What is true of the whole model, each with its heading."""
    graph = compilation.graph
    yield "Parameters", parameters
    yield "MACs", _multiplied(macs)
    for item in graph.inputs:
        yield "Input", describe_input(item, compilation.fixed_dimensions)
    yield "Output", describe(graph.output)
    width = width_of(console())
    for name, transforms in graph.transforms:
        yield "Transforms", describe_pipeline(name, transforms, None if width is None else width - HEADING_WIDTH)


def _multiplied(macs: "Macs | SpecError") -> str:
    """How many multiply-accumulates a forward takes, and with what inputs."""
    if isinstance(macs, SpecError):
        return f"not counted: {macs.diagnostics[0].message}"
    total = f"{macs.total:,}" if short(macs.total) == str(macs.total) else f"{macs.total:,} ({short(macs.total)})"
    given = [f"{name} {describe(kind)}" for name, kind in macs.inputs.items() if isinstance(kind, TensorType)]
    return f"{total} at {listed(given)}"


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print what there is to say, each with its heading."""
    screen = console()
    for name, text in facts:
        line = Text(f"{name:<{HEADING_WIDTH}}", "bold")
        screen.print(line.append(printable(text).replace("\n", f"\n{'':{HEADING_WIDTH}}"), "default"))
