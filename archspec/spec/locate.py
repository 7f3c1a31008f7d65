"""Pydantic's errors in our words: in come an error and the tree that was checked, out go loc, found, expected."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from archspec.diagnostic import quote
from archspec.syntax.tree import Mapping, Tree
from archspec.syntax.tree import Sequence as TreeSequence

__all__ = ["describe_errors", "locate"]

Location = Sequence[int | str]


def locate(tree: Tree, location: Location) -> Tree:
    """The tree that an error's `loc` speaks of.

    A step that the tree does not have (the member of a union that was tried) is passed over.
    """
    for step in location:
        if isinstance(tree, Mapping) and isinstance(step, str) and step in tree:
            tree = cast("Tree", tree.get(step))
        elif isinstance(tree, TreeSequence) and isinstance(step, int) and step < len(tree.items):
            tree = tree.items[step]
    return tree


def describe_errors(error: ValidationError) -> Iterator[tuple[Location, str, str, str]]:
    """Each error as (loc, type of error, what was found, what was expected)."""
    for details in error.errors(include_url=False):
        yield details["loc"], details["type"], quote(details["input"]), _expected(details)


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
    return f"one of {expected}" if " or " in expected else expected
