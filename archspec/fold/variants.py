"""Variants: in come blocks of one name, out goes each as an instance of the one that has all steps of the others.

A block may leave a step out (`when`), and what reads it then reads the step's own input, or what `else` names. That is
the same class, whose part is not always present.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import product
from typing import Any

from archspec.fold.design import FALSE, ComputePart, Part, Rule, TensorPart, Value, filled, split
from archspec.graph.graph import Output, Ref

__all__ = ["Row", "Variant", "whole"]

Row = tuple[Value | None, ...]
_MOST_LEFT_OUT = 6


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
    stand_ins: dict[Variant, dict[str, Ref]] = {}
    found: dict[Variant, Variant] = {}
    for variant in distinct:
        found[variant] = variant
        for other, known in stand_ins.items():
            passed = _left_out(variant, other, known)
            if passed is not None:
                known.update(passed)
                found[variant] = other
                break
        else:
            stand_ins[variant] = {}
    made = {other: _with_stand_ins(other, passed) for other, passed in stand_ins.items()}
    return [(made[found[variant]], _row(variant, found[variant], row)) for variant, row in variants]


def _missing(variant: Variant, other: Variant) -> frozenset[str]:
    """The names of the parts that `other` has and `variant` does not."""
    return frozenset(part.name for part in other.parts) - {part.name for part in variant.parts}


def _with_stand_ins(variant: Variant, passed: dict[str, Ref]) -> Variant:
    parts: list[Part] = []
    for part in variant.parts:
        stand_in = passed.get(part.name)
        assert stand_in is None or not isinstance(part, TensorPart), "a tensor is never left out"
        parts.append(part if stand_in is None or isinstance(part, TensorPart) else replace(part, stand_in=stand_in))
    return replace(variant, parts=tuple(parts))


def _left_out(variant: Variant, other: Variant, known: dict[str, Ref]) -> dict[str, Ref] | None:
    """For each part that `variant` leaves out of `other` what stands in for it, if that is all in which they differ."""
    missing = _missing(variant, other)
    left_out = [part for part in other.parts if part.name in missing]
    if not missing or len(left_out) > _MOST_LEFT_OUT or any(isinstance(part, TensorPart) for part in left_out):
        return None
    choices = [[known[part.name]] if part.name in known else [*dict.fromkeys(_inputs(part))] for part in left_out]
    for chosen in product(*choices):
        passed = dict(zip((part.name for part in left_out), chosen, strict=True))
        if _without(other, passed) == variant:
            return passed
    return None


def _inputs(part: Any) -> Iterator[Ref]:
    """The values that may stand in for a part: what it reads."""
    if isinstance(part, ComputePart):
        yield from (ref for _, ref in part.formula.refs)
    else:
        yield from (ref for ref in part.inputs or () if ref is not None)


def _without(variant: Variant, passed: dict[str, Ref]) -> Variant:
    """The variant with some parts left out, and what reads them reading what stands in."""
    seen: dict[str, Ref] = {}
    kept: list[Part] = []
    for part in variant.parts:
        if part.name in passed:
            seen[part.name] = _redirected(passed[part.name], seen)
        else:
            kept.append(_redirected(part, seen))
    return replace(variant, parts=tuple(kept), returns=_redirected(variant.returns, seen))


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
    missing = _missing(variant, other)
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
