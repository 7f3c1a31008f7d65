"""Names that nothing has: in comes a spec that is refused anyway, out go the faults of the names in its expressions.

The elaborator looks a name up when it evaluates it, and only in a spec whose nodes are all known. Here names are looked
up in the text, so that a misspelt layer does not hide a misspelt param until it is mended. Two places are left to the
elaborator: a patch, whose node sees the names of the place where it is put, and a preset, which counts where it is set.
"""

import ast
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.spec.document import Block, Spec
from archspec.spec.reader import BLOCK_KEYS
from archspec.spec.wiring import WIRING_KEYS
from archspec.suggest import did_you_mean
from archspec.syntax.expression import (
    Expression,
    For,
    Template,
    names_of,
    parse_expression,
    parse_for,
    parse_template,
)
from archspec.syntax.grammar import FUNCTIONS
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree

__all__ = ["INPUT_SIZES", "unknown_name", "unknown_names"]

INPUT_SIZES = {"in_features": -1, "in_channels": 1}
"""What the model of a block can read of its first input: names, each with the dimension whose size it is."""

LISTED_NAMES = 12


def unknown_name(expression: Expression, node: ast.Name, names: Iterable[str]) -> Diagnostic:
    """The diagnostic for a name of an expression that nothing has.

    Args:
        expression: where it is read.
        node: the part of its tree that reads it.
        names: every name that can be read there.
    """
    known = sorted(set(names))
    called = f"it is a function: `{FUNCTIONS[node.id][0]}`" if node.id in FUNCTIONS else ""
    span = expression.part(node)
    return Diagnostic(
        code="E0403",
        message=f"nothing is called {quote(node.id)} here",
        span=span,
        expected=f"one of {', '.join(map(quote, known))}" if 0 < len(known) <= LISTED_NAMES else "",
        hint=called or did_you_mean(node.id, known),
        fix=None if called else respelled(span, node.id, known),
    )


def unknown_names(spec: Spec, limits: Limits, collector: Collector) -> None:
    """Collect a fault for each name in a spec, and in those it reads, that nothing has where it stands.

    Args:
        spec: the spec, in which something may be wrong.
        limits: the budgets.
        collector: takes the faults.
    """
    search = _Search(limits, collector)
    waiting, seen = [(spec, _NONE)], set[int]()
    while waiting:
        found, around = waiting.pop()
        if id(found.block.tree) not in seen:
            seen.add(id(found.block.tree))
            search.file(found, around)
            waiting += [(used, _NONE) for used in found.uses.values()]
            if found.base is not None:
                waiting.append((found.base, around.with_(found.block.params)))  # it is elaborated with these


@dataclass(frozen=True, slots=True)
class _Names:
    """The names that can be read somewhere; `later` are those of `let` further down, of which the elaborator tells."""

    own: AbstractSet[str]
    later: AbstractSet[str] = frozenset()
    around: "_Names | None" = None

    def __contains__(self, name: str) -> bool:
        scope: _Names | None = self
        while scope is not None:
            if name in scope.own or name in scope.later:
                return True
            scope = scope.around
        return False

    def known(self) -> set[str]:
        """Every name that has a value here."""
        return {*self.own, *(() if self.around is None else self.around.known())}

    def with_(self, names: Iterable[str]) -> "_Names":
        """These names and others."""
        return _Names(frozenset(names), around=self)


_NONE = _Names(frozenset())


