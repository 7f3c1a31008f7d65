"""Copies of specs: in come a name, a spec and a preset, out goes its text under that name, comments and all.

The values of the preset become the defaults of the params. Everything else stays as it was written.
"""

import re
from dataclasses import replace
from typing import Any, cast

from archspec._version import __version__
from archspec.commands.starters import SCHEMA, default_of
from archspec.compiler import Compilation
from archspec.diagnostic import quote
from archspec.emit.yaml_text import BlockMapping, write_inline, write_yaml
from archspec.errors import SpecError, UsageError
from archspec.source import Source
from archspec.spec.params import Param, names_type
from archspec.spec.shipped import shipped_folder
from archspec.syntax.parse import parse
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree, plain

__all__ = ["copied"]

UNUSED = ("W0102", "W0103")  # a param, a block
OF_PRESETS = ("presets", "weights")  # which a copy of one preset has no use for
_MODE_LINE = re.compile(r"# yaml-language-server:.*\n")
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def copied(name: str, spec: str, preset: str | None) -> str:
    """The text of a spec under another name; with a preset, its values as defaults and nothing of other presets.

    Args:
        name: of the class.
        spec: the spec, as the user named it.
        preset: a preset of it.

    Raises:
        SpecError: the spec is wrong.
        UsageError: no spec is called that, or the preset's values cannot be put in.
    """
    compilation = Compilation(spec, preset=preset)
    compilation.graph  # noqa: B018 - a spec that would not run is not worth a copy
    origin = compilation.preset or compilation.spec.block.name
    text = _MODE_LINE.sub("", _renamed(name, compilation), count=1)
    head = f"{SCHEMA}# Copied from {origin} ({compilation.source.name}) of archspec {__version__}.\n"
    return head + _without_unused(text, compilation)


def _renamed(name: str, compilation: Compilation) -> str:
    source = replace(compilation.source, text=f"{compilation.source.text.rstrip()}\n")
    tree = cast("Mapping", parse(source, compilation.limits))
    if _Edits(source.text).is_flow(tree):  # JSON, or like it: it has no lines to take out
        source = replace(source, text=write_yaml(BlockMapping(cast("dict[str, Any]", plain(tree)))))
        tree = cast("Mapping", parse(source, compilation.limits))
    edits = _Edits(source.text)
    edits.set_name(tree, name)
    if source.path is not None and source.path.parent == shipped_folder():
        for reference in _references(tree):
            edits.replace(reference, reference.text.removeprefix("./").removesuffix(".yaml"))
    if compilation.preset is not None:
        params = compilation.spec.block.params
        edits.set_params(tree, [params[key] for key in compilation.spec.presets[compilation.preset]])
        for key in OF_PRESETS:
            edits.remove(tree, key)
    return edits.done()


def _without_unused(text: str, compilation: Compilation) -> str:
    """The text without the blocks and params that only other presets name, and what only such a block names."""
    if compilation.preset is None:
        return text
    source = Source(name=compilation.source.name, text=text, path=compilation.source.path)
    copy = Compilation(source, registry=compilation.registry, limits=compilation.limits)
    if not _is_same(copy, compilation):
        reason = "a value of the preset stands where others share the text, by a YAML alias"
        raise UsageError(f"{quote(source.name)} cannot be copied with its preset: {reason}")
    unused = {item.span.line for item in copy.diagnostics if item.code in UNUSED and item.span is not None}
    edits = _Edits(text)
    for key in ("params", "blocks"):
        edits.remove_lines(cast("Mapping", parse(source, compilation.limits)), key, unused)
    return _without_unused(edits.done(), compilation) if edits.edits else text


def _is_same(copy: Compilation, original: Compilation) -> bool:
    try:
        return [*copy.graph.state()] == [*original.graph.state()]
    except SpecError:
        return False


def _references(tree: Mapping) -> list[Scalar]:
    """The files beside this one that it names."""
    uses = tree.get("use")
    named = [tree, *(value for _, _, value in uses.items())] if isinstance(uses, Mapping) else [tree]
    references = [item.get("extends") if isinstance(item, Mapping) else item for item in named]
    return [item for item in references if isinstance(item, Scalar) and item.text.startswith("./")]


