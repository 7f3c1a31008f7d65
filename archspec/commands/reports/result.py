"""What a report is made of: the diagnostics of each spec that was checked, and where they stand in the repository."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from archspec.diagnostic import Diagnostic
from archspec.source import Source, Span

__all__ = ["Result", "each_once", "path_of", "printed_path", "whole_path"]

WORKSPACE = "GITHUB_WORKSPACE"  # the checkout, which a step of a workflow may have left for a folder of it
_SUFFIXES = (".yaml", ".yml", ".json")


class Result(Protocol):
    """A spec that was checked, with one preset or none."""

    @property
    def file(self) -> str:
        """The spec as messages name it."""
        ...

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was found."""
        ...


def each_once(results: Sequence[Result]) -> Iterator[tuple[str, Diagnostic]]:
    """Every diagnostic with the name of its spec: what a file has with several presets, or for several specs, once."""
    seen = set()
    for result in results:
        for diagnostic in result.diagnostics:
            key = (diagnostic.code, _place(result.file, diagnostic.span), diagnostic.message)
            if key not in seen:
                seen.add(key)
                yield result.file, diagnostic


def _place(file: str, span: Span | None) -> tuple[object, ...]:
    """Where a diagnostic stands. One file is one place, whether it was named or another spec extends it."""
    if span is None:
        return (file,)
    path = path_of(span.source)
    return (span.source if path is None else whole_path(path), *span[1:])


def path_of(place: Source | str) -> Path | None:
    """The file of a source, or of the spec that is called so; None for standard input, options and names that ship."""
    if isinstance(place, Source):
        return place.path
    return Path(place) if place.endswith(_SUFFIXES) or "/" in place else None


def printed_path(path: Path) -> str | None:
    """A path inside the repository as it has it, with `/`; None for one that lies elsewhere.

    The repository is the checkout of a GitHub workflow, or else the working folder.
    """
    whole = whole_path(path)
    for root in _roots():
        if whole.is_relative_to(root):
            return whole.relative_to(root).as_posix()
    return None


def whole_path(path: Path) -> Path:
    """A path from the root, without `..`; links are not followed, so that no other file is reported."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links


def _roots() -> Iterable[Path]:
    workspace = os.environ.get(WORKSPACE)
    return [Path(workspace), Path.cwd()] if workspace else [Path.cwd()]
