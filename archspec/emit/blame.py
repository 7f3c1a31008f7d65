"""Who cannot be exported: in comes what an exporter raised, out goes the node that it was at, with its line and why."""

import re
from collections.abc import Callable, Iterator, Mapping
from traceback import walk_tb
from types import FrameType
from typing import TYPE_CHECKING

from archspec.diagnostic import escape, quote
from archspec.emit.filenames import filename_of
from archspec.emit.fixing import fixing_module
from archspec.errors import ExportError
from archspec.graph.graph import Block, Graph, Leaf, ModuleDict, Node, Ref, Step, TensorStep, walk
from archspec.source import Span

if TYPE_CHECKING:
    from torch import nn

__all__ = ["blamed", "refuse_fixed", "refuse_selection"]

_REASON_LENGTH = 300
_FORWARD = re.compile(r'File "(.+)", line (\d+), in forward')
_FIXED = "specialized it to be a constant"  # torch, of a dimension that should vary


def refuse_selection(graph: Graph, what: str) -> None:
    """Refuse a model that picks modules by a string at run time: traced, it would be one of them for ever.

    Raises:
        ExportError: it has a `ModuleDict` that does; the text names it and what to do.
    """
    for path, node in walk(graph.root):
        if isinstance(node, ModuleDict) and isinstance(node.select, Ref):
            keys = [name for name, _ in node.children]
            raise ExportError(
                f"{what} takes no choices at run time, and {_place(path, 'ModuleDict', node.span)} is one, by"
                f" `select: {node.select}`; write a file for each key ({', '.join(keys)}), of a spec that names it:"
                f" `select: {keys[0]}`"
            )


def blamed(error: BaseException, graph: Graph, model: "nn.Module") -> str:
    """The node that was running or translated when an exporter gave up, with its line, and what the exporter said.

    Other errors are about no node; they are then about the model.
    """
    nodes = dict(walk(graph.root))
    paths = {id(module): path for path, module in model.named_modules()}
    found = ""
    for frame, line in walk_tb(error.__traceback__):
        found = _running(frame, line, nodes, paths) or _translated(frame, nodes) or found
    return f"{found or quote(graph.name)}: {_reason(error)}"


def refuse_fixed(error: BaseException, graph: Graph, model: "nn.Module", trace: Callable[[], object]) -> None:
    """Name the node that fixes a dimension, where that is what the exporter complains of.

    Args:
        error: what it raised.
        graph: the model.
        model: the module that was built of it.
        trace: exports it once more.

    Raises:
        ExportError: it is; the text says which dimensions, and how the model is written all the same.
    """
    if _FIXED not in str(error):
        return
    path, places = fixing_module(model, trace)
    names = {graph.inputs[number].dims[axis] for number, axis in places}
    named = sorted(name for name in names if name is not None)
    if named:
        node = dict(walk(graph.root))[path]
        raise ExportError(
            f"torch.export cannot express {_place(path, node.type if isinstance(node, Leaf) else '', node.span)}"
            f" with other sizes: traced, it fixes {', '.join(named)}; write the model at the sizes that were checked"
            f" with --static {','.join(named)}, or static={named}"
        ) from error


def _running(frame: FrameType, line: int, nodes: Mapping[str, Node], paths: Mapping[int, str]) -> str:
    """The node whose module a frame runs; empty for other frames."""
    path = paths.get(id(frame.f_locals.get("self")))
    if path is None or path not in nodes:
        return ""
    return _named(path, nodes[path], line if frame.f_code.co_name == "forward" else None)


def _translated(frame: FrameType, nodes: Mapping[str, Node]) -> str:
    """The node whose operation, once traced, a frame of the exporter translates; empty for other frames.

    The exporter calls it `node`, a `torch.fx.Node`, which remembers the modules and the lines that it was traced in.
    """
    meta = getattr(frame.f_locals.get("node"), "meta", {})
    modules = list(meta.get("nn_module_stack", {}).values())
    path = modules[-1][0] if modules else None
    if path is None or path not in nodes:
        return ""
    name = filename_of(nodes[path].span.source)
    lines = [int(line) for file, line in _FORWARD.findall(meta.get("stack_trace") or "") if file == name]
    return _named(path, nodes[path], lines[-1] if lines else None)


def _named(path: str, node: Node, line: int | None) -> str:
    """A module, or the step of a block that its `forward` was at."""
    if isinstance(node, Block) and line is not None:
        steps = sorted(_steps_at(node, line), key=lambda step: step.span.end_line - step.span.line)
        if steps:
            return _place(f"{path}.{steps[0].name}".lstrip("."), "", steps[0].span)
    return _place(path, node.type if isinstance(node, Leaf) else "", node.span)


def _steps_at(block: Block, line: int) -> Iterator[Step]:
    """The steps that the generated `forward` runs at a line of the spec."""
    for step in block.steps:
        if not isinstance(step, TensorStep) and step.span.line <= line <= step.span.end_line:
            yield step


def _place(path: str, kind: str, span: Span) -> str:
    inside = ", ".join(filter(None, (kind, f"{escape(span.source.name)}:{span.line}")))
    return f"{quote(path or 'the model')} ({inside})"


def _reason(error: BaseException) -> str:
    """What an exporter says, in one line: its messages go on with advice for who wrote the Python."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    return escape(text if len(text) <= _REASON_LENGTH else f"{text[: _REASON_LENGTH - 1]}…")
