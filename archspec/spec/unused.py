"""Warnings about what a file declares and never uses: in comes a `Spec`, out go warnings."""

import re
from collections.abc import Iterator

from archspec.diagnostic import Diagnostic
from archspec.errors import Collector
from archspec.fix import respelled
from archspec.source import Span
from archspec.spec.document import Block, Spec
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["unused"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def unused(spec: Spec, collector: Collector) -> None:
    """Warn about params and blocks that nothing in the file names."""
    for other in spec.uses.values():
        if other.source is spec.source:  # it is changed in place
            unused(other, collector)
    if spec.base is not None:
        _warn_further(spec, spec.base, collector)  # the blocks that it declares may be for the spec that it extends
        return
    own = spec.block.tree
    blocks = spec.own_blocks
    if not blocks and not spec.block.params:
        return  # nothing is declared, so there is no need to read every text
    used = {name: _words(block.tree, leave_out=("params",)) | _defaults(block) for name, block in blocks.items()}
    file = (
        _words(own, leave_out=("params", "presets", "blocks", "name", "doc", "weights"))
        | _defaults(spec.block)
        | _settings(own)
    )
    for name, block in blocks.items():
        others = set().union(*(words for other, words in used.items() if other != name))
        if name not in file | others:
            message = f"block {name} is never used"
            collector.add(
                Diagnostic(
                    code="W0103",
                    message=message,
                    span=_key(own, "blocks", name),
                    hint="remove it, or name it in a node",
                )
            )
        _warn_params(block, used[name], collector)
    _warn_params(spec.block, file.union(*used.values()), collector)


def _warn_further(spec: Spec, base: Spec, collector: Collector) -> None:
    """Warn about params that the spec adds to those of its base, and that nothing in the file names."""
    known, tree = base.block.params, spec.block.tree
    declared = tree.get("params") if isinstance(tree, Mapping) else None
    if not isinstance(declared, Mapping) or declared.entries.keys() <= known.keys():
        return
    words = _words(tree, leave_out=("params", "presets", "name", "doc", "weights")) | _settings(tree)
    for name, key, _ in declared.items():
        if name not in known and name not in words | _words(declared, leave_out=(name,)):
            message = f"param `{name}` is never used: {base.block.name}, which is extended here, has none of that name"
            hint = did_you_mean(name, known, otherwise=f"remove it, or read it with `${name}`")
            fix = respelled(key.span, name, known)
            collector.add(Diagnostic(code="W0102", message=message, span=key.span, hint=hint, fix=fix))


def _warn_params(block: Block, words: set[str], collector: Collector) -> None:
    for param in block.params.values():
        if param.name not in words:
            span = _key(block.tree, "params", param.name)
            hint = f"remove it, or read it with `${param.name}`"
            collector.add(Diagnostic(code="W0102", message=f"param `{param.name}` is never used", span=span, hint=hint))


def _defaults(block: Block) -> set[str]:
    """Words in the defaults of params, which may name blocks and earlier params."""
    words: set[str] = set()
    for param in block.params.values():
        if isinstance(param.default, (Scalar, Sequence, Mapping)):
            words |= _words(param.default)
    return words


def _settings(tree: Tree) -> set[str]:
    """Words in the values that presets give, which may name blocks."""
    presets = tree.get("presets") if isinstance(tree, Mapping) else None
    words: set[str] = set()
    if isinstance(presets, Mapping):
        for _, _, settings in presets.items():
            if isinstance(settings, Mapping):
                for _, _, value in settings.items():
                    words |= _words(value)
    return words


def _words(tree: Tree, leave_out: tuple[str, ...] = ()) -> set[str]:
    words: set[str] = set()
    for text in _texts(tree, leave_out):
        words.update(_WORD.findall(text))
    return words


def _texts(tree: Tree, leave_out: tuple[str, ...]) -> Iterator[str]:
    if isinstance(tree, Scalar):
        if isinstance(tree.value, str):
            yield tree.text
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _texts(item, ())
    else:
        for name, _, value in tree.items():
            if name not in leave_out:
                yield name
                yield from _texts(value, ())


def _key(tree: Tree, *path: str) -> Span:
    span = tree.span
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return span
        key, tree = tree.entries[name]
        span = key.span
    return span
