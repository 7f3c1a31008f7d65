"""`archspec list`: out go the architectures that ship with archspec, with their presets, as a table or as JSON."""

import json
from typing import Literal

from archspec.commands.console import console, print_document, width_of
from archspec.commands.layout import Column, table
from archspec.diagnostic import escape
from archspec.spec.shipped import Shipped, shipped

__all__ = ["run"]


def run(*, form: Literal["text", "json"] = "text") -> int:
    """Print what ships: each name and each preset is what `archspec build` finds.

    Args:
        form: `text` for people, or `json`: a list of `{name, presets, doc}`.

    Returns:
        The exit code: 0.
    """
    items = list(shipped().values())
    if form == "json":
        listed = [{"name": item.name, "presets": list(item.presets), "doc": item.doc} for item in items]
        print_document(json.dumps(listed, indent=2) + "\n")
    else:
        _print_table(items)
    return 0


def _print_table(items: list[Shipped]) -> None:
    """A line for each architecture, and below it one for each preset."""
    screen = console()
    names = [name for item in items for name in (item.name, *(f"  {preset}" for preset in item.presets))]
    docs = [doc for item in items for doc in (item.doc, *("" for _ in item.presets))]
    columns = [
        Column(title="Name", cells=[escape(name) for name in names], style="cyan"),
        Column(title="Description", cells=[escape(doc) for doc in docs], least=20),
    ]
    for line in table(columns, width_of(screen), shrink=("Description",)):
        screen.print(line)
