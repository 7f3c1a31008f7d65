"""The arguments of a node: in comes what is written behind its type, out go named values that the callee knows."""

from collections.abc import Callable, Mapping
from typing import Protocol, cast

from pydantic import ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector, Fault
from archspec.limits import Limits
from archspec.spec.locate import describe_errors, locate
from archspec.spec.node import Arguments
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Expression, Template, Written, parse_written
from archspec.syntax.tree import Mapping as TreeMapping
from archspec.syntax.tree import Scalar, Sequence, Tree

__all__ = ["Callee", "check_values", "is_constant", "name_arguments", "read_arguments"]

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
    trees = name_arguments(callee.name, list(callee.arguments), sole, tree, type_tree)
    if not trees:
        return NO_ARGUMENTS
    values = {
        name: parse_written(value, limits) if read_value is None else read_value(name, value)
        for name, value in trees.items()
    }
    checked = check_values(callee, values, trees, type_tree, collector)
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


def name_arguments(
    callee: str, names: list[str], sole: str | list[str] | None, tree: Tree | None, type_tree: Tree
) -> dict[str, Tree]:
    """Give each written argument its name, whichever of the forms it is written in.

    Raises:
        Fault: E0302 more positional arguments than there are, E0309 one value where several are needed.
    """
    if tree is None or (
        isinstance(tree, Scalar) and tree.value is None and not tree.quoted and not tree.text.strip("~")
    ):
        return {}
    if isinstance(tree, TreeMapping):
        return {name: value for name, _, value in tree.items()}
    if isinstance(tree, Sequence):
        return _positional(callee, names, tree)
    if isinstance(sole, str):
        return {sole: tree}
    raise Fault(_no_sole_argument(callee, sole, tree, type_tree))


def _positional(callee: str, names: list[str], tree: Sequence) -> dict[str, Tree]:
    if len(tree.items) > len(names):
        raise Fault(
            Diagnostic(
                code="E0302",
                message=f"{callee} takes at most {len(names)} positional arguments and gets {len(tree.items)}",
                span=tree.items[len(names)].span,
                expected=", ".join(names) or "no arguments",
                hint=f"for one argument that is a list, write {names[0]}: [...]" if names else "",
            )
        )
    return dict(zip(names, tree.items, strict=False))


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


def check_values(
    callee: Callee, values: Mapping[str, object], trees: Mapping[str, Tree], type_tree: Tree, collector: Collector
) -> dict[str, object]:
    """Run the callee's own Pydantic model over the values; faults are collected and the faulty values left out."""
    try:
        return callee.validate(values)
    except ValidationError as error:
        bad: set[str] = set()
        for diagnostic, name in argument_diagnostics(callee, error, trees, type_tree):
            bad.add(name)
            collector.add(diagnostic)
        return {name: value for name, value in values.items() if name not in bad}


def argument_diagnostics(
    callee: Callee, error: ValidationError, trees: Mapping[str, Tree], type_tree: Tree, path: str = ""
) -> list[tuple[Diagnostic, str]]:
    """What is wrong with which argument."""
    found: list[tuple[Diagnostic, str]] = []
    for location, kind, value, expected in describe_errors(error):
        name = str(location[0])
        if any(name == earlier for _, earlier in found):
            continue
        tree = trees.get(name)
        if kind == "extra_forbidden":
            diagnostic = unknown_argument(callee, name, tree or type_tree, path)
        else:
            span = type_tree.span if tree is None else locate(tree, location[1:]).span
            message = f"{callee.name}: `{name}` has a wrong value"
            diagnostic = Diagnostic(code="E0304", message=message, span=span, path=path, found=value, expected=expected)
        found.append((diagnostic, name))
    return found


def unknown_argument(callee: Callee, name: str, tree: Tree, path: str = "") -> Diagnostic:
    """The diagnostic for an argument that the callee does not have."""
    known = list(callee.arguments)
    return Diagnostic(
        code="E0302",
        message=f"{callee.name} has no argument {quote(name)}",
        span=tree.span,
        path=path,
        expected=", ".join(known) or "no arguments",
        hint=did_you_mean(name, known),
    )