class _Edits:
    """Changes of a text at the places of its trees, made together at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        self.edits: list[tuple[int, int, str]] = []

    def done(self) -> str:
        """The text with all changes."""
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def replace(self, tree: Tree, new: str) -> None:
        """Put a text in the place of a value."""
        self.edits.append((self._start(tree), self._end(tree), new))

    def set_name(self, tree: Mapping, name: str) -> None:
        """Give the spec another name."""
        old = tree.get("name")
        if old is None:
            self._insert_line(cast("Tree", tree.get("archspec")), f"name: {name}")
        else:
            self.replace(old, name)

    def remove(self, tree: Mapping, key: str) -> None:
        """Take out a key and all that it holds, line by line."""
        if key in tree:
            scalar, value = tree.entries[key]
            start = self.starts[scalar.span.line - 1]
            self.edits.append((start, self._next_line(self._end(value)), ""))

    def remove_lines(self, tree: Mapping, key: str, lines: set[int]) -> None:
        """Take out what begins on these lines behind a key of the file; where that is all, the key too."""
        value = tree.get(key)
        if not isinstance(value, Mapping) or not value or self.is_flow(value):
            return
        names = [name for name, scalar, _ in value.items() if scalar.span.line in lines]
        if len(names) == len(value):
            self.remove(tree, key)
            return
        for name in names:
            self.remove(value, name)

    def set_params(self, tree: Mapping, params: list[Param]) -> None:
        """Give params other defaults; those that another spec declares get a line here."""
        own = tree.get("params")
        added: dict[str, Any] = {}
        for param in params:
            declared = own.get(param.name) if isinstance(own, Mapping) else None
            if declared is None:
                added[param.name] = default_of(param)
            else:
                self._set_param(declared, param)
        if not added:
            return
        lines = write_yaml(BlockMapping(params=BlockMapping(added))).splitlines()
        if isinstance(own, Mapping) and not own:
            self.replace(own, write_inline(added))
        elif not isinstance(own, Mapping):
            self._insert_line(cast("Tree", tree.get("archspec")), "\n".join(lines))
        elif self.is_flow(own):
            end = self._end(own) - 1
            self.edits.append((end, end, f", {write_inline(added)[1:-1]}"))
        else:
            margin = " " * (next(iter(own.entries.values()))[0].span.column - 1)
            self._insert_line(own, "\n".join(f"{margin}{line[2:]}" for line in lines[1:]))

    def _set_param(self, declared: Tree, param: Param) -> None:
        value = plain(cast("Tree", param.default))
        old = declared.get("default") if isinstance(declared, Mapping) else declared
        if isinstance(declared, Mapping) and old is not None:
            self.replace(old, self._written(value, old))
        elif isinstance(declared, Mapping):
            self.replace(declared, write_inline(cast("dict[str, Any]", plain(declared)) | {"default": value}))
        elif isinstance(declared, Scalar) and isinstance(declared.value, str) and names_type(declared.value):
            self.replace(declared, write_inline({"type": declared.value, "default": value}))
        else:
            self.replace(declared, write_inline(default_of(param)))

    def _written(self, value: Any, old: Tree) -> str:
        """A value in the form of the one whose place it takes: a line for each item, or one line."""
        if isinstance(value, list) and value and isinstance(old, Sequence) and not self.is_flow(old):
            return f"\n{' ' * (old.span.column - 1)}".join(f"- {write_inline(item)}" for item in value)
        return write_inline(value)

    def _insert_line(self, after: Tree, line: str) -> None:
        place = self._next_line(self._end(after))
        self.edits.append((place, place, f"{line}\n"))

    def _offset(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column - 1

    def _start(self, tree: Tree) -> int:
        return self._offset(tree.span.line, tree.span.column)

    def is_flow(self, tree: Tree) -> bool:
        """Whether it is written in brackets."""
        return self.text[self._start(tree)] in "{["

    def _end(self, tree: Tree) -> int:
        """Where a value ends; libyaml ends collections without brackets where the next thing begins."""
        children: list[Tree] = []
        if isinstance(tree, Sequence):
            children = tree.items
        elif isinstance(tree, Mapping):
            children = [value for _, _, value in tree.items()]
        if children and not self.is_flow(tree):
            return self._end(children[-1])
        start, end = self._start(tree), self._offset(tree.span.end_line, tree.span.end_column)
        return start + len(self.text[start:end].rstrip())

    def _next_line(self, offset: int) -> int:
        """Where the line after the one at hand begins."""
        return next((start for start in self.starts if start > offset), len(self.text))
