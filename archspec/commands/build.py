"""`archspec build`: in comes a spec, out goes its model, run once, shown as a tree, and written to files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from archspec.commands.amounts import listed, memory, short
from archspec.commands.console import console, print_diagnostics, printable, width_of
from archspec.commands.dimensions import describe_input
from archspec.commands.layout import model_table
from archspec.commands.pipelines import describe_pipeline
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler, without_triton
from archspec.errors import Collector, SpecError
from archspec.graph.types import TensorType, describe

if TYPE_CHECKING:
    from torch import nn

    from archspec.compiler import Compilation
    from archspec.elaborate.macs import Macs
    from archspec.weights.checkpoint import Checkpoint

__all__ = ["run"]

HEADING_WIDTH = len("Parameters  ")


def run(  # noqa: PLR0913 - one keyword for each option
    settings: Settings,
    *,
    device: str | None = None,
    dtype: str | None = None,
    seed: int | None = None,
    weights: str | None = None,
    allow_pickle: bool = False,
    outputs: Sequence[Path] = (),
    force: bool = False,
) -> int:
    """Build a model, run it once, print its tree, and write files.

    Args:
        settings: what to build.
        device: where, by PyTorch's name.
        dtype: of the floating-point parameters, by PyTorch's name.
        seed: of the random numbers that the parameters start with.
        weights: what they start with instead: a checkpoint file, or the name of one that the spec publishes.
        allow_pickle: whether files of `torch.save` are read.
        outputs: files to write, each in the format that its suffix names.
        force: whether files that exist are written over.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the spec, or the call, is at fault.
    """
    from archspec.commands.trial import device_of, dtype_of, try_forward
    from archspec.emit.formats import check_target

    for path in outputs:
        check_target(path, force=force)
    target, numbers = device_of(device), dtype_of(dtype)
    compilation = settings.compilation()
    with without_compiler():
        compilation.fixed_dimensions  # noqa: B018 - it elaborates the spec, and runs the graph at other sizes
        macs = _macs(compilation)
    checkpoint = None if weights is None else compilation.checkpoint(weights, allow_pickle=allow_pickle)
    model = compilation.build(device=target, dtype=numbers, seed=seed, weights=checkpoint)
    print_diagnostics(Collector((*compilation.diagnostics, *compilation.lint)).finish())
    with without_compiler():
        trial = try_forward(model, compilation.graph, device=target, dtype=numbers)
    _print_tree(compilation, macs)
    _print_facts([*_facts(compilation, model, macs), *_weights(checkpoint), ("Forward", trial)])
    _write(compilation, model, outputs, force=force)
    return 0


def _macs(compilation: "Compilation") -> "Macs | SpecError":
    """What the model takes, or why it cannot be counted: a registered class may refuse to run while torch counts."""
    try:
        with without_triton():
            return compilation.macs
    except SpecError as error:
        return error


def _print_tree(compilation: "Compilation", macs: "Macs | SpecError") -> None:
    from archspec.emit.table import rows

    screen = console()
    drawn = screen.is_terminal and screen.encoding.startswith("utf")
    counted = {} if isinstance(macs, SpecError) else macs.by_path
    table = rows(compilation.graph, registry=compilation.registry, macs=counted)
    for line in model_table(table, width_of(screen), drawn=drawn):
        screen.print(line)
    screen.print()


def _facts(compilation: "Compilation", model: "nn.Module", macs: "Macs | SpecError") -> Iterator[tuple[str, str]]:
    """What is true of the whole model, each with its heading."""
    graph = compilation.graph
    yield "Parameters", _parameters(model)
    yield "MACs", _multiplied(macs)
    for item in graph.inputs:
        yield "Input", describe_input(item, compilation.fixed_dimensions)
    yield "Output", describe(graph.output)
    width = width_of(console())
    for name, transforms in graph.transforms:
        yield "Transforms", describe_pipeline(name, transforms, None if width is None else width - HEADING_WIDTH)


def _weights(checkpoint: "Checkpoint | None") -> Iterator[tuple[str, str]]:
    """What was loaded, if anything was."""
    if checkpoint is not None:
        yield "Weights", f"{checkpoint.path} ({memory(checkpoint.bytes)})"


def _parameters(model: "nn.Module") -> str:
    """How many parameters there are, how many of them learn, and what memory they and the buffers take."""
    parameters = list(model.parameters())
    total = sum(parameter.numel() for parameter in parameters)
    trainable = sum(parameter.numel() for parameter in parameters if parameter.requires_grad)
    size = sum(tensor.numel() * tensor.element_size() for tensor in (*parameters, *model.buffers()))
    learning = "all trainable" if trainable == total else f"{trainable:,} trainable"
    return f"{total:,} ({learning}), {memory(size)}"


def _multiplied(macs: "Macs | SpecError") -> str:
    """How many multiply-accumulates a forward takes, and with what inputs."""
    if isinstance(macs, SpecError):
        return f"not counted: {macs.diagnostics[0].message}"
    total = f"{macs.total:,}" if short(macs.total) == str(macs.total) else f"{macs.total:,} ({short(macs.total)})"
    given = [f"{name} {describe(kind)}" for name, kind in macs.inputs.items() if isinstance(kind, TensorType)]
    return f"{total} at {listed(given)}"


def _print_facts(facts: Sequence[tuple[str, str]]) -> None:
    screen = console()
    for name, text in facts:
        line = Text(f"{name:<{HEADING_WIDTH}}", "bold")
        screen.print(line.append(printable(text).replace("\n", f"\n{'':{HEADING_WIDTH}}"), "default"))


def _write(compilation: "Compilation", model: "nn.Module", outputs: Sequence[Path], *, force: bool) -> None:
    from archspec.emit.formats import Subject, write

    subject = Subject(graph=compilation.graph, model=lambda: model, registry=compilation.registry)
    for path in outputs:
        written = write(path, subject, force=force)
        _print_facts([("Wrote", f"{written.path} ({memory(written.bytes)})")])
