"""Rules of `init`: in come those of a node and its subtree, out go the same with what of them has an effect there."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from archspec.catalog.registry import Registry
from archspec.fold.design import Constant, Fill, Rule
from archspec.graph.graph import Block, InitRule, Leaf, Node, TensorStep, states, walk

__all__ = ["rules_of"]

# Layers of torch.nn that hold layers of their own, of classes that inherit from others: a `Linear` that is none.
_HOLDING_SUBCLASSES = ("MultiheadAttention", "Transformer")
# What the layers of torch.nn are made of that hold others.
_HELD = ("Dropout", "LayerNorm", "Linear", "MultiheadAttention")


def rules_of(node: Node, rules: tuple[InitRule, ...], registry: Registry) -> tuple[Rule, ...]:
    """The rules for a subtree; one that fills nothing there is left out."""
    if not rules:
        return ()
    nodes = [*walk(node)]
    made = [_rule(rule, nodes, registry) for rule in rules]
    return tuple(_together([rule for rule in made if rule.fills]))


def _together(rules: list[Rule]) -> Iterator[Rule]:
    """Rules for different types that say the same, one after the other, as one."""
    last: Rule | None = None
    for rule in rules:
        if last is not None and last.types and replace(rule, types=last.types) == last:
            last = replace(last, types=(*last.types, *rule.types))
            continue
        if last is not None:
            yield last
        last = rule
    if last is not None:
        yield last


def _rule(rule: InitRule, nodes: list[tuple[str, Node]], registry: Registry) -> Rule:
    matched = [found for path, found in nodes if _matches(rule, path, found)]
    inside = any(_holds_layers(found, rule.match, registry) for _, found in nodes)
    if not rule.by_type and matched and "*" not in rule.match:
        inside = False
    fills = [
        Fill(name, initialiser, tuple((key, Constant(value)) for key, value in arguments), guarded)
        for name, initialiser, arguments in rule.fills
        for guarded in _guards(name, matched, inside=inside)
    ]
    exact = rule.by_type and any(_holds_subclasses(found, rule.match, registry) for _, found in nodes)
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


def _holds_layers(node: Node, match: str, registry: Registry) -> bool:
    """Whether a layer is made of other layers that a rule may be for, and that the graph does not have."""
    if not isinstance(node, Leaf) or node.size.modules == 1:
        return False
    return _is_registered(node, registry) or match in _HELD or "." in match


def _holds_subclasses(node: Node, match: str, registry: Registry) -> bool:
    """Whether a layer may hold one whose class inherits from the one that a rule is for."""
    if not isinstance(node, Leaf):
        return False
    return _is_registered(node, registry) or (match == "Linear" and node.type.startswith(_HOLDING_SUBCLASSES))


def _is_registered(node: Leaf, registry: Registry) -> bool:
    layer = registry.layer(node.type)
    return layer is not None and layer.is_registered
