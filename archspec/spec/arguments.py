"""The arguments of a node: in comes what is written behind its type, out go named values that the callee knows."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Protocol, cast

from pydantic import ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.spec.locate import describe_errors
from archspec.spec.node import Arguments
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Expression, Template, Written, parse_written
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Scalar, Sequence, Tree

__all__ = ["Callee", "check_values", "is_constant", "name_arguments", "read_arguments"]

MANY = 2  # arguments, of which a list can hardly be meant to be the first alone
NO_ARGUMENTS = Arguments()


class Callee(Protocol):
    """What a layer and an operation have in common."""

    @property
    def name(self) -> str:
        """The name that a spec writes."""
        ...

    @property
    def arguments(self) -> Mapping[str, object]:
        """The arguments in order."""
        ...

    @property
    def positional(self) -> tuple[str, ...]:
        """The arguments that a list can give, in order."""
        ...

    def validate(self, values: Mapping[str, object]) -> dict[str, object]:
        """Check and convert the values given."""
        ...


def read_arguments(  # noqa: PLR0913 - the reader's own tools, passed on
    callee: Callee,
    sole: str | list[str] | None,
    tree: Tree | None,
    type_tree: Tree,
    limits: Limits,
    collector: Collector,
    *,
    read_value: Callable[[str, Tree], Written] | None = None,
) -> Arguments:
    """The arguments written in `tree`, checked as far as they hold no expressions."""
    takes_list = partial(_takes_list, callee, limits)
    trees = name_arguments(callee.name, list(callee.positional), sole, tree, type_tree, takes_list=takes_list)
    if not trees:
        return NO_ARGUMENTS
    values = {
        name: parse_written(value, limits) if read_value is None else read_value(name, value)
        for name, value in trees.items()
    }
    keys = {name: key for name, key, _ in tree.items()} if isinstance(tree, TreeMapping) else {}
    checked = check_values(callee, values, trees, type_tree, collector, keys)
    return Arguments(
        values=cast("dict[str, Written]", checked),
        trees=trees,
        constant=all(is_constant(value) for value in checked.values()),
    )


def is_constant(value: object) -> bool:
    """Whether a value holds no expression."""
    if isinstance(value, (list, tuple)):
        return all(is_constant(item) for item in value)
    if isinstance(value, dict):
        return all(is_constant(item) for item in value.values())
    return not isinstance(value, (Expression, Template))


def _takes_list(callee: Callee, limits: Limits, name: str, tree: Sequence) -> bool:
    """Whether the list could be the value of one argument."""
    try:
        callee.validate({name: parse_written(tree, limits)})
    except (ValidationError, Fault):
        return False
    return True


def name_arguments(  # noqa: PLR0913 - what an error needs to say
    callee: str,
    names: list[str],
    sole: str | list[str] | None,
    tree: Tree | None,
    type_tree: Tree,
    *,
    takes_list: Callable[[str, Sequence], bool],
) -> dict[str, Tree]:
    """Give each written argument its name, whichever of the forms it is written in.

    `takes_list` says of an argument and a list whether it can be its value.

    Raises:
        Fault: E0302 more positional arguments than there are, E0309 one value where several are needed.
    """
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return {}
    if isinstance(tree, TreeMapping):
        return {name: value for name, _, value in tree.items()}
    if isinstance(tree, Sequence):
        return _positional(callee, names, tree, takes_list)
    if isinstance(sole, str):
        return {sole: tree}
    raise Fault(_no_sole_argument(callee, sole, tree, type_tree))


def _positional(
    callee: str, names: list[str], tree: Sequence, takes_list: Callable[[str, Sequence], bool]
) -> dict[str, Tree]:
    if len(tree.items) > len(names):
        raise Fault(
            Diagnostic(
                code="E0302",
                message=f"{callee} takes {_count(len(names))} and gets {len(tree.items)}",
                span=tree.items[len(names)].span,
                expected=", ".join(names) or "no arguments",
                hint=_positional_hint(callee, names, is_list=bool(names) and takes_list(names[0], tree)),
            )
        )
    return dict(zip(names, tree.items, strict=False))


def _positional_hint(callee: str, names: list[str], *, is_list: bool) -> str:
    if len(names) > MANY:
        return f"name the arguments: {callee}: {{{names[0]}: …}}"
    return f"for one argument that is a list, write {callee}: {{{names[0]}: […]}}" if is_list else ""


def _count(most: int) -> str:
    return "no arguments" if most == 0 else f"at most {most} argument{'s' if most > 1 else ''} by position"


def _no_sole_argument(callee: str, sole: list[str] | None, tree: Tree, type_tree: Tree) -> Diagnostic:
    if sole is None:
        message = f"{callee} takes no arguments"
        return Diagnostic(code="E0302", message=message, span=tree.span, hint=f"write `{callee}` alone")
    names = ", ".join(f"`{name}`" for name in sole)
    value = tree.text if isinstance(tree, Scalar) else "…"
    filled = ", ".join([f"{sole[0]}: {value}", *(f"{name}: …" for name in sole[1:])])
    return Diagnostic(
        code="E0309",
        message=f"{callee} needs {len(sole)} arguments, so one value is not enough",
        span=type_tree.span,
        found=quote(value),
        expected=f"values for {names}",
        hint=f"name them: {callee}: {{{filled}}}",
    )


def check_values(  # noqa: PLR0913 - what an error needs to say
    callee: Callee,
    values: Mapping[str, object],
    trees: Mapping[str, Tree],
    type_tree: Tree,
    collector: Collector,
    keys: Mapping[str, Tree],
) -> dict[str, object]:
    """Run the callee's own Pydantic model over the values; faults are collected and the faulty values left out."""
    try:
        return callee.validate(values)
    except ValidationError as error:
        bad: set[str] = set()
        for diagnostic, name in argument_diagnostics(callee, error, trees, type_tree, keys=keys):
            bad.add(name)
            collector.add(diagnostic)
        return {name: value for name, value in values.items() if name not in bad}


