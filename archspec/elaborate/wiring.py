"""The names of a graph and what they stand for: in come references as written, out go values with types, or a fault."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.inputs import Inputs
from archspec.elaborate.scope import Scope
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.graph.graph import Node as Made
from archspec.graph.graph import Ref
from archspec.graph.types import DictType, ListType, NoneType, TensorType, TextType, TupleType, Type, describe
from archspec.source import Span
from archspec.spec.node import Node
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping, Sequence, Tree

__all__ = ["Broken", "Environment", "Value", "Wires", "as_tuple"]

_REFERENCE = re.compile(r"(?P<name>[A-Za-z_*?][A-Za-z0-9_*?]*)(?P<items>(?:\[[^\[\]]+\])*)")
_ITEM = re.compile(r"\[([^\[\]]+)\]")
LISTED = 20

# To compare a glob with a name, or to look one up, takes a tenth of the time of what else is counted as a step.
_NAMES_A_STEP = 10


def as_tuple(value: object) -> object:
    """A value whose lists and ranges, at any depth, are tuples, so that it can be part of a frozen graph."""
    return tuple(as_tuple(item) for item in value) if isinstance(value, (list, tuple, range)) else value


class Broken(Exception):  # noqa: N818 - not an error of its own: the value it speaks of has been reported already
    """A node reads a value that could not be elaborated."""


@dataclass(slots=True, eq=False)
class Value:
    """What a name in a graph stands for.

    One that is `absent` is switched off and nothing stands in for it: it runs in training only, or `else` is null.

    `type` is None when the node could not be elaborated (its fault is collected) or gives nothing. A name may stand for
    the value of another, when a node is switched off.
    """

    ref: Ref
    type: Type | None
    span: Span
    only_train: bool = False
    broken: bool = False
    absent: bool = False
    used: bool = False
    warn_unused: bool = True
    made: Made | None = None
    written: Node | None = None
    scope: Scope | None = None


@dataclass(frozen=True, slots=True)
class Wires:
    """The inputs of one node: where each comes from, and the types."""

    refs: tuple[Ref, ...]
    keywords: tuple[tuple[str, Ref], ...]
    inputs: Inputs


@dataclass(slots=True, kw_only=True, eq=False)
class Environment:
    """The values of one graph, by name, in the order they are computed."""

    context: Context
    inputs: tuple[str, ...] = ()
    values: dict[str, Value] = field(default_factory=dict)
    before: str | None = None
    later: set[str] = field(default_factory=set)

    def size(self, node: str, dim: int) -> int:
        """The size of a dimension, for expressions.

        Raises:
            LookupError: there is no such value, or it has no such dimension.
        """
        value = self.values.get(node)
        if value is None:
            raise LookupError(f"no node before is called `{node}`", did_you_mean(node, self.values))
        value.used = True
        if not isinstance(value.type, TensorType):
            raise LookupError(f"`{node}` is no tensor")  # noqa: TRY004 - what scopes promise
        if not -len(value.type.shape) <= dim < len(value.type.shape):
            raise LookupError(f"`{node}` is {describe(value.type)} and has no dimension {dim}")
        return value.type.shape[dim]

    def resolve(self, text: str, span: Span) -> list[tuple[Ref, Value, Type]]:
        """The values that one reference names: several for a glob.

        Raises:
            Fault: it is written wrongly, or names nothing.
            LimitFault: it is too long, or all globs together look at too many names.
            Broken: it names a value that could not be elaborated.
        """
        self.context.limits.check("key_length", len(text), span, "characters of one reference", self.context.where)
        match = _REFERENCE.fullmatch(text.strip())
        if match is None:
            expected = "the name of a node, an item such as `attn[0]`, or a glob such as `layer*`"
            raise self.context.fault("E0501", f"{quote(text)} is no reference to a node", span, expected=expected)
        name, items = match["name"], _ITEM.findall(match["items"])
        if "*" in name or "?" in name:
            return self._glob(name, span)
        value = self.values.get(name)
        if value is None:
            raise self._unknown(name, span)
        return [self._item(value, name, items, span)]

    def _glob(self, pattern: str, span: Span) -> list[tuple[Ref, Value, Type]]:
        self.context.step(span, len(self.values) // _NAMES_A_STEP)
        names = [name for name in self.values if name != self.input_name() and fnmatchcase(name, pattern)]
        self.context.step(span, len(names))
        return [self._item(self.values[name], name, [], span) for name in names]

    def input_name(self) -> str | None:
        """The name of the first input, which a glob does not match."""
        return next(iter(self.values), None)

    def _unknown(self, name: str, span: Span) -> Exception:
        if name in self.later:
            message = f"`{name}` comes later in the graph, so it has no value yet"
            return self.context.fault("E0505", message, span, hint="nodes run in the order written: move it up")
        known = list(self.values)
        message = f"no node {'before ' if self.later else ''}is called {quote(name)}"
        hint = did_you_mean(name, known)
        fix = respelled(span, name, known)
        return self.context.fault("E0501", message, span, expected=", ".join(known[-LISTED:]), hint=hint, fix=fix)

    def _item(self, value: Value, name: str, items: list[str], span: Span) -> tuple[Ref, Value, Type]:
        value.used = True
        if value.broken:
            raise Broken
        if value.absent:
            message = f"`{name}` is switched off by `when`, and nothing stands in for it"
            raise self.context.fault("E0507", message, span, hint="give this node the same `when`")
        kind = value.type
        if kind is None:
            message = f"`{name}` is only held, so it gives no value"
            raise self.context.fault("E0501", message, span, hint="run it with `call`, or take `mode: hold` away")
        path = list(value.ref.items)
        for item in items:
            key, kind = self._take(kind, item.strip(), name, span)
            path.append(key)
        return Ref(value.ref.name, tuple(path)), value, kind

    def _take(self, kind: Type, item: str, name: str, span: Span) -> tuple[int | str, Type]:
        number = int(item) if re.fullmatch(r"-?\d{1,9}", item) else None
        if (
            isinstance(kind, (TupleType, ListType))
            and number is not None
            and -len(kind.items) <= number < len(kind.items)
        ):
            return number, kind.items[number]
        if isinstance(kind, DictType) and item in dict(kind.items):
            return item, dict(kind.items)[item]
        message = f"`{name}` has no item [{item}]"
        expected = _items_of(kind)
        hint = (
            "a tensor is split with an operation such as `select` or `narrow`" if isinstance(kind, TensorType) else ""
        )
        raise self.context.fault("E0502", message, span, found=describe(kind), expected=expected, hint=hint)

    def wires(self, node: Node, scope: Scope) -> Wires:
        """The inputs of a node, by its `from`, or the node before.

        Raises:
            Fault: `from` names what is not there.
            Broken: an input could not be elaborated.
        """
        tree = node.wiring.trees.get("from")
        constants = self._constants(node, scope)
        if tree is None:
            return self._default(node, constants)
        sources = evaluate_written(node.wiring.sources, scope, self.context.budget)
        if isinstance(sources, dict):
            return self._keywords(sources, tree, constants)
        texts = sources if isinstance(sources, list) else [sources]
        trees = tree.items if isinstance(tree, Sequence) else [tree]
        self.context.step(tree.span, len(texts) // _NAMES_A_STEP)
        found: list[tuple[Ref, Value, Type]] = []
        for text, part in zip(texts, trees, strict=True):
            found += self.resolve(self._text(text, part), part.span)
        if not found:
            raise self._no_match(texts, tree.span)
        return _wires(found, [], constants)

    def _no_match(self, texts: list[object], span: Span) -> Exception:
        patterns = ", ".join(quote(text) for text in texts)
        message = f"no node before matches {patterns}" if texts else "`from` names no node"
        expected = ", ".join(list(self.values)[-LISTED:])
        return self.context.fault("E0501", message, span, expected=expected)

    def _text(self, value: object, tree: Tree) -> str:
        if isinstance(value, str):
            return value
        message = "`from` names a node, a list of nodes, or a mapping of keywords to nodes"
        raise self.context.fault("E0501", message, tree.span, found=quote(value))

    def _keywords(self, sources: dict[str, object], tree: Tree, constants: tuple[tuple[str, object], ...]) -> Wires:
        assert isinstance(tree, Mapping)
        self.context.step(tree.span, len(sources) // _NAMES_A_STEP)
        named = []
        for key, part in ((key, part) for key, _, part in tree.items()):
            found = self.resolve(self._text(sources[key], part), part.span)
            named += [(key, item) for item in found]
        return _wires([], named, constants)

    def _constants(self, node: Node, scope: Scope) -> tuple[tuple[str, object], ...]:
        if node.wiring.constants is None:
            return ()
        values = evaluate_written(node.wiring.constants, scope, self.context.budget)
        assert isinstance(values, dict)
        for name, value in values.items():
            if isinstance(value, dict):
                message = f"`with`: `{name}` has a wrong value"
                expected = "a number, text, true or false, or a list of them"
                raise self.context.fault(
                    "E0304", message, node.wiring.span("with"), found=quote(value), expected=expected
                )
        return tuple((name, as_tuple(value)) for name, value in values.items())

    def _default(self, node: Node, constants: tuple[tuple[str, object], ...]) -> Wires:
        if self.before is None:
            inputs = [name for name in self.inputs if not isinstance(self.values[name].type, (NoneType, TextType))]
            found = [self._item(self.values[name], name, [], node.span) for name in inputs]
            return _wires(found, [], constants)
        return _wires([self._item(self.values[self.before], self.before, [], node.span)], [], constants)


def unknown_input(message: str, name: str, known: Collection[str], node: Node, context: Context) -> Fault:
    """The fault of an input that `from` or `with` of `node` names, and that nothing takes; it points at the name."""
    trees = (node.wiring.trees.get(key) for key in ("from", "with"))
    keys = (tree.entries[name][0].span for tree in trees if isinstance(tree, Mapping) and name in tree)
    span = next(keys, node.span)
    hint, fix = did_you_mean(name, known), respelled(span, name, known)
    return context.fault("E0503", message, span, expected=", ".join(known), hint=hint, fix=fix)


def _items_of(kind: Type) -> str:
    if isinstance(kind, DictType):
        return ", ".join(f"[{name}]" for name, _ in kind.items)
    if isinstance(kind, (TupleType, ListType)):
        last = len(kind.items) - 1
        return f"an item from [0] to [{last}]" if last >= 0 else "nothing: it has no items"
    return "a tuple, a list or a dictionary"


def _wires(
    found: list[tuple[Ref, Value, Type]],
    named: list[tuple[str, tuple[Ref, Value, Type]]],
    constants: tuple[tuple[str, object], ...],
) -> Wires:
    everything = [*found, *(item for _, item in named)]
    inputs = Inputs(
        positional=tuple(kind for _, _, kind in found),
        keywords=tuple((key, kind) for key, (_, _, kind) in named),
        constants=constants,
        sources=tuple(str(ref) for ref, _, _ in everything),
    )
    return Wires(
        refs=tuple(ref for ref, _, _ in found),
        keywords=tuple((key, ref) for key, (ref, _, _) in named),
        inputs=inputs,
    )
