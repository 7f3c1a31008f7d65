"""`archspec new`: in come a name and what to start from, out goes a spec of one's own, on stdout or in a file."""

import re
from dataclasses import dataclass
from pathlib import Path

from archspec.commands.console import print_document, print_text
from archspec.commands.standin import without_compiler
from archspec.diagnostic import quote
from archspec.errors import UsageError
from archspec.source import Source

__all__ = ["Beginning", "run"]

_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9_ -]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a new spec starts from, as the user wrote it.

    Attributes:
        spec: a path, or the name of a shipped architecture or preset; None for a small network of its own.
        preset: a preset of the spec.
        copy: whether the text of the spec is copied; otherwise the new spec extends it.
    """

    spec: str | None = None
    preset: str | None = None
    copy: bool = False


def run(name: str, beginning: Beginning, *, output: Path | None = None, force: bool = False) -> int:
    """Start a spec: make its text, check it, and print it or write it to a file.

    Args:
        name: of the class; `small-net` becomes `SmallNet`.
        beginning: what it starts from.
        output: the file; standard output by default.
        force: whether a file that exists is written over.

    Returns:
        The exit code: 0.

    Raises:
        ArchspecError: the call is at fault, or the spec that it starts from.
    """
    from archspec.compiler import Compilation
    from archspec.emit.formats import check_spec_target, write_spec

    called = _class_name(name)
    if output is not None:
        check_spec_target(output, force=force)
    path = output or Path(f"{called.lower()}.yaml")
    with without_compiler():
        text = _text(called, beginning, path)
        Compilation(Source(name=str(path), text=text, path=path)).graph  # noqa: B018 - what is wrong is told now
    if output is None:
        print_document(text)
        return 0
    write_spec(output, text, force=force)
    print_text(f"Wrote {output}; `archspec build {output}` builds it")
    return 0


def _text(name: str, beginning: Beginning, path: Path) -> str:
    from archspec.commands.copies import copied
    from archspec.commands.starters import extending, template

    if beginning.spec is None:
        if beginning.preset is not None or beginning.copy:
            raise UsageError("--preset and --copy need a spec to start from, such as --from resnet18")
        return template(name)
    if beginning.copy:
        return copied(name, beginning.spec, beginning.preset)
    return extending(name, beginning.spec, beginning.preset, path)


def _class_name(name: str) -> str:
    """The name as a class has it.

    Raises:
        UsageError: no class can be called that.
    """
    from archspec.spec.names import class_name, is_type_name, module_name_fault

    if not _WORDS.fullmatch(name):
        near = class_name(name) if name.isascii() and re.search("[A-Za-z0-9]", name) else ""
        hint = f"call it {quote(near)}" if module_name_fault(near) is None else "call it SmallNet"
        raise UsageError(f"{quote(name)} is no name of a class, which is a letter, then letters and digits: {hint}")
    called = name if is_type_name(name) and module_name_fault(name) is None else class_name(name)
    reason = module_name_fault(called)
    if reason is not None:
        raise UsageError(f"{quote(called)} cannot be the name of a class: {reason}")
    return called
