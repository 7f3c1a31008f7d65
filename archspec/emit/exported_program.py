"""Writes an exported program: in come a graph and its module, out goes a `.pt2` of `torch.export`, proved equal.

It is loaded where there is no archspec: `torch.export.load(path).module()`.
"""

import json
import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

from archspec.elaborate.vary import checked_sizes
from archspec.emit.agreement import check_agreement
from archspec.emit.blame import blamed, refuse_fixed, refuse_selection
from archspec.emit.example_inputs import inputs_for
from archspec.errors import ExportError
from archspec.graph.graph import Graph
from archspec.graph.types import TensorType

if TYPE_CHECKING:
    from torch import nn
    from torch.export import ExportedProgram

__all__ = [
    "DESCRIPTION",
    "evaluated",
    "exported_program",
    "quiet",
    "save_exported_program",
    "tracing_inputs",
    "varying_axes",
]

LEAST = 2  # torch takes a size of 1 for one that broadcasts, and of 0 for an empty tensor
DESCRIPTION = "archspec.json"  # the extra file of a `.pt2` that says what model it is


def save_exported_program(
    graph: Graph, model: "nn.Module", path: Path, *, varying: Collection[str], description: Mapping[str, str]
) -> None:
    """Write a model, in evaluation, as a program of `torch.export`.

    Args:
        graph: the model.
        model: the module that was built of it.
        path: the file, which is written over.
        varying: the named dimensions that vary in the program; the others have the sizes that were checked.
        description: what the extra file `archspec.json` says of the model.

    Raises:
        ExportError: `torch.export` cannot express the model, or the program gives something else than the model does.
    """
    import torch

    with evaluated(model):
        program = exported_program(graph, model, varying=varying)
        check_agreement(graph, model, program.module(), varying=varying, what="the exported program")
        with quiet():
            torch.export.save(program, path, extra_files={DESCRIPTION: json.dumps(description)})


def exported_program(graph: Graph, model: "nn.Module", *, varying: Collection[str]) -> "ExportedProgram":
    """The program of a model that is in evaluation.

    Raises:
        ExportError: `torch.export` cannot express it.
    """
    import torch

    refuse_selection(graph, "an exported program")
    arguments = tracing_inputs(graph, model, varying)
    dynamic = torch.export.Dim.DYNAMIC  # a named `Dim` would have to say for itself how H and W depend on each other
    shapes = tuple(dict.fromkeys(axes, dynamic) if axes else None for axes in varying_axes(graph, varying))

    def trace() -> "ExportedProgram":
        with quiet(), torch.no_grad():
            return torch.export.export(model, arguments, dynamic_shapes=shapes)

    try:
        return trace()
    except Exception as error:  # torch says in many ways that it cannot
        refuse_fixed(error, graph, model, trace)
        raise ExportError(f"torch.export cannot express {blamed(error, graph, model)}") from error


def tracing_inputs(graph: Graph, model: "nn.Module", varying: Collection[str]) -> tuple[object, ...]:
    """Inputs to trace a model with: what varies is at least 2."""
    sizes = checked_sizes(graph)
    return inputs_for(
        model, graph, {name: max(size, LEAST) if name in varying else size for name, size in sizes.items()}
    )


def varying_axes(graph: Graph, varying: Collection[str]) -> list[dict[int, str]]:
    """The axes of each input that vary, each with the name that the spec gives it; an input without any has none."""
    return [
        {axis: name for axis, name in enumerate(item.dims) if name is not None and name in varying}
        if isinstance(item.type, TensorType)
        else {}
        for item in graph.inputs
    ]


@contextmanager
def evaluated(model: "nn.Module") -> Iterator[None]:
    """The model in evaluation, and afterwards as it was."""
    training = {name: module.training for name, module in model.named_modules()}
    model.eval()
    try:
        yield
    finally:
        for name, module in model.named_modules():
            module.training = training[name]


@contextmanager
def quiet() -> Iterator[None]:
    """Without what torch logs and warns of while it traces: what matters of it is in the error that it raises."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with catch_warnings():
            simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
