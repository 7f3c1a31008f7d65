"""`archspec list`: out go the architectures that ship, in short or one of them in full, as a table or as JSON."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from archspec.commands.amounts import short
from archspec.commands.console import console, print_document, print_text, width_of, wrapped
from archspec.commands.layout import NONE, Column, table
from archspec.diagnostic import escape, quote
from archspec.errors import UsageError
from archspec.spec.gallery import Figures, gallery
from archspec.spec.shipped import Shipped, shipped, shipped_names
from archspec.suggest import did_you_mean

__all__ = ["run"]

MORE = "`archspec list NAME` shows the presets of one, what it is and its paper; `archspec build NAME` builds it."
PARAMS = "Params  "


def run(name: str | None = None, *, form: Literal["text", "json"] = "text") -> int:
    """Print what ships: each name and each preset is what `archspec build` finds.

    Args:
        name: an architecture or one of its presets, which is then shown in full.
        form: `text` for people, or `json`: a list of `{name, presets, doc, paper, text, params, models}`, where models
            are `{name, parameters, macs, inputs, weights}`.

    Returns:
        The exit code: 0.

    Raises:
        UsageError: nothing that ships is called that.
    """
    items = list(shipped().values()) if name is None else [_named(name)]
    if form == "json":
        print_document(json.dumps([_record(item) for item in items], indent=2, ensure_ascii=False) + "\n")
    elif name is None:
        _print_families(items)
    else:
        _print_family(items[0])
    return 0


def _named(name: str) -> Shipped:
    found = shipped().get(name) or next((item for item in shipped().values() if name in item.presets), None)
    if found is None:
        hint = did_you_mean(name, shipped_names(), otherwise="`archspec list` shows what ships")
        raise UsageError(f"no architecture that ships is called {quote(name)}: {hint}")
    return found


def _record(item: Shipped) -> dict[str, Any]:
    return {
        "name": item.name,
        "presets": list(item.presets),
        "doc": item.doc,
        "paper": item.paper,
        "text": "\n\n".join(item.paragraphs),
        "params": list(item.params),
        "models": [_model(item, name) for name in item.names],
    }


def _model(item: Shipped, name: str) -> dict[str, Any]:
    """The figures of a name; null where they were not measured."""
    figures = gallery().get(name)
    return {
        "name": name,
        "parameters": None if figures is None else figures.parameters,
        "macs": None if figures is None else figures.macs,
        "inputs": None if figures is None else {key: list(shape) for key, shape in figures.inputs.items()},
        "weights": list(item.weights.get(name, ())),
    }


def _print_families(items: Sequence[Shipped]) -> None:
    """A line for each architecture: how many presets it has and how large they are. A pipe gets all the names too."""
    screen = console()
    figures = [[gallery()[name] for name in item.names if name in gallery()] for item in items]
    columns = [
        Column(title="Name", cells=[escape(item.name) for item in items], style="cyan"),
        Column(title="Presets", cells=[str(len(item.presets)) if item.presets else NONE for item in items], right=True),
        Column(title="Parameters", cells=[_range([each.parameters for each in group]) for group in figures]),
        Column(title="MACs", cells=[_range([each.macs for each in group]) for group in figures]),
        Column(title="Description", cells=[escape(item.doc) for item in items], least=20),
        Column(title="Names", cells=[escape(", ".join(item.presets)) for item in items], least=1000, optional=True),
    ]
    for line in table(columns, width_of(screen), shrink=("Names", "Description")):
        screen.print(line)
    print_text("\n" + wrapped(MORE, width_of(screen)))


def _range(numbers: Sequence[int]) -> str:
    """The least and the greatest of some numbers."""
    ends = dict.fromkeys(short(number) for number in (min(numbers), max(numbers))) if numbers else {}
    return "-".join(ends) or NONE


def _print_family(item: Shipped) -> None:
    """What an architecture is, each of its presets, and what a caller may set."""
    screen = console()
    width = width_of(screen)
    print_text("\n\n".join(wrapped(text, width) for text in item.paragraphs) + "\n")
    figures = [gallery().get(name) for name in item.names]
    weights = [", ".join(item.weights.get(name, ())) for name in item.names]
    columns = [
        Column(title="Name", cells=[escape(name) for name in item.names], style="cyan"),
        Column(title="Parameters", cells=[f"{each.parameters:,}" if each else NONE for each in figures], right=True),
        Column(title="MACs", cells=[short(each.macs) if each else NONE for each in figures], right=True),
        Column(title="Input", cells=[escape(_inputs(each)) if each else NONE for each in figures], least=12),
    ]
    if any(weights):
        columns.append(Column(title="Weights", cells=[escape(text) or NONE for text in weights], least=12))
    for line in table(columns, width, shrink=("Weights", "Input")):
        screen.print(line)
    if item.params:
        print_text("\n" + wrapped(PARAMS + ", ".join(item.params), width, margin=len(PARAMS)))


def _inputs(figures: Figures) -> str:
    """The shapes that were counted at; the names too, where there are several."""
    shapes = {name: "×".join(map(str, shape)) for name, shape in figures.inputs.items()}
    if len(shapes) == 1:
        return next(iter(shapes.values()))
    return ", ".join(f"{name} {shape}" for name, shape in shapes.items())
