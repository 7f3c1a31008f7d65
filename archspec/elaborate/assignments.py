"""Ties and initialisation of a whole model: in comes its `Graph`, out goes nothing, or what of them cannot be done."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from archspec.diagnostic import quote
from archspec.elaborate.context import Context
from archspec.elaborate.initialise import trial
from archspec.errors import Fault
from archspec.graph.graph import Block, Graph, InitRule, Leaf, Node, State, TensorStep, walk
from archspec.spec.document import Spec
from archspec.suggest import did_you_mean
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["check_init", "check_tie"]

# `bias: false`, `affine: false` and their like leave these out, and a rule may name them all the same.
_OFTEN_ABSENT = ("bias", "weight")


def check_tie(graph: Graph, spec: Spec, context: Context) -> None:
    """Refuse ties of parameters that do not exist, differ in shape, or are tied on; the faults are collected.

    Raises:
        Fault: E0903, the first of them.
    """
    if not spec.tie:
        return
    parameters = {key: state for key, state in graph.state() if state.is_parameter}
    faults = [
        fault
        for name, (tree, other) in spec.tie.items()
        if (fault := _tie_fault(name, other, tree, parameters, spec, context)) is not None
    ]
    for fault in faults:
        context.collect(fault)
    if faults:
        raise faults[0]


def _tie_fault(  # noqa: PLR0913 - what an error needs to say
    name: str, other: str, tree: Tree, parameters: Mapping[str, State], spec: Spec, context: Context
) -> Fault | None:
    for key, place in ((name, _tie_key(name, spec) or tree), (other, tree)):
        if key not in parameters:
            message = f"tie: the model has no parameter {quote(key)}"
            return context.fault("E0903", message, place.span, hint=did_you_mean(key, parameters))
    if name == other:
        message, hint = f"tie: `{name}` is tied to itself", "name two parameters, or remove it"
        return context.fault("E0903", message, tree.span, hint=hint)
    if other in spec.tie:
        message = f"tie: `{other}` is itself tied, to `{spec.tie[other][1]}`"
        return context.fault("E0903", message, tree.span, hint="tie all of them to one that is tied to none")
    first, second = parameters[name].shape, parameters[other].shape
    if first != second:
        message = f"tie: `{name}` and `{other}` have different shapes"
        found = f"{'×'.join(map(str, first))} and {'×'.join(map(str, second))}"
        return context.fault("E0903", message, tree.span, found=found, expected="two parameters of one shape")
    return None


def _tie_key(name: str, spec: Spec) -> Tree | None:
    """Where the first name of a tie stands."""
    tie = spec.block.tree.get("tie") if isinstance(spec.block.tree, TreeMapping) else None
    return tie.entries[name][0] if isinstance(tie, TreeMapping) and name in tie else None


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
            nodes = list(walk(node))
            faults += [fault for rule in rules for fault in _check_rule(rule, nodes, context)]
    for fault in faults:
        context.collect(fault)
    if faults:
        raise faults[0]


def _check_rule(rule: InitRule, nodes: list[tuple[str, Node]], context: Context) -> Iterator[Fault]:
    matched = {id(node): node for path, node in nodes if _matches(rule, path, node)}
    if not matched and not rule.by_type:
        message = f"init: no module has the path {quote(rule.match)}"
        context.warn("W0106", message, rule.span, hint=did_you_mean(rule.match, [path for path, _ in nodes]))
    states = [state for node in matched.values() for state in _own_states(node)]
    names = {state.name for state in states}
    for name, initialiser, arguments in rule.fills:
        if names and name not in names and name not in _OFTEN_ABSENT and "." not in name:
            message = f"init: nothing that {quote(rule.match)} matches has a parameter {quote(name)}"
            context.warn("W0106", message, rule.span, hint=did_you_mean(name, sorted(names)))
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