def argument_diagnostics(  # noqa: PLR0913 - what an error needs to say
    callee: Callee,
    error: ValidationError,
    trees: Mapping[str, Tree],
    type_tree: Tree,
    path: str = "",
    *,
    keys: Mapping[str, Tree] | None = None,
) -> list[tuple[Diagnostic, str]]:
    """What is wrong with which argument: `keys` are the places of the arguments' names, where they are written."""
    found: list[tuple[Diagnostic, str]] = []
    for item in describe_errors(error, trees):
        if any(item.name == earlier for _, earlier in found):
            continue
        tree = item.tree or type_tree
        if item.kind == "extra_forbidden":
            diagnostic = unknown_argument(callee, item.name, (keys or {}).get(item.name, tree), path, set(trees))
        else:
            diagnostic = Diagnostic(
                code="E0304",
                message=f"{callee.name}: `{item.name}` has a wrong value",
                span=tree.span,
                path=path,
                found=item.found,
                expected=item.expected,
                hint=item.hint,
                fix=respelled(tree.span, item.found.strip("`"), item.choices),
            )
        found.append((diagnostic, item.name))
    return found


def unknown_argument(
    callee: Callee, name: str, tree: Tree, path: str = "", written: AbstractSet[str] = frozenset()
) -> Diagnostic:
    """The diagnostic for an argument that the callee does not have; it was meant to be none of the others `written`."""
    known = list(callee.arguments)
    free = [name for name in known if name not in written]
    return Diagnostic(
        code="E0302",
        message=f"{callee.name} has no argument {quote(name)}",
        span=tree.span,
        path=path,
        expected=", ".join(known) or "no arguments",
        hint=_input_hint(callee, name) or did_you_mean(name, free),
        fix=respelled(tree.span, name, free),
    )


def _input_hint(callee: Callee, name: str) -> str:
    """Where what a layer takes when it is called is written: not among the arguments that it is made with."""
    if name not in getattr(callee, "inputs", ()):
        return ""
    return f"it is given when {callee.name} is called: write `with: {{{name}: …}}` beside it, or name a node in `from`"
