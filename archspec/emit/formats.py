"""The formats that models are written in: in come a path and a model, out goes a file, whole or not at all."""

import errno
import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archspec.catalog.registry import Registry, default_registry
from archspec.diagnostic import quote
from archspec.emit.whole import write_whole
from archspec.errors import ExportError, UsageError
from archspec.graph.graph import Graph
from archspec.suggest import did_you_mean

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "FORMATS",
    "Subject",
    "Writer",
    "Written",
    "check_json_target",
    "check_spec_target",
    "check_target",
    "replace_file",
    "write",
    "write_json",
    "write_several",
    "write_spec",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is written.

    Attributes:
        graph: the model.
        model: gives the module built of it; called only by formats that hold weights.
        registry: where its layers and operations are looked up.
        varying: gives the named dimensions that vary in a traced program; the others have the sizes that were checked.
            Called only by formats that trace: to find them the graph is run at other sizes.
    """

    graph: Graph
    model: "Callable[[], nn.Module]"
    registry: Registry = field(default_factory=default_registry)
    varying: Callable[[], frozenset[str]] = frozenset


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written, and how many bytes it has."""

    path: Path
    bytes: int


Writer = Callable[[Subject, Path], None]
"""Writes a subject to a file that nobody else sees yet."""


def _yaml(subject: Subject, path: Path) -> None:
    from archspec.emit.spec import emit_spec

    _write_text(emit_spec(subject.graph, registry=subject.registry), path)


def _json(subject: Subject, path: Path) -> None:
    from archspec.emit.spec import concrete_spec

    try:
        text = json.dumps(
            concrete_spec(subject.graph, registry=subject.registry), indent=2, ensure_ascii=False, allow_nan=False
        )
    except ValueError as error:
        raise ExportError("JSON has no infinity and no NaN, which this model has; write it as .yaml") from error
    _write_text("".join(map(_visible, text)) + "\n", path)


def _safetensors(subject: Subject, path: Path) -> None:
    from archspec.emit.description import describe_model
    from archspec.emit.weights import save_weights

    description = describe_model(subject.graph, subject.registry)
    save_weights(subject.model(), path, name=subject.graph.name, description=description)


def _exported_program(subject: Subject, path: Path) -> None:
    from archspec.emit.description import describe_model
    from archspec.emit.exported_program import save_exported_program

    description = describe_model(subject.graph, subject.registry)
    save_exported_program(subject.graph, subject.model(), path, varying=subject.varying(), description=description)


def _onnx(subject: Subject, path: Path) -> None:
    from archspec.emit.description import describe_model
    from archspec.emit.onnx import check_onnx, save_onnx

    check_onnx()
    description = describe_model(subject.graph, subject.registry)
    save_onnx(subject.graph, subject.model(), path, varying=subject.varying(), description=description)


def _python(subject: Subject, path: Path) -> None:
    from archspec.emit.python.model import emit_python

    _write_text(emit_python(subject.graph, registry=subject.registry), path)


SPEC_SUFFIXES = (".yaml", ".yml")

FORMATS: Mapping[str, Writer] = {
    ".json": _json,
    ".onnx": _onnx,
    ".pt2": _exported_program,
    ".py": _python,
    ".safetensors": _safetensors,
    ".yaml": _yaml,
    ".yml": _yaml,
}
"""The suffix of a file to what writes it. Each imports what it needs when it is called."""


def write(path: str | os.PathLike[str], subject: Subject, *, force: bool = False) -> Written:
    """Write a model in the format that the suffix of the path names.

    The file appears under its name when all of it is on the disk; whatever goes wrong before leaves nothing behind.

    Args:
        path: the file.
        subject: what to write.
        force: whether a file that exists is written over.

    Returns:
        What was written.

    Raises:
        UsageError: as `check_target`.
        ExportError: the model cannot be written in this format, or the disk refuses.
    """
    (written,) = write_several([path], subject, force=force)
    return written


