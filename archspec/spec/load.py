"""Files: in comes a source, out goes its `Spec` with every spec it uses, each read once, all in its folder."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from os.path import realpath
from pathlib import Path

from archspec.catalog.registry import Registry
from archspec.diagnostic import Diagnostic, Note, quote
from archspec.errors import Collector, Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.source import Source
from archspec.spec.document import Spec
from archspec.spec.params import Param
from archspec.spec.shipped import shipped_names, shipped_source
from archspec.spec.validate import validate
from archspec.suggest import did_you_mean
from archspec.syntax.parse import parse
from archspec.syntax.read import read_source
from archspec.syntax.tree import Mapping, Scalar, Tree

__all__ = ["load", "with_preset"]


@dataclass(slots=True, kw_only=True)
class _Loader:
    registry: Registry
    limits: Limits
    collector: Collector
    root: Path | None
    bytes: int = 0
    files: int = 0
    specs: dict[str, Spec] = field(default_factory=dict)

    def load(self, source: Source, chain: tuple[str, ...], tree: Tree | None = None) -> Spec:
        """The spec of one source; `chain` names the files that lead to it."""
        self.bytes += len(source.text)
        self.files += 1
        tree = self._parse(source) if tree is None else tree
        self.limits.check("total_bytes", self.bytes, tree.span, "bytes in all files together")
        self.limits.check("include_files", self.files, tree.span, "files")
        uses: dict[str, Spec | None] = {}
        base = None
        if isinstance(tree, Mapping):
            uses = self._uses(tree.get("use"), source, chain)
            base = self._base(tree.get("extends"), source, chain)
        return validate(
            tree,
            source,
            registry=self.registry,
            limits=self.limits,
            collector=self.collector,
            base=base,
            uses=uses,
        )

    def _parse(self, source: Source) -> Tree:
        """The tree of a text that parsing found nothing wrong with.

        Raises:
            Fault: there was a fault; all of them are collected. What it left of the text would only lead to more.
        """
        if len(source.text) <= LONGEST_REMEMBERED:
            with suppress(Fault):
                return _remembered(source, self.limits)
        parsing = Collector()
        try:
            tree = parse(source, self.limits, parsing)
        finally:
            for diagnostic in parsing.diagnostics:
                self.collector.add(diagnostic)
        if parsing.failed:
            raise Fault(parsing.diagnostics[-1])
        return tree

    def _uses(self, tree: Tree | None, source: Source, chain: tuple[str, ...]) -> dict[str, Spec | None]:
        if not isinstance(tree, Mapping):
            return {}
        return {name: self._used(value, source, chain) for name, _, value in tree.items()}

    def _used(self, tree: Tree, source: Source, chain: tuple[str, ...]) -> Spec | None:
        """Another file, or one that is changed in place: `{extends: resnet50, patch: …}`."""
        if not isinstance(tree, Mapping):
            return self._other(tree, source, chain, "E0701")
        base = self._base(tree.get("extends"), source, chain)
        changed = validate(
            tree,
            source,
            registry=self.registry,
            limits=self.limits,
            collector=self.collector,
            base=base,
            in_place=True,
        )
        return None if base is None else changed

    def _base(self, tree: Tree | None, source: Source, chain: tuple[str, ...]) -> Spec | None:
        return None if tree is None else self._other(tree, source, chain, "E0705")

    def _other(self, tree: Tree, source: Source, chain: tuple[str, ...], code: str) -> Spec | None:
        if not isinstance(tree, Scalar) or not isinstance(tree.value, str):
            return None
        try:
            return self._open(tree, source, chain, code)
        except Fault as fault:
            diagnostic = fault.diagnostic
            if diagnostic.span is None:
                diagnostic = replace(diagnostic, span=tree.span)
            self.collector.add(diagnostic)
            return None

    def _open(self, tree: Scalar, source: Source, chain: tuple[str, ...], code: str) -> Spec:
        self.limits.check("include_depth", len(chain), tree.span, "files that use each other")
        if "/" not in tree.text and not tree.text.endswith((".yaml", ".yml")):
            return self._shipped(tree, chain, code)
        other = self._relative(tree, source)
        key = str(other.path)
        if key in chain:
            names = " → ".join([*(Path(item).name for item in chain[chain.index(key) :]), Path(key).name])
            message = f"these files use each other in a circle: {names}"
            raise Fault(Diagnostic(code="E0702", message=message, span=tree.span))
        if key not in self.specs:
            self.specs[key] = self.load(other, (*chain, key))
        return self.specs[key]

    def _shipped(self, tree: Scalar, chain: tuple[str, ...], code: str) -> Spec:
        found = shipped_source(tree.text)
        if found is None:
            message = f"no architecture that ships with archspec is called {quote(tree.text)}"
            hint = did_you_mean(tree.text, shipped_names(), otherwise="a file of your own is written ./file.yaml")
            fix = respelled(tree.span, tree.text, shipped_names())
            raise Fault(Diagnostic(code=code, message=message, span=tree.span, hint=hint, fix=fix))
        other, preset = found
        key = f"{other.path}#{preset}"
        if key not in self.specs:
            spec = self.load(other, (*chain, key))
            self.specs[key] = spec if preset is None else with_preset(spec, preset)
        return self.specs[key]

    def _relative(self, tree: Scalar, source: Source) -> Source:
        if source.path is None:
            message = "a spec that is in no file has no folder to look for other files in"
            hint = "give archspec a path, or name a shipped architecture"
            raise Fault(Diagnostic(code="E0701", message=message, span=tree.span, hint=hint))
        folder = Path(realpath(source.path)).parent
        # What ships may name its neighbours too, whatever folder the spec is in that names it, if any.
        root = folder if self.root is None or not folder.is_relative_to(self.root) else self.root
        path = folder.relative_to(root) / tree.text
        read = read_source(path, limits=self.limits, root=root)
        shown = Path(source.name).parent / tree.text
        return Source(name=str(shown), text=read.text, path=root / path)


# A tree takes 30 times the memory of its text, or at worst 125 times (`[0,0,…]`): all of them together 64 MiB.
LONGEST_REMEMBERED = 1 << 15


@lru_cache(maxsize=16)
def _remembered(source: Source, limits: Limits) -> Tree:
    """The tree of a text without faults. Nobody changes a tree, so specs that are built again or extended share it.

    Raises:
        Fault: there is a fault, which is not remembered.
    """
    return parse(source, limits)


def load(source: Source, *, registry: Registry, limits: Limits, collector: Collector, tree: Tree | None = None) -> Spec:
    """Read a spec and every file it uses. Faults are collected.

    Raises:
        Fault: the text is no YAML, or no mapping.
    """
    # `Path.resolve` fails where a link leads to itself, which a new spec may take the place of.
    path = None if source.path is None else Path(realpath(source.path))
    root = None if path is None else path.parent
    loader = _Loader(registry=registry, limits=limits, collector=collector, root=root)
    chain = () if path is None else (str(path),)
    return loader.load(source, chain, tree)


def with_preset(spec: Spec, preset: str) -> Spec:
    """The same spec with the settings of `preset` as the defaults of its params.

    Raises:
        Fault: E0409, the spec has no such preset.
    """
    settings = spec.presets.get(preset)
    if settings is None:
        known = list(spec.presets)
        message = f"{spec.source.name} has no preset {quote(preset)}"
        expected = ", ".join(known) or "no presets"
        notes = (Note(message="the presets stand here", span=next(iter(spec.presets.values())).span),) if known else ()
        raise Fault(
            Diagnostic(code="E0409", message=message, expected=expected, hint=did_you_mean(preset, known), notes=notes)
        )
    params = {name: _set(param, settings) for name, param in spec.block.params.items()}
    block = replace(spec.block, params=params)
    changed = replace(spec, block=block)
    block.spec = changed
    return changed


def _set(param: Param, settings: Mapping) -> Param:
    value = settings.get(param.name)
    return param if value is None else replace(param, default=value)
