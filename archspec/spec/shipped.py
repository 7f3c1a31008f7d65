"""The architectures that ship with archspec: in comes a name or a preset, out goes its file."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from archspec.errors import Collector
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source
from archspec.syntax.parse import parse
from archspec.syntax.read import read_source
from archspec.syntax.tree import Mapping, Scalar

__all__ = ["Shipped", "shipped", "shipped_folder", "shipped_names", "shipped_source"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """One shipped file: its name, its presets, and the first line of its doc."""

    name: str
    path: Path
    presets: tuple[str, ...]
    doc: str


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
    presets, doc = tree.get("presets"), tree.get("doc")
    names = tuple(presets) if isinstance(presets, Mapping) else ()
    first_line = doc.text.split("\n")[0] if isinstance(doc, Scalar) else ""
    return Shipped(name=path.stem, path=path, presets=names, doc=first_line)


def shipped_names() -> list[str]:
    """Every name that `build` finds: the files and all their presets."""
    items = shipped().values()
    return [item.name for item in items] + [preset for item in items for preset in item.presets]


def shipped_source(name: str) -> tuple[Source, str | None] | None:
    """The source of the architecture `name` and the preset that is meant, or None when nothing is called that."""
    if name in _files():
        return _source(read_source(_files()[name])), None
    for path in _files().values():
        source = read_source(path)
        if name in source.text and name in _describe(path).presets:  # to search a text is quicker than to parse it
            return _source(source), name
    return None


def _source(source: Source) -> Source:
    assert source.path is not None
    return Source(name=f"architectures/{source.path.name}", text=source.text, path=source.path)
