"""`archspec build`: in comes a spec, out goes its model, run once, shown as a tree, and written to files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.commands.amounts import memory
from archspec.commands.console import print_diagnostics
from archspec.commands.overview import count_macs, facts, print_facts, print_tree
from archspec.commands.settings import Settings
from archspec.commands.standin import without_compiler
from archspec.commands.starting import read_weights
from archspec.commands.writing import write_all

if TYPE_CHECKING:
    from torch import nn

    from archspec.weights.checkpoint import Checkpoint

__all__ = ["run"]


def run(  # noqa: PLR0913 - one keyword for each option
    settings: Settings,
    *,
    device: str | None = None,
    dtype: str | None = None,
    seed: int | None = None,
    weights: str | None = None,
    allow_pickle: bool = False,
    key_map: Path | None = None,
    ignore_fingerprint: bool = False,
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
        key_map: a JSON file of the checkpoint's keys with those that they have in the model.
        ignore_fingerprint: whether weights of another architecture are taken.
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
        macs = count_macs(compilation)
    checkpoint = read_weights(compilation, weights, allow_pickle=allow_pickle, key_map=key_map)
    model = compilation.build(
        device=target, dtype=numbers, seed=seed, weights=checkpoint, ignore_fingerprint=ignore_fingerprint
    )
    print_diagnostics(compilation.check())
    with without_compiler():
        trial = try_forward(model, compilation.graph, device=target, dtype=numbers)
    print_tree(compilation, macs)
    said = facts(compilation, macs, parameters=_parameters(model))
    print_facts([*said, *_weights(checkpoint), ("Forward", trial)])
    write_all(compilation, lambda: model, outputs, force=force)
    return 0


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