def write_several(paths: Sequence[str | os.PathLike[str]], subject: Subject, *, force: bool = False) -> list[Written]:
    """Write a model to several files, of which none appears before all of them are on the disk.

    Args:
        paths: the files.
        subject: what to write.
        force: whether files that exist are written over.

    Returns:
        What was written, in order.

    Raises:
        UsageError: as `check_target`.
        ExportError: the model cannot be written in one of the formats, or the disk refuses.
    """
    if not paths:
        return []
    path, *others = paths
    target = check_target(path, force=force)
    later: list[Written] = []

    def fill(temporary: Path) -> None:
        """Fill this file, then all others: a file is moved to its place when its `fill` returns."""
        FORMATS[target.suffix.lower()](subject, temporary)
        later.extend(write_several(others, subject, force=force))

    return [_written(target, fill, force=force), *later]


def write_spec(path: str | os.PathLike[str], text: str, *, force: bool = False) -> Written:
    """Write the text of a spec, whole or not at all.

    Raises:
        UsageError: as `check_spec_target`.
        ExportError: the disk refuses.
    """
    target = check_spec_target(path, force=force)
    return _written(target, lambda temporary: _write_text(text, temporary), force=force)


def replace_file(path: Path, content: bytes) -> None:
    """Give a file that exists other content, whole or not at all; who may read and write it stays as it was.

    Raises:
        ExportError: the disk refuses, or the file may not be written.
    """
    try:
        if not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        mode = stat.S_IMODE(path.stat().st_mode)
        write_whole(path, lambda temporary: _write_bytes(content, temporary), force=True, mode=mode)
    except OSError as error:
        raise ExportError(f"{quote(str(path))} cannot be written: {error.strerror or error}") from error


def write_json(path: str | os.PathLike[str], data: Mapping[str, object], *, force: bool = False) -> Written:
    """Write plain data, whole or not at all.

    Raises:
        UsageError: as `check_json_target`.
        ExportError: the disk refuses.
    """
    target = check_json_target(path, force=force)
    text = json.dumps(data, indent=2) + "\n"
    return _written(target, lambda temporary: _write_text(text, temporary), force=force)


def check_json_target(path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Refuse a path that no JSON could be written to.

    Raises:
        UsageError: as `check_target`, or the suffix is not that of JSON.
    """
    target = Path(path)
    if target.suffix.lower() != ".json":
        raise UsageError(f"{quote(str(target))} cannot be written, because a key map ends in .json")
    return check_target(target, force=force)


def check_spec_target(path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Refuse a path that no spec could be written to.

    Raises:
        UsageError: as `check_target`, or the suffix is not one of YAML.
    """
    target = Path(path)
    if target.suffix.lower() not in SPEC_SUFFIXES:
        raise UsageError(f"{quote(str(target))} cannot be written, because the file of a spec ends in .yaml")
    return check_target(target, force=force)


def check_target(path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Refuse a path that nothing could be written to, before the work is done whose result it would hold.

    Raises:
        UsageError: its suffix names no format, its folder does not exist, or something stands there that must not be
            written over.
    """
    target = Path(path)
    shown, known = quote(str(target)), ", ".join(FORMATS)
    if not target.suffix:
        raise UsageError(f"{shown} has no suffix that says in what format; archspec writes {known}")
    if target.suffix.lower() not in FORMATS:
        hint = did_you_mean(target.suffix, FORMATS, otherwise=f"archspec writes {known}")
        raise UsageError(f"{shown} cannot be written, because {quote(target.suffix)} is no format: {hint}")
    if not target.parent.is_dir():
        raise UsageError(f"{shown} cannot be written, because there is no folder {quote(str(target.parent))}")
    if target.exists() and not target.is_file():
        raise UsageError(f"{shown} cannot be written over, because it is no regular file")
    if os.path.lexists(target) and not force:
        raise _exists(target)
    return target


def _written(target: Path, fill: Callable[[Path], None], *, force: bool) -> Written:
    """Write a file whole.

    Raises:
        UsageError: a file has appeared there, and is not to be written over.
        ExportError: the disk refuses.
    """
    try:
        return Written(path=target, bytes=write_whole(target, fill, force=force))
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        raise ExportError(f"{quote(str(target))} cannot be written: {error.strerror or error}") from error


def _exists(target: Path) -> UsageError:
    return UsageError(f"{quote(str(target))} exists; write over it with --force, or force=True")


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _visible(character: str) -> str:
    """A character of JSON; one that a reader cannot see is only ever inside quotes, and written as an escape."""
    return character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1]