class _Search:
    """Walks trees as the elaborator walks nodes; what cannot be read has been told of, and is passed over."""

    def __init__(self, limits: Limits, collector: Collector) -> None:
        self.limits = limits
        self.collector = collector

    def file(self, spec: Spec, around: _Names) -> None:
        """A file and its blocks; where what it extends could not be read, no one knows the names that it has."""
        tree = spec.block.tree
        if not isinstance(tree, Mapping) or ("extends" in tree and spec.base is None):
            return
        self.block(tree, around, spec.block)
        params = around.with_(_declared(tree, spec.block))
        for block in spec.own_blocks.values():
            if isinstance(block.tree, Mapping):
                self.block(block.tree, params, block)

    def block(self, tree: Mapping, outer: _Names, block: Block | None = None) -> None:
        """A file, a block, or a graph in place, which has no `block`: what stands around it can be read in it."""
        self._defaults(tree, outer, block)
        params = outer.with_(_declared(tree, block))
        for key in ("input", "inputs"):
            self._under(tree, key, params)
        names = params.with_(INPUT_SIZES if block is None or not block.is_file else _sizes(block))
        names = self._let(tree, names.with_(block.let.keys() - _keys(tree, "let") if block is not None else ()))
        for key in ("model", "output", "transforms"):
            self._under(tree, key, names)
        self._init(tree.get("init"), params if block is not None else outer)

    def _defaults(self, tree: Mapping, outer: _Names, block: Block | None) -> None:
        """A default sees the params before it; one that is a node is made later, and sees all."""
        params, every, before = tree.get("params"), _declared(tree, block), set[str]()
        first, all_of_them = _Names(before, around=outer), outer.with_(every)
        for name in every:
            value = params.get(name) if isinstance(params, Mapping) else None
            kind = value.get("type") if isinstance(value, Mapping) else None
            default = value.get("default") if isinstance(value, Mapping) else value
            is_module = isinstance(kind, Scalar) and "module" in kind.text
            if default is not None:
                self._tree(default, all_of_them if is_module else first)
            before.add(name)

    def _let(self, tree: Mapping, names: _Names) -> _Names:
        """The names that the rest of a block can read, once each value of `let` has seen those before it."""
        let = tree.get("let")
        before, later = set[str](), set(_keys(tree, "let"))
        inner = _Names(before, later, around=names)
        for name, _, value in let.items() if isinstance(let, Mapping) else ():
            self._tree(value, inner)
            later.remove(name)
            before.add(name)
        return inner

    def _init(self, tree: Tree | None, names: _Names) -> None:
        """What rules of `init` fill with; which modules they match is no expression."""
        rules = tree.items if isinstance(tree, Sequence) else ()
        for rule in rules:
            for name, _, value in rule.items() if isinstance(rule, Mapping) else ():
                if name != "match":
                    self._tree(value, names)

    def _under(self, tree: Mapping, key: str, names: _Names) -> None:
        value = tree.get(key)
        if value is not None:
            self._tree(value, names)

    def _tree(self, tree: Tree, names: _Names) -> None:
        if isinstance(tree, Scalar):
            self._text(tree, names)
        elif isinstance(tree, Sequence):
            for item in tree.items:
                self._tree(item, names)
        else:
            self._mapping(tree, names)

    def _mapping(self, tree: Mapping, names: _Names) -> None:
        inner = names
        is_node = sum(name not in WIRING_KEYS for name in tree) <= 1  # of several, each is the name of one
        if "for" in tree:
            loop = self._loop(tree)
            if loop is None:
                return  # which names it has is not known
            self._expression(loop.iterable, names)
            inner = names.with_(names_of(loop.names))
        for name, key, value in tree.items():
            if name == "when" and isinstance(value, Scalar) and is_node:
                self._condition(value, inner)
            elif name == "Graph" and isinstance(value, Mapping) and "model" in value and set(value) <= set(BLOCK_KEYS):
                self.block(value, inner)
            elif name != "for":
                named = (
                    self._loop(value) if isinstance(value, Mapping) else None
                )  # a name sees the loop beside its node
                self._text(key, inner if named is None else inner.with_(names_of(named.names)))
                self._tree(value, inner)

    def _loop(self, tree: Mapping) -> For | None:
        value = tree.get("for")
        try:
            return parse_for(value.text, value.span, self.limits) if isinstance(value, Scalar) else None
        except Fault:
            return None

    def _condition(self, tree: Scalar, names: _Names) -> None:
        try:
            self._expression(parse_expression(tree.text, tree.span, self.limits), names)
        except Fault:
            return

    def _text(self, tree: Scalar, names: _Names) -> None:
        if not isinstance(tree.value, str) or "$" not in tree.value:
            return
        try:
            written = parse_template(tree.value, tree.span, self.limits)
        except Fault:
            return
        for part in written.parts if isinstance(written, Template) else (written,):
            if isinstance(part, Expression):
                self._expression(part, names)

    def _expression(self, expression: Expression, names: _Names) -> None:
        for node in expression.reads:
            if node.id not in names:
                self.collector.add(unknown_name(expression, node, names.known()))


def _declared(tree: Mapping, block: Block | None) -> list[str]:
    """The params of a block in order: also those that are declared wrongly, which a name may mean all the same."""
    inherited = () if block is None else block.params
    return list(dict.fromkeys([*inherited, *_keys(tree, "params")]))


def _keys(tree: Mapping, key: str) -> list[str]:
    value = tree.get(key)
    return list(value) if isinstance(value, Mapping) else []


def _sizes(block: Block) -> list[str]:
    """What can be read of the first input that a file declares."""
    first = block.inputs[0].shape if block.inputs else None
    rank = len(first or ())
    return [name for name, dim in INPUT_SIZES.items() if -rank <= dim < rank]
