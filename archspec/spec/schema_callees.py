"""The JSON Schema of arguments: in comes a layer, operation or initialiser, out goes what may stand behind its name.

It is one flat schema: `pattern` and `minimum` speak of a single value, `items` of a list of positional arguments,
`properties` of a mapping. So a mistake gives one message, where `anyOf` would give one for each form.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter as Written
from typing import Any

from archspec.catalog.docstrings import argument_sentences, summary
from archspec.catalog.hints import kind_of_hint
from archspec.catalog.inferred import inferred
from archspec.catalog.initialisers import INITIALISERS, initialiser_parameters
from archspec.catalog.modules import Layer, sole_argument
from archspec.catalog.operations import Operation, sole_operation_argument

__all__ = [
    "EXPRESSION",
    "Callee",
    "Schema",
    "any_of_words",
    "callee_of_layer",
    "callee_of_operation",
    "initialiser_definition",
    "reference",
    "suggestions",
]

Schema = dict[str, Any]

EXPRESSION = r"\$"
"""Text with an expression in it; it may take the place of every value."""

_SCALARS = ("boolean", "integer", "number", "string")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def reference(definition: str) -> Schema:
    """A reference to one of the schema's definitions."""
    return {"$ref": f"#/definitions/{definition}"}


def any_of_words(words: Iterable[str]) -> str:
    """The pattern of text that is one of some words, or holds an expression."""
    return f"^(?:{'|'.join(map(re.escape, words))})$|{EXPRESSION}"


def suggestions(words: Mapping[str, str]) -> list[Schema]:
    """Words for editors to offer, each with what it means. As `anyOf` they refuse nothing: the last part takes all."""
    described = ({"const": word, "description": doc} if doc else {"const": word} for word, doc in words.items())
    return [*described, {}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What layers and operations have in common.

    Attributes:
        name: what a node writes.
        definition: the name of its definition.
        doc: what it does.
        arguments: the schema of each argument, in order.
        needed: the arguments that a mapping must have.
        sole: the argument that a single value fills, if there is one.
        others: the schema of any further argument; False when there are none.
    """

    name: str
    definition: str
    doc: str
    arguments: dict[str, Schema]
    needed: tuple[str, ...]
    sole: str | None
    others: Schema | bool

    def schema(self) -> Schema:
        """What may stand behind the name: nothing, one value, a list of positional arguments, or a mapping."""
        single = {} if self.sole is None else _single_value(self.arguments[self.sole])
        schema = {
            "description": self.doc,
            "type": ["object", "array", "null", *single.pop("type", ())],
            **single,
            "properties": self.arguments,
            "required": list(self.needed),
            "additionalProperties": self.others,
            **self._positional(),
        }
        return {keyword: value for keyword, value in schema.items() if value not in ("", [])}

    def _positional(self) -> Schema:
        if not self.arguments:
            return {"maxItems": 0}
        items = [reference(f"{self.definition}/properties/{name}") for name in self.arguments]
        return {"items": items, "additionalItems": False}


def _single_value(argument: Schema) -> Schema:
    """An argument's schema as far as it speaks of a single value, so that it can stand beside those of other forms."""
    *choices, value = argument.get("anyOf", [argument])
    types = [name for name in value.get("type", _SCALARS) if name in _SCALARS]
    single: Schema = {keyword: value[keyword] for keyword in _BOUNDS if keyword in value}
    words = [word for choice in choices for word in choice["enum"]]
    if any(isinstance(word, int) for word in words):
        types.append("integer")
    elif words or "pattern" in value:
        single["pattern"] = any_of_words(words) if words else EXPRESSION
    return single | {"type": list(dict.fromkeys(types))}


def callee_of_layer(layer: Layer) -> Callee:
    """A layer; the schemas of its arguments are those of its Pydantic model, described by its docstring."""
    sentences = argument_sentences(layer.cls)
    written = layer.model.model_json_schema()["properties"]
    arguments = {
        name: {"description": _description(sentences.get(name, ""), layer.kinds[name])}
        | (reference("module") if argument.is_module else written[name])
        for name, argument in layer.arguments.items()
    }
    needed = [item.name for item in layer.arguments.values() if item.required and item.name not in inferred(layer.name)]
    sole = sole_argument(layer)
    return Callee(
        name=layer.name,
        definition=f"layer.{layer.name}",
        doc=summary(layer.cls),
        arguments=arguments,
        needed=tuple(needed),
        sole=sole if isinstance(sole, str) else None,
        others=False,
    )


def callee_of_operation(operation: Operation) -> Callee:
    """An operation; the schemas of its arguments are those of its Pydantic model."""
    model = operation.model.model_json_schema()
    arguments = {
        name: {"description": _description("", parameter.kind)} | model["properties"][name]
        for name, parameter in operation.arguments.items()
    }
    # What a variadic operation needs may come as one tensor more: `{add: , from: [a, b]}`.
    needed = [] if operation.variadic else [item.name for item in operation.arguments.values() if item.required]
    sole = sole_operation_argument(operation)
    return Callee(
        name=operation.name,
        definition=f"operation.{operation.name}",
        doc=_sentence(operation.doc),
        arguments=arguments,
        needed=tuple(needed),
        sole=sole if isinstance(sole, str) else None,
        others=model["additionalProperties"],
    )


def initialiser_definition() -> Schema:
    """An initialiser: its name, or a mapping of its name to its arguments."""
    parameters = {name: initialiser_parameters(name) for name in INITIALISERS}
    bare = {name: "" for name, items in parameters.items() if not _required(items)}
    return {
        "description": "An initialiser of torch.nn.init: zeros, or {normal: {std: 0.02}}.",
        "type": ["object", "string"],
        "pattern": any_of_words(bare),
        "patternErrorMessage": f"Expected one of {', '.join(bare)}, or a mapping such as {{normal: {{std: 0.02}}}}.",
        "properties": {name: _initialiser(items) for name, items in parameters.items()},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "anyOf": suggestions(bare),
    }


def _initialiser(parameters: Mapping[str, Written]) -> Schema:
    arguments = {name: _initialiser_argument(parameter) for name, parameter in parameters.items()}
    single = _single_value(next(iter(arguments.values()))) if arguments else {}
    return {
        "type": ["object", "null", *single.pop("type", ())],
        **single,
        "properties": arguments,
        "required": _required(parameters),
        "additionalProperties": False,
    }


def _initialiser_argument(parameter: Written) -> Schema:
    kind = kind_of_hint(parameter.annotation)
    default = {} if parameter.default is Written.empty else {"default": parameter.default}
    return {"description": _description("", kind)} | kind.json_schema() | default


def _required(parameters: Mapping[str, Written]) -> list[str]:
    return [item.name for item in parameters.values() if item.default is Written.empty]


def _description(text: str, kind: object) -> str:
    """What is known about an argument, and what it takes."""
    return " ".join(_sentence(part) for part in (text, str(kind)) if part)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
