"""Writes ONNX: in come a graph and its module, out goes one `.onnx` file, proved equal where onnxruntime is installed.

torch's exporter makes it. The tensors are in the file itself, as long as they fit: ONNX files end at 2 GiB.
"""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.emit.agreement import check_agreement
from archspec.emit.blame import blamed, refuse_fixed, refuse_selection
from archspec.emit.exported_program import evaluated, quiet, tracing_inputs, varying_axes
from archspec.emit.onnx_translations import translations
from archspec.errors import ExportError, UsageError
from archspec.graph.graph import Block, ComputeStep, Graph, OperationStep, walk
from archspec.graph.types import NoneType, tensors

if TYPE_CHECKING:
    import torch
    from torch import nn

__all__ = ["check_onnx", "onnx_session", "save_onnx"]

NEEDED = ("onnx", "onnxscript")
LARGEST = (2 << 30) - (1 << 20)  # bytes: protobuf ends at 2 GiB, of which the graph takes a part
RANDOM = re.compile(r"\b(rand|rand_like|randn|randn_like|bernoulli)\b")


def check_onnx() -> None:
    """Refuse to write ONNX where the packages that do are missing.

    Raises:
        UsageError: they are; the text names the extra.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UsageError(f".onnx needs {' and '.join(missing)}: pip install 'archspec-torch[onnx]'")


def save_onnx(
    graph: Graph, model: "nn.Module", path: Path, *, varying: Collection[str], description: Mapping[str, str]
) -> None:
    """Write a model, in evaluation, as ONNX.

    Args:
        graph: the model.
        model: the module that was built of it.
        path: the file, which is written over.
        varying: the named dimensions that vary in it; the others have the sizes that were checked.
        description: what its metadata says of the model.

    Raises:
        UsageError: the packages that write ONNX are missing.
        ExportError: ONNX cannot express the model, or onnxruntime gives something else than the model does.
    """
    check_onnx()
    _check_size(model)
    _check_dtypes(graph)
    with evaluated(model):
        program = _program(graph, model, varying)
        program.model.metadata_props.update(description)
        program.save(str(path))
        if find_spec("onnxruntime") is not None and not _draws(graph):
            check_agreement(graph, model, onnx_session(path), varying=varying, what="the ONNX model")


def _check_size(model: "nn.Module") -> None:
    size = sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
    if size > LARGEST:
        raise ExportError(f"an ONNX file holds less than 2 GiB, and the tensors of this model take {size:,} bytes")


def _check_dtypes(graph: Graph) -> None:
    """Inside a model the exporter writes complex numbers as pairs; at its ends they would have another shape."""
    given = {kind.dtype for item in graph.inputs for kind in tensors(item.type)}
    for where, found in (("an input", given), ("an output", {kind.dtype for kind in tensors(graph.output)})):
        for dtype in sorted(found):
            if dtype.startswith("complex"):
                raise ExportError(
                    f"ONNX has no complex numbers, and {where} of this model is {dtype}; make it pairs of floats, with"
                    " view_as_complex at the beginning or view_as_real at the end"
                )


def _program(graph: Graph, model: "nn.Module", varying: Collection[str]) -> Any:
    import torch

    refuse_selection(graph, "an ONNX model")
    shapes = tuple(axes or None for axes in varying_axes(graph, varying))
    names = [item.name for item in graph.inputs if not isinstance(item.type, NoneType)]

    def trace() -> Any:
        with quiet(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return torch.onnx.export(
                model,
                tracing_inputs(graph, model, varying),
                dynamo=True,
                custom_translation_table=translations(),
                dynamic_shapes=shapes,
                input_names=names,
                verbose=False,
            )

    try:
        return trace()
    except Exception as error:  # torch says in many ways that it cannot, and the last of them is the least clear
        refuse_fixed(_first(error), graph, model, trace)
        raise ExportError(f"torch.onnx cannot express {blamed(_first(error), graph, model)}") from error


def _first(error: BaseException) -> BaseException:
    """What began it: torch.onnx tries several ways and raises an error of its own about the last."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _draws(graph: Graph) -> bool:
    """Whether the model draws random numbers, which are others in onnxruntime."""
    steps = [step for _, node in walk(graph.root) if isinstance(node, Block) for step in node.steps]
    named = [step.operation for step in steps if isinstance(step, OperationStep) and not step.only_train]
    named += [step.text for step in steps if isinstance(step, ComputeStep) and not step.only_train]
    return any(RANDOM.search(text) for text in named)


def onnx_session(path: Path) -> "Callable[..., list[torch.Tensor]]":
    """A file as onnxruntime runs it on the CPU: tensors in, a list of tensors out."""
    import numpy as np
    import torch

    runtime = import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # errors; its warnings are about how it optimises
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [item.name for item in session.get_inputs()]

    def call(*inputs: "torch.Tensor | None") -> "list[torch.Tensor]":
        given = [value for value in inputs if value is not None]
        arrays = {name: value.numpy(force=True) for name, value in zip(names, given, strict=True)}
        return [torch.from_numpy(np.asarray(value)) for value in session.run(None, arrays)]

    return call
