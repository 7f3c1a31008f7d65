"""The architectures that ship with archspec: in comes a name or a preset, out goes its file."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archspec.errors import Collector
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source
from archspec.syntax.parse import parse
from archspec.syntax.read import read_source
from archspec.syntax.tree import Mapping, Scalar, Tree

__all__ = ["Shipped", "shipped", "shipped_folder", "shipped_names", "shipped_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """One shipped file.

    Attributes:
        name: the name of the file, without `.yaml`.
        path: where it is.
        presets: the names of its presets.
        params: the names of its params.
        paragraphs: of its doc, each as one line: what it is, with its year; its paper; more.
        weights: the names of published checkpoints, by preset; those of the spec as it stands under its own name.
    """

    name: str
    path: Path
    presets: tuple[str, ...]
    params: tuple[str, ...]
    paragraphs: tuple[str, ...]
    weights: AnyMapping[str, tuple[str, ...]]

    @property
    def doc(self) -> str:
        """What it is, in one line."""
        return self.paragraphs[0] if self.paragraphs else ""

    @property
    def paper(self) -> str:
        """Where it was published: by convention the second paragraph of the doc."""
        return self.paragraphs[1] if len(self.paragraphs) > 1 else ""

    @property
    def names(self) -> tuple[str, ...]:
        """All the names that `build` finds in this file, each once: its own, and its presets."""
        return tuple(dict.fromkeys((self.name, *self.presets)))


@cache
def shipped_folder() -> Path:
    """Where the files are: inside the installed package, or at the top of a source checkout."""
    package = Path(__file__).parent.parent
    installed = package / "architectures"
    return installed if installed.is_dir() else package.parent / "architectures"


@cache
def _files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(shipped_folder().glob("*.yaml"))}


def shipped() -> dict[str, Shipped]:
    """Every shipped architecture by name."""
    return {name: _describe(path) for name, path in _files().items()}


@cache
def _describe(path: Path) -> Shipped:
    tree = parse(read_source(path), DEFAULT_LIMITS, Collector())
    assert isinstance(tree, Mapping)
    doc = tree.get("doc")
    text = doc.text.strip() if isinstance(doc, Scalar) else ""
    presets = _keys(tree.get("presets"))
    return Shipped(
        name=path.stem,
        path=path,
        presets=presets,
        params=_keys(tree.get("params")),
        paragraphs=tuple(" ".join(paragraph.split()) for paragraph in text.split("\n\n")),
        weights=_weights(tree.get("weights"), path.stem, presets),
    )


def _keys(tree: Tree | None) -> tuple[str, ...]:
    return tuple(tree) if isinstance(tree, Mapping) else ()


def _weights(tree: Tree | None, name: str, presets: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    own = tuple(key for key in _keys(tree) if key not in presets)
    by_preset = {key: _keys(tree.get(key)) for key in presets} if isinstance(tree, Mapping) else {}
    return {key: names for key, names in ({name: own} | by_preset).items() if names}


def shipped_names() -> list[str]:
    """Every name that `build` finds: the files and all their presets."""
    items = shipped().values()
    return [item.name for item in items] + [preset for item in items for preset in item.presets]


def shipped_source(name: str) -> tuple[Source, str | None] | None:
    """The source of the architecture `name` and the preset that is meant, or None when nothing is called that."""
    if name in _files():
        return _source(read_source(_files()[name])), name if name in _describe(_files()[name]).presets else None
    for path in _files().values():
        source = read_source(path)
        if name in source.text and name in _describe(path).presets:  # to search a text is quicker than to parse it
            return _source(source), name
    return None


def _source(source: Source) -> Source:
    assert source.path is not None
    return Source(name=f"architectures/{source.path.name}", text=source.text, path=source.path)
