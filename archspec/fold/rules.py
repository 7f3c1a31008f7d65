"""Rules of `init`: in come those of a node and its subtree, out go the same with what of them has an effect there."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from archspec.catalog.registry import Registry
from archspec.fold.design import Constant, Fill, Rule
from archspec.graph.graph import Block, InitRule, Leaf, Node, TensorStep, states, walk

__all__ = ["rules_of"]

# Layers of torch.nn that hold layers of their own, of classes that inherit from others: a `Linear` that is none.
_HOLDING_SUBCLASSES = ("MultiheadAttention", "Transformer")


def rules_of(node: Node, rules: tuple[InitRule, ...], registry: Registry) -> tuple[Rule, ...]:
    """The rules for a subtree; one that fills nothing there is left out."""
    if not rules:
        return ()
    nodes = [*walk(node)]
    made = [_rule(rule, nodes, registry) for rule in rules]
    return tuple(rule for rule in made if rule.fills)


def _rule(rule: InitRule, nodes: list[tuple[str, Node]], registry: Registry) -> Rule:
    matched = [found for path, found in nodes if _matches(rule, path, found)]
    inside = any(_holds_layers(found) for _, found in nodes)
    fills = [
        Fill(name, initialiser, tuple((key, Constant(value)) for key, value in arguments), guarded)
        for name, initialiser, arguments in rule.fills
        for guarded in _guards(name, matched, inside=inside)
    ]
    exact = rule.by_type and any(_holds_subclasses(found, registry) for _, found in nodes)
    types, pattern = ((rule.match,), "") if rule.by_type else ((), rule.match)
    place = next((index for index, (path, _) in enumerate(nodes) if path == pattern), None)
    return Rule(types, pattern, exact, tuple(fills), place)


def _guards(name: str, matched: list[Node], *, inside: bool) -> Iterator[bool]:
    """Whether a fill needs to look for its parameter first; nothing where no module has it."""
    has = {name in _state_names(node, deep="." in name) for node in matched}
    if inside or True in has:
        yield inside or False in has


def _matches(rule: InitRule, path: str, node: Node) -> bool:
    if not rule.by_type:
        return fnmatchcase(path, rule.match)
    return (node.type if isinstance(node, Leaf) else getattr(node, "name", "")) == rule.match


def _state_names(node: Node, *, deep: bool) -> set[str]:
    """The names of the parameters and buffers of a node itself, or `deep` of all below it too."""
    if deep or isinstance(node, Leaf):
        return {name for name, _ in states(node)}
    steps = node.steps if isinstance(node, Block) else ()
    return {step.name for step in steps if isinstance(step, TensorStep)}


def _holds_layers(node: Node) -> bool:
    """Whether a layer is made of other layers, which rules for a type reach as well."""
    return isinstance(node, Leaf) and node.size.modules > 1


def _holds_subclasses(node: Node, registry: Registry) -> bool:
    if not isinstance(node, Leaf):
        return False
    layer = registry.layer(node.type)
    return node.type.startswith(_HOLDING_SUBCLASSES) or (layer is not None and layer.is_registered)
