"""Ties and initialisation of a whole model: in comes its `Graph`, out goes nothing, or what of them cannot be done."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.initialise import trial
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.graph.graph import Block, Graph, InitRule, Leaf, Node, State, TensorStep, Ties, states, walk
from archspec.spec.document import Block as WrittenBlock
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["assigned", "check_init", "check_tie", "ties_of"]

# `bias: false`, `affine: false` and their like leave these out, and a rule may name them all the same.
_OFTEN_ABSENT = ("bias", "weight")

# To compare a rule with the path of a module takes a tenth of the time of what else is counted as a step.
_MATCHES_A_STEP = 10


def check_tie(block: WrittenBlock, node: Node, context: Context) -> None:
    """Refuse ties of parameters that do not exist, differ in shape, or are tied on; the faults are collected.

    Raises:
        Fault: E0903, the first of them.
    """
    if not block.tie:
        return
    parameters = {key: state for key, state in states(node) if state.is_parameter}
    faults = [
        fault
        for name, (tree, other) in block.tie.items()
        if (fault := _tie_fault(name, other, tree, parameters, block, context)) is not None
    ]
    for fault in faults:
        context.collect(fault)
    if faults:
        raise faults[0]


def _tie_fault(  # noqa: PLR0913 - what an error needs to say
    name: str, other: str, tree: Tree, parameters: Mapping[str, State], block: WrittenBlock, context: Context
) -> Fault | None:
    for key, place in ((name, _tie_key(name, block) or tree), (other, tree)):
        if key not in parameters:
            message = f"tie: the model has no parameter {quote(key)}"
            hint, fix = did_you_mean(key, parameters), respelled(place.span, key, parameters)
            return context.fault("E0903", message, place.span, hint=hint, fix=fix)
    if name == other:
        message, hint = f"tie: `{name}` is tied to itself", "name two parameters, or remove it"
        return context.fault("E0903", message, tree.span, hint=hint)
    if other in block.tie:
        message = f"tie: `{other}` is itself tied, to `{block.tie[other][1]}`"
        return context.fault("E0903", message, tree.span, hint="tie all of them to one that is tied to none")
    first, second = parameters[name].shape, parameters[other].shape
    if first != second:
        message = f"tie: `{name}` and `{other}` have different shapes"
        found = f"{'×'.join(map(str, first))} and {'×'.join(map(str, second))}"
        return context.fault("E0903", message, tree.span, found=found, expected="two parameters of one shape")
    return None


def _tie_key(name: str, block: WrittenBlock) -> Tree | None:
    """Where the first name of a tie stands."""
    tie = block.tree.get("tie") if isinstance(block.tree, TreeMapping) else None
    return tie.entries[name][0] if isinstance(tie, TreeMapping) and name in tie else None


def assigned(node: Node, rules: tuple[InitRule, ...], block: WrittenBlock, context: Context) -> Node:
    """The node with the initialisation and the ties of the block that it is the model of.

    Raises:
        Fault: E0903, a tie is wrong.
    """
    check_tie(block, node, context)
    if not rules and not block.tie:
        return node
    ties = tuple((name, other) for name, (_, other) in block.tie.items())
    return replace(node, init=(*node.init, *rules), tie=(*node.tie, *ties))


def ties_of(root: Node) -> Ties:
    """Every tie in a tree, by the keys of the whole model."""
    return tuple(
        (f"{path}.{name}".lstrip("."), f"{path}.{other}".lstrip("."))
        for path, node in walk(root)
        for name, other in node.tie
    )


def check_init(graph: Graph, context: Context) -> None:
    """Try the rules of every `init` on the parameters that they match, and warn about those that match nothing.

    Raises:
        Fault: E0902, an initialiser cannot fill a parameter; the faults of all rules are collected.
    """
    faults: list[Fault] = []
    seen: set[int] = set()
    for path, node in walk(graph.root):
        rules = (*graph.init, *node.init) if not path else node.init
        if rules and id(node) not in seen:
            seen.add(id(node))
            nodes, keys = list(walk(node)), frozenset(key for key, _ in states(node))
            faults += [fault for rule in rules for fault in _check_rule(rule, nodes, keys, context)]
    for fault in faults:
        context.collect(fault)
    if faults:
        raise faults[0]


def _check_rule(
    rule: InitRule, nodes: list[tuple[str, Node]], keys: frozenset[str], context: Context
) -> Iterator[Fault]:
    context.step(rule.span, len(nodes) // _MATCHES_A_STEP)
    found = [(path, node) for path, node in nodes if _matches(rule, path, node)]
    matched = {id(node): node for _, node in found}
    if not matched and not rule.by_type:
        message = f"init: no module has the path {quote(rule.match)}"
        context.warn("W0106", message, rule.span, hint=did_you_mean(rule.match, [path for path, _ in nodes]))
    states = [state for node in matched.values() for state in _own_states(node)]
    names = {state.name for state in states}
    for name, initialiser, arguments in rule.fills:
        if names and name not in names and name not in _OFTEN_ABSENT and "." not in name:
            message = f"init: nothing that {quote(rule.match)} matches has a parameter {quote(name)}"
            context.warn("W0106", message, rule.span, hint=did_you_mean(name, sorted(names)))
        if found and "." in name and not any(f"{path}.{name}".lstrip(".") in keys for path, _ in found):
            message = f"init: nothing that {quote(rule.match)} matches has a parameter {quote(name)}"
            yield context.fault("E0902", message, rule.span, hint=did_you_mean(name, sorted(names)))
        for shape in dict.fromkeys(state.shape for state in states if state.name == name):
            try:
                trial(initialiser, arguments, shape, rule.span, f"`{name}` of {quote(rule.match)}", context)
            except Fault as fault:
                yield fault


def _matches(rule: InitRule, path: str, node: Node) -> bool:
    if not rule.by_type:
        return fnmatchcase(path, rule.match)
    return (node.type if isinstance(node, Leaf) else getattr(node, "name", "")) == rule.match


def _own_states(node: Node) -> Iterator[State]:
    if isinstance(node, Leaf):
        yield from node.state
    elif isinstance(node, Block):
        yield from (step.state for step in node.steps if isinstance(step, TensorStep))
