"""Variants: in come blocks of one name, out goes each as an instance of the one that has all steps of the others.

A block may leave a step out (`when`), and what reads it then reads the step's own input. That is the same class, whose
part is not always present.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from archspec.fold.design import FALSE, ModulePart, Part, Rule, Value, filled, split
from archspec.graph.graph import Output, Ref

__all__ = ["Row", "Variant", "whole"]

Row = tuple[Value | None, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A block without its values."""

    name: str
    doc: str
    inputs: tuple[tuple[str, bool], ...]
    parts: tuple[Part, ...]
    returns: Output
    rules: tuple[Rule, ...]


def whole(variants: Sequence[tuple[Variant, Row]]) -> list[tuple[Variant, Row]]:
    """Each variant as one of those that leave nothing out; a value that is of no account is None."""
    distinct = sorted({variant: None for variant, _ in variants}, key=lambda variant: -len(variant.parts))
    found: dict[Variant, Variant] = {}
    for variant in distinct:
        known = (other for other in dict.fromkeys(found.values()) if _lacks(variant, other))
        found[variant] = next(known, variant)
    return [(found[variant], _row(variant, found[variant], row)) for variant, row in variants]


def _lacks(variant: Variant, other: Variant) -> frozenset[str]:
    """The names of the parts that `other` has and `variant` leaves out, if that is all in which they differ."""
    missing = frozenset(part.name for part in other.parts) - {part.name for part in variant.parts}
    return missing if missing and _without(other, missing) == variant else frozenset()


def _without(variant: Variant, names: frozenset[str]) -> Variant | None:
    """The variant with some modules left out, and what reads them reading their only input."""
    passed: dict[str, Ref] = {}
    kept: list[Part] = []
    for part in variant.parts:
        changed: Part = _redirected(part, passed)
        if part.name not in names:
            kept.append(changed)
        elif isinstance(changed, ModulePart) and changed.inputs is not None and len(changed.inputs) == 1:
            passed[part.name] = changed.inputs[0]
        else:
            return None
    return replace(variant, parts=tuple(kept), returns=_redirected(variant.returns, passed))


def _redirected(part: Any, passed: dict[str, Ref]) -> Any:
    """A part whose references to what is left out are to what that would have read."""
    match part:
        case Ref() if part.name in passed:
            other = passed[part.name]
            return Ref(other.name, (*other.items, *part.items))
        case Ref():
            return part
        case tuple():
            return tuple(_redirected(item, passed) for item in part)
        case _ if is_dataclass(part) and not isinstance(part, type):
            return replace(part, **{item.name: _redirected(getattr(part, item.name), passed) for item in fields(part)})
    return part


def _row(variant: Variant, other: Variant, row: Row) -> Row:
    """The values of a variant in the places of the one that leaves nothing out."""
    missing = _lacks(variant, other)
    if not missing:
        return row
    own = filled(variant, row)
    parts = {part.name: part for part in own.parts}
    found: list[Value | None] = []
    for part in other.parts:
        if part.name in missing:
            found += [*[None] * (len(split(part)[1]) - 1), FALSE]  # `present` is the last of its values
        else:
            found += split(parts[part.name])[1]
    return (*found, *split(own.rules)[1])
