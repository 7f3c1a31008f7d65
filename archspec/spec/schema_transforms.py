"""The JSON Schema of `transforms`: in comes the table of transforms, out go definitions of what one may be."""

import re
from collections.abc import Sequence

from archspec.catalog.transforms import HELD, TRANSFORMS
from archspec.spec.names import LABEL
from archspec.spec.schema_callees import Callee, Schema, callee_of_transform, reference, suggestions
from archspec.spec.schema_nodes import choose

__all__ = ["pipelines", "transform_callees", "transform_definitions"]


def transform_callees() -> list[Callee]:
    """Every transform, by name."""
    return [callee_of_transform(TRANSFORMS[name]) for name in sorted(TRANSFORMS)]


def transform_definitions(callees: Sequence[Callee]) -> dict[str, Schema]:
    """The definitions `transform` and `transforms`, and one for each transform."""
    return {
        "transform": _transform(callees),
        HELD: {"type": "array", "items": reference("transform")},
        **{f"transform.{callee.name}": _arguments(callee) for callee in callees},
    }


def pipelines() -> Schema:
    """What stands behind the key `transforms`."""
    return {
        "type": ["object", "null"],
        "propertyNames": {"pattern": LABEL},
        "additionalProperties": reference(HELD),
    }


def _transform(callees: Sequence[Callee]) -> Schema:
    bare = {callee.name: callee.doc for callee in callees if not callee.needed}
    when = {"description": "The transform exists only where this expression is true.", "type": ["boolean", "string"]}
    return {
        "description": "A transform: its name, or a mapping of its name to its arguments.",
        "type": ["object", "string"],
        "pattern": f"^(?:{'|'.join(map(re.escape, bare))})$",
        "patternErrorMessage": "There is no such transform, or it needs arguments.",
        "properties": {"when": when} | {callee.name: reference(f"transform.{callee.name}") for callee in callees},
        "additionalProperties": False,
        "anyOf": suggestions(bare),
        **choose(({"required": ["when"]}, _properties(2)), otherwise=_properties(1)),
    }


def _properties(count: int) -> Schema:
    return {"minProperties": count, "maxProperties": count}


def _arguments(callee: Callee) -> Schema:
    """What may stand behind the name; where it applies others, a list is the list of these."""
    schema = callee.schema()
    if HELD not in callee.arguments:
        return schema
    return schema | {"type": ["object", "array"], "if": {"type": "array"}, "then": reference(HELD)}
