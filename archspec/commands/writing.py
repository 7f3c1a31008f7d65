"""Files that a command writes: in come a compilation and paths, out go the files, each named with its size."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.commands.amounts import memory
from archspec.commands.overview import print_facts

if TYPE_CHECKING:
    from torch import nn

    from archspec.compiler import Compilation

__all__ = ["write_all"]


def write_all(
    compilation: "Compilation",
    model: "Callable[[], nn.Module]",
    outputs: Sequence[Path],
    *,
    force: bool,
    static: Sequence[str] = (),
) -> None:
    """Write a model to each file, in the format that its suffix names, and say so.

    Args:
        compilation: what the model was made of.
        model: gives the module; called only for formats that hold weights.
        outputs: the files.
        force: whether files that exist are written over.
        static: named dimensions that do not vary in what is written.

    Raises:
        ExportError: a format cannot express the model, or the disk refuses; then no file is written.
    """
    from archspec.emit.formats import write_several

    for written in write_several(outputs, compilation.subject(model, static), force=force):
        print_facts([("Wrote", f"{written.path} ({memory(written.bytes)})")])
