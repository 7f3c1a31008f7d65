"""Initialisation: in come `init:` rules as written, out go concrete rules that the emitter applies."""

from inspect import Parameter

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from archspec.catalog.hints import kind_of_hint
from archspec.catalog.initialisers import INITIALISERS, initialiser_parameters
from archspec.diagnostic import Note, quote
from archspec.elaborate.context import Context
from archspec.elaborate.evaluate import evaluate_written
from archspec.elaborate.scope import Scope
from archspec.elaborate.shapes import NotRunnable
from archspec.errors import Fault
from archspec.fix import respelled
from archspec.graph.graph import InitRule
from archspec.graph.types import TensorType, describe
from archspec.source import Span
from archspec.spec.document import InitRule as WrittenRule
from archspec.spec.names import is_type_name
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Written
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Tree

__all__ = ["init_rules", "initialiser", "trial"]

# These two fill a tensor row by row in Python, on meta as well, and draw real random numbers there.
_LOOPS = ("dirac", "sparse")
LONGEST_LOOP = 1_024


def initialiser(
    written: Written, tree: Tree, scope: Scope, context: Context
) -> tuple[str, tuple[tuple[str, object], ...]]:
    """An initialiser as `zeros` or `{normal: {std: 0.02}}`.

    Raises:
        Fault: E0902 there is no such initialiser or argument.
    """
    value = evaluate_written(written, scope, context.budget)
    if isinstance(value, str):
        name, arguments = value, None
    elif isinstance(value, dict) and len(value) == 1:
        name, arguments = next(iter(value.items()))
    else:
        expected = "an initialiser such as zeros, or {normal: {std: 0.02}}"
        raise context.fault("E0902", "this is no initialiser", tree.span, found=quote(value), expected=expected)
    if name not in INITIALISERS:
        message, expected = f"there is no initialiser {quote(name)}", ", ".join(INITIALISERS)
        hint, fix = did_you_mean(name.rstrip("_"), INITIALISERS), respelled(tree.span, name, INITIALISERS)
        raise context.fault("E0902", message, tree.span, expected=expected, hint=hint, fix=fix)
    parameters = initialiser_parameters(name)
    known = tuple(parameters)
    given = _named(arguments, known)
    for argument in given:
        if argument not in known:
            expected = ", ".join(known) or "no arguments"
            message = f"{name} has no argument {quote(argument)}"
            span = _key(tree, name, argument).span
            hint, fix = did_you_mean(argument, known), respelled(span, argument, set(known) - set(given))
            raise context.fault("E0902", message, span, expected=expected, hint=hint, fix=fix)
    for argument, value in given.items():
        _check_value(name, argument, value, parameters[argument], tree, context)
    missing = [item.name for item in parameters.values() if item.default is item.empty and item.name not in given]
    if missing:
        raise context.fault(
            "E0902", f"{name} needs `{missing[0]}`", tree.span, hint=f"write {{{name}: {{{missing[0]}: …}}}}"
        )
    return name, tuple(given.items())


def _check_value(  # noqa: PLR0913 - what an error needs to say
    name: str, argument: str, value: object, parameter: Parameter, tree: Tree, context: Context
) -> None:
    try:
        kind_of_hint(parameter.annotation).check(value)
    except (PydanticCustomError, ValidationError) as error:
        said = (error.context or {}) if isinstance(error, PydanticCustomError) else {}
        expected, hint, choices = (said.get(key, "") for key in ("expected", "hint", "choices"))
        written = tree.get(name) if isinstance(tree, TreeMapping) else None
        place = written.get(argument) if isinstance(written, TreeMapping) else written
        message = f"{name}: `{argument}` has a wrong value"
        span = (place or tree).span
        fix = respelled(span, str(value), choices)
        raise context.fault(
            "E0902", message, span, found=quote(value), expected=expected, hint=hint, fix=fix
        ) from error


def trial(  # noqa: PLR0913 - what an error needs to say
    name: str,
    arguments: tuple[tuple[str, object], ...],
    shape: tuple[int, ...],
    span: Span | None,
    what: str,
    context: Context,
) -> None:
    """Run an initialiser on meta, where it fills nothing but refuses what it would refuse.

    Raises:
        Fault: E0902, it cannot fill a tensor of this shape, or not with these arguments.
    """
    loops = name in _LOOPS
    if loops and max(shape, default=0) > LONGEST_LOOP:
        return
    # The others look at how many dimensions there are, and whether one is empty.
    tried = shape if loops else tuple(min(size, 1) for size in shape)
    try:
        context.shapes.compute(("init", name, arguments, tried), lambda: _fill(name, arguments, tried))
    except NotRunnable as error:
        message = f"{name} cannot fill {what}, which is {describe(TensorType(shape))}"
        written = {name: dict(arguments)} if arguments else name
        note = Note(message=f"PyTorch says: {error.reason}")
        raise context.fault("E0902", message, span, found=quote(written), notes=(note,)) from error


def _fill(name: str, arguments: tuple[tuple[str, object], ...], shape: tuple[int, ...]) -> object:
    import torch

    with torch.random.fork_rng(devices=[], enabled=name in _LOOPS):
        return getattr(torch.nn.init, f"{name}_")(torch.empty(shape, device="meta"), **dict(arguments))


def _named(arguments: object, known: tuple[str, ...]) -> dict[str, object]:
    """The arguments by name; a single value is the first one (`constant: 0.5`)."""
    if isinstance(arguments, dict):
        return arguments
    return {} if arguments is None else {known[0] if known else "": arguments}


def _key(tree: Tree, name: str, argument: str) -> Tree:
    arguments = tree.get(name) if isinstance(tree, TreeMapping) else None
    if isinstance(arguments, TreeMapping) and argument in arguments:
        return arguments.entries[argument][0]
    return tree


def init_rules(rules: tuple[WrittenRule, ...], scope: Scope, blocks: object, context: Context) -> tuple[InitRule, ...]:
    """The rules of a block with their expressions evaluated.

    Raises:
        Fault: the first that is wrong, once the others are collected.
    """
    made: list[InitRule] = []
    faults: list[Fault] = []
    for rule in rules:
        try:
            made.append(_init_rule(rule, scope, blocks, context))
        except Fault as fault:
            context.collect(fault)
            faults.append(fault)
    if faults:
        raise faults[0]
    return tuple(made)


def _init_rule(rule: WrittenRule, scope: Scope, blocks: object, context: Context) -> InitRule:
    """One rule with its expressions evaluated.

    Raises:
        Fault: E0901 it matches a type that does not exist, E0902 its initialiser is wrong.
    """
    by_type = is_type_name(rule.match) and "." not in rule.match and "*" not in rule.match
    names = list(blocks) if isinstance(blocks, dict) else []
    if by_type and rule.match not in names and context.registry.layer(rule.match) is None:
        known = [*names, *context.registry.layer_names()]
        match = rule.tree.get("match") or rule.tree
        message = f"init: no layer or block is called {quote(rule.match)}"
        hint, fix = did_you_mean(rule.match, known), respelled(match.span, rule.match, known)
        raise context.fault("E0901", message, match.span, hint=hint, fix=fix)
    fills = tuple((name, *initialiser(written, tree, scope, context)) for name, (tree, written) in rule.fills.items())
    if not fills:
        message = "an init rule says what fills which parameter"
        raise context.fault("E0901", message, rule.tree.span, hint="add, for example, `weight: zeros`")
    return InitRule(match=rule.match, fills=fills, by_type=by_type, span=rule.tree.span)
