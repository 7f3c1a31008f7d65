"""Pydantic's errors in our words: in come an error and the trees that were checked, out goes what is wrong where."""

import re
from collections.abc import Callable, Sequence
from collections.abc import Mapping as AnyMapping
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from archspec.diagnostic import quote
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Expression, Template
from archspec.syntax.scalars import resolve
from archspec.syntax.tree import Mapping, Tree
from archspec.syntax.tree import Sequence as TreeSequence

__all__ = ["Described", "describe_errors", "locate"]

Location = Sequence[int | str]

_LITERAL = re.compile(r"'([^']*)'")


def locate(tree: Tree, location: Location) -> Tree:
    """The tree that an error's `loc` speaks of.

    A step that the tree does not have (the member of a union that was tried) is passed over.
    """
    return _walk(tree, location)[0]


def _walk(tree: Tree, location: Location) -> tuple[Tree, list[str]]:
    """The tree that `location` leads to, and the keys on the way."""
    keys: list[str] = []
    for step in location:
        if isinstance(tree, Mapping) and isinstance(step, str) and step in tree:
            tree = cast("Tree", tree.get(step))
            keys.append(step)
        elif isinstance(tree, TreeSequence) and isinstance(step, int) and step < len(tree.items):
            tree = tree.items[step]
    return tree, keys


class Described(NamedTuple):
    """One error.

    Attributes:
        name: the key or argument at fault.
        path: the same with the steps below it, such as `blocks.Stem`.
        kind: Pydantic's name of this kind of error.
        found: what stands there.
        expected: what should stand there.
        hint: the likely fix.
        tree: where it stands; None when it is missing.
        choices: the values to choose from, where it is a name that was to be one of them.
    """

    name: str
    path: str
    kind: str
    found: str
    expected: str
    hint: str
    tree: Tree | None
    choices: tuple[str, ...] = ()


def describe_errors(error: ValidationError, trees: AnyMapping[str, Tree]) -> list[Described]:
    """What is wrong, one error for each place: the alternatives that a value is none of are one error."""
    found: dict[tuple[str, int], Described] = {}
    for details in error.errors(include_url=False):
        described = _described(details, trees)
        key = (described.name, id(described.tree))
        earlier = found.get(key)
        if earlier is None:
            found[key] = described
        elif described.expected not in earlier.expected.split(" or "):
            found[key] = earlier._replace(expected=f"{earlier.expected} or {described.expected}")
    return list(found.values())


def _described(details: ErrorDetails, trees: AnyMapping[str, Tree]) -> Described:
    location = details["loc"]
    name = str(location[0])
    top = trees.get(name)
    tree, keys = (None, []) if top is None else _walk(top, location[1:])
    context = details.get("ctx", {})
    choices = tuple(context.get("choices", ())) or _literals(details)
    found, expected = _found(details["input"]), _expected(details)
    near = did_you_mean(details["input"], choices) if isinstance(details["input"], str) else ""
    hint = str(context.get("hint", "")) or near or _yaml_hint(details["input"], expected)
    return Described(name, ".".join([name, *keys]), details["type"], found, expected, hint, tree, choices)


def _literals(details: ErrorDetails) -> tuple[str, ...]:
    """The texts that a `Literal` allows, which Pydantic lists in its own words."""
    expected = str(details.get("ctx", {}).get("expected", ""))
    return tuple(_LITERAL.findall(expected)) if details["type"] == "literal_error" else ()


def _yaml_hint(value: object, expected: str) -> str:
    """What to write in place of text that looks like something else, or that YAML 1.1 read otherwise."""
    if not isinstance(value, str):
        return ""
    if value.lower() in _YES_AND_NO and "true or false" in expected:
        return f"write `{_YES_AND_NO[value.lower()]}`: in YAML 1.2 `{value}` is text"
    meant = resolve(value)
    wanted = ("true or false",) if isinstance(meant, bool) else ("integer", "number")
    fits = isinstance(meant, (bool, int, float)) and any(word in expected for word in wanted)
    return "remove the quotes" if fits else ""


_YES_AND_NO = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def _found(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, (Expression, Template)):
        return quote(value.text)
    if not isinstance(value, (bool, int, float, str, list, tuple, dict)):
        return "a module"
    looks_otherwise = isinstance(value, str) and not isinstance(resolve(value), str)
    return f"the text {quote(value)}" if looks_otherwise else quote(value)


def _expected(details: ErrorDetails) -> str:
    words = _WORDS.get(details["type"])
    context: dict[str, Any] = details.get("ctx", {})
    return words(context) if words is not None else details["msg"].removeprefix("Input should be ")


_WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "int_type": lambda _: "an integer",
    "int_from_float": lambda _: "an integer",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "bool_type": lambda _: "true or false",
    "string_type": lambda _: "text",
    "list_type": lambda _: "a list",
    "tuple_type": lambda _: "a list",
    "dict_type": lambda _: "a mapping",
    "none_required": lambda _: "null",
    "recursion_loop": lambda _: "a value that does not hold itself",
    "greater_than_equal": lambda context: f"at least {context['ge']}",
    "greater_than": lambda context: f"more than {context['gt']}",
    "less_than_equal": lambda context: f"at most {context['le']}",
    "less_than": lambda context: f"less than {context['lt']}",
    "literal_error": lambda context: _one_of(str(context["expected"])),
    "too_long": lambda context: f"at most {context['max_length']} items",
    "too_short": lambda context: f"at least {context['min_length']} items",
    "string_too_short": lambda context: f"at least {context['min_length']} characters",
    "string_too_long": lambda context: f"at most {context['max_length']} characters",
}


def _one_of(expected: str) -> str:
    listed = expected.replace("'", "`")
    return f"one of {listed}" if " or " in listed else listed
