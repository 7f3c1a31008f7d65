"""The keys beside a node's type: in come their trees, out go the node's `Wiring` and `Loop`."""

from collections.abc import Sequence as Words
from typing import Any, cast

from pydantic import ValidationError

from archspec.diagnostic import Diagnostic, quote
from archspec.errors import Collector
from archspec.fix import respelled
from archspec.limits import Limits
from archspec.spec.document import WiringKeys
from archspec.spec.locate import Described, describe_errors
from archspec.spec.node import Loop, Name, Wiring
from archspec.suggest import did_you_mean
from archspec.syntax.expression import Written, parse_expression, parse_for, parse_template, parse_written
from archspec.syntax.tree import Mapping, Scalar, Sequence, Tree, plain

__all__ = ["BESIDE_A_TYPE", "MODES", "OF_A_CALL", "WIRING_KEYS", "found_in", "read_wiring", "refuse_keys"]

WIRING_KEYS = ("from", "with", "when", "else", "only", "mode", "select", "repeat", "for", "do")
BESIDE_A_TYPE = tuple(key for key in WIRING_KEYS if key != "do")
MODES: dict[str, tuple[str, ...]] = {
    "Sequential": ("hold",),
    "ModuleList": ("chain", "branch", "zip", "hold"),
    "ModuleDict": ("branch", "hold", "select"),
}
WIRING_VALUES = {
    "from": "the name of a node, a list of names, or a mapping of keywords to names",
    "mode": "`chain`, `branch`, `zip`, `hold` or `select`",
    "do": "a list of nodes, or named nodes",
    "with": "a mapping of constant arguments",
    "when": "an expression, such as `stride != 1`",
    "else": "the name of a node, or null",
    "only": "`train`",
    "select": "the name of an input, or a key",
    "repeat": "a whole number, or an expression",
    "for": "a loop, such as `i in range(n)`",
}


def read_wiring(tree: Mapping, keys: dict[str, Tree], limits: Limits, collector: Collector) -> dict[str, Any]:
    """The `wiring` and the `loop` of a node, from the `keys` beside the type of the node `tree`.

    Raises:
        Fault: an expression in them is wrong; a value of the wrong kind is collected, and nothing is wired.
    """
    if not keys:
        return {}
    nothing = {name: value for name, value in keys.items() if isinstance(value, Scalar) and value.value is None}
    empty = {name: value for name, value in nothing.items() if name != "else" or not value.text}
    for name, value in empty.items():
        message, expected = f"`{name}` has no value", WIRING_VALUES.get(name, "a value")
        collector.add(Diagnostic(code="E0304", message=message, span=value.span, expected=expected))
    if empty:
        return {}
    try:
        WiringKeys.model_validate({name: plain(value) for name, value in keys.items()})
    except ValidationError as error:
        for item in describe_errors(error, keys):
            collector.add(_wrong(item, tree))
        return {}
    _refuse_out_of_place(tree, keys, collector)
    wiring = _read_wiring(keys, limits)
    if wiring.mode == "hold":
        for name in OF_A_CALL:
            if name in keys:
                message = f"`{name}` means nothing beside `mode: hold`, which only registers the module"
                hint = "write it beside the `call` that runs the module" if name != "else" else "remove it"
                collector.add(Diagnostic(code="E0306", message=message, span=tree.entries[name][0].span, hint=hint))
    return {"wiring": wiring, "loop": _loop(keys, limits, collector)}


def _wrong(item: Described, tree: Mapping) -> Diagnostic:
    """What is wrong with the value of a key; a `mode` is one of those that the type beside it has."""
    kind = next((name for name in tree if name in MODES), None) if item.name == "mode" else None
    choices = item.choices if kind is None else MODES[kind]
    word, span = item.found.strip("`"), (item.tree or tree).span
    return Diagnostic(
        code="E0304",
        message=f"`{item.name}` has a wrong value",
        span=span,
        found=item.found,
        expected=WIRING_VALUES.get(item.name, item.expected) if kind is None else _listed(choices),
        hint=did_you_mean(word, choices),
        fix=respelled(span, word, choices),
    )


def _listed(words: Words[str]) -> str:
    *others, last = map(quote, words)
    return f"{', '.join(others)} or {last}" if others else last


def _refuse_out_of_place(tree: Mapping, keys: dict[str, Tree], collector: Collector) -> None:
    """Collect a fault for an `else` that stands in for nothing, and for a `do` beside a type, which nothing reads."""
    if "else" in keys and "when" not in keys and "only" not in keys:
        message = "`else` stands in where `when` is false or, with `only: train`, in evaluation, and there is neither"
        hint = "add `when:` or `only: train`, or remove it"
        collector.add(Diagnostic(code="E0306", message=message, span=tree.entries["else"][0].span, hint=hint))
    if "do" in keys:
        message, hint = "`do` cannot stand beside a type", "put the node into the list of `do`, or remove `do`"
        collector.add(Diagnostic(code="E0306", message=message, span=tree.entries["do"][0].span, hint=hint))


def _read_wiring(keys: dict[str, Tree], limits: Limits) -> Wiring:
    when = keys.get("when")
    constants = keys.get("with")
    return Wiring(
        sources=parse_written(keys["from"], limits) if "from" in keys else None,
        constants=cast("dict[str, Written]", parse_written(constants, limits)) if constants is not None else None,
        when=None if when is None else parse_expression(cast("Scalar", when).text, when.span, limits),
        otherwise=_stand_in(keys.get("else"), limits),
        only_train="only" in keys,
        mode=cast("Scalar", keys["mode"]).text if "mode" in keys else None,
        select=_name(keys.get("select"), limits),
        trees=keys,
    )


def _stand_in(tree: Tree | None, limits: Limits) -> Name | None:
    """The name that `else` gives; None where it is `null`, too."""
    return None if tree is None or cast("Scalar", tree).value is None else _name(tree, limits)


def _name(tree: Tree | None, limits: Limits) -> Name | None:
    return None if tree is None else parse_template(cast("Scalar", tree).text, tree.span, limits)


def _loop(keys: dict[str, Tree], limits: Limits, collector: Collector) -> Loop | None:
    if "for" in keys:
        tree = cast("Scalar", keys["for"])
        if "repeat" in keys:
            message, hint = "a node has `for` or `repeat`, not both", "put one loop inside the other with `do:`"
            collector.add(Diagnostic(code="E0305", message=message, span=keys["repeat"].span, hint=hint))
        return Loop(iteration=parse_for(tree.text, tree.span, limits), tree=tree)
    if "repeat" in keys:
        return Loop(count=parse_written(keys["repeat"], limits), tree=keys["repeat"])
    return None


# Keys that would do nothing beside a node of this kind, so that writing them is a mistake.
_MEANINGLESS: dict[str, tuple[str, ...]] = {
    "a layer": ("mode", "select"),
    "a block": ("mode", "select", "with"),
    "a graph": ("mode", "select", "with"),
    "an operation": ("mode", "select", "with"),
    "`compute`": ("mode", "select", "with", "from"),
    "`call`": ("mode", "select"),
    "a parameter or buffer": ("mode", "select", "with", "from", "only"),
}
# What `mode: hold` can hold beside containers, which have modes of their own.
_HELD = ("a layer", "a block", "a graph")
# Keys that say how a module is run, and so belong beside the `call` of one that is only held.
OF_A_CALL = ("from", "with", "only", "else")
_WITH_HINT = "write it among the arguments, inside the braces"


def refuse_keys(kind: str, tree: Tree, wiring: Wiring | None, collector: Collector) -> None:
    """Collect a fault for each key that means nothing beside a node of this kind."""
    if wiring is None or not isinstance(tree, Mapping):
        return
    held = wiring.mode == "hold" and kind in _HELD
    for name in _MEANINGLESS[kind]:
        if name in wiring.trees and not (held and name == "mode"):
            message = f"`{name}` means nothing beside {kind}"
            hint = _WITH_HINT if name == "with" and kind in ("an operation", "a block") else "remove it"
            span = tree.entries[name][0].span
            collector.add(Diagnostic(code="E0306", message=message, span=span, hint=hint))


def found_in(tree: Tree) -> str:
    """A tree in a few words, as the `found` of an error."""
    if isinstance(tree, Scalar):
        return "nothing" if tree.value is None else quote(tree.text)
    return "a list" if isinstance(tree, Sequence) else "a mapping"
