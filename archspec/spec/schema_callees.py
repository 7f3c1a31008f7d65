"""The JSON Schema of arguments: in comes a layer, operation or initialiser, out goes what may stand behind its name.

It is one flat schema: `pattern` and `minimum` speak of a single value, `items` of a list of positional arguments,
`properties` of a mapping. So a mistake gives one message, where `anyOf` would give one for each form.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

from archspec.catalog.docstrings import argument_sentences, summary
from archspec.catalog.hints import kind_of_hint
from archspec.catalog.inferred import inferred
from archspec.catalog.initialisers import initialiser_parameters
from archspec.catalog.kinds import Kind, ModuleValue
from archspec.catalog.modules import Layer
from archspec.catalog.operations import Operation, sole_operation_argument
from archspec.catalog.transforms import HELD, Transform

__all__ = [
    "EXPRESSION",
    "Callee",
    "Schema",
    "any_of_words",
    "callee_of_initialiser",
    "callee_of_layer",
    "callee_of_operation",
    "callee_of_transform",
    "or_list",
    "reference",
    "suggestions",
]

Schema = dict[str, Any]

EXPRESSION = r"\$"
"""Text with an expression in it; it may take the place of every value."""

_NO_EXPRESSION = "Text here is an expression: `$name` or `$(…)`."
_SEPARATORS = re.compile(r"[^A-Za-z0-9_.-]+")
_SCALARS = ("boolean", "integer", "number", "string")
_OF_LISTS = ("items", "minItems", "maxItems")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def reference(definition: str) -> Schema:
    """A reference to one of the schema's definitions."""
    return {"$ref": f"#/definitions/{definition}"}


def or_list(keywords: Schema) -> Schema:
    """The same keywords, those of lists by themselves.

    For a property with `items` beside other types the YAML language server would begin a list when it completes the
    key, and it runs in circles where `items` refers to the schema that it stands in.
    """
    lists = {keyword: keywords[keyword] for keyword in _OF_LISTS if keyword in keywords}
    others = {keyword: value for keyword, value in keywords.items() if keyword not in _OF_LISTS}
    return {**others, "if": {"type": "array"}, "then": lists}


def any_of_words(words: Iterable[str]) -> str:
    """The pattern of text that is one of some words, or holds an expression."""
    return f"^(?:{'|'.join(map(re.escape, words))})$|{EXPRESSION}"


def suggestions(words: Mapping[str, str]) -> list[Schema]:
    """Words for editors to offer, each with what it means. As `anyOf` they refuse nothing: the last part takes all."""
    described = ({"const": word, "description": doc} if doc else {"const": word} for word, doc in words.items())
    return [*described, {}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument.

    Attributes:
        doc: what it does, what it takes and its default.
        definition: the name of the definition of its values, which arguments of the same kind share.
        values: that definition.
    """

    doc: str
    definition: str
    values: Schema

    def schema(self) -> Schema:
        """The argument as a property; its own description comes before that of its values."""
        described = {} if self.doc == self.values.get("description") else {"description": self.doc}
        return described | reference(self.definition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """What layers, operations and initialisers have in common.

    Attributes:
        name: what a spec writes.
        doc: what it does.
        arguments: its arguments, in order.
        needed: those that a mapping must have.
        sole: the argument that a single value fills, if there is one.
        positional: those that a list may give, in order; None where no list may be written.
        others: the schema of any further argument; False when there are none.
    """

    name: str
    doc: str
    arguments: dict[str, Argument]
    needed: tuple[str, ...]
    sole: str | None
    positional: tuple[str, ...] | None
    others: Schema | bool = False

    def schema(self) -> Schema:
        """What may stand behind the name: nothing, one value, a list of positional arguments, or a mapping."""
        single = {} if self.sole is None else _single_value(self.arguments[self.sole].values)
        lists = [] if self.positional is None else ["array"]
        schema = {
            "title": self.name,
            "description": self.doc,
            "type": ["object", *lists, "null", *single.pop("type", ())],
            **single,
            "properties": {name: argument.schema() for name, argument in self.arguments.items()},
            "required": list(self.needed),
            "additionalProperties": self.others,
            **({} if self.positional is None else self._items(self.positional)),
        }
        return {keyword: value for keyword, value in schema.items() if value not in ("", [])}

    def _items(self, names: tuple[str, ...]) -> Schema:
        items = [reference(self.arguments[name].definition) for name in names]
        return {"items": items, "additionalItems": False} if items else {"maxItems": 0}


def _single_value(values: Schema) -> Schema:
    """What an argument takes as far as it is a single value, in keywords that can stand beside those of other forms."""
    *choices, rest = values.get("anyOf", [values])
    types = [name for name in rest.get("type", _SCALARS) if name in _SCALARS]
    single: Schema = {keyword: rest[keyword] for keyword in _BOUNDS if keyword in rest}
    words = [word for choice in choices for word in choice["enum"]]
    if any(isinstance(word, int) for word in words):
        types.append("integer")
    elif words:
        single |= {"pattern": any_of_words(words), "patternErrorMessage": f"Expected one of {', '.join(words)}."}
    elif "pattern" in rest:
        single |= {"pattern": EXPRESSION, "patternErrorMessage": _NO_EXPRESSION}
    return single | {"type": list(dict.fromkeys(types))}


def callee_of_layer(layer: Layer) -> Callee:
    """A layer; what its arguments take is what its Pydantic model says, and its docstring describes them."""
    docs = argument_sentences(layer.cls)
    written = layer.model.model_json_schema()["properties"]
    arguments = {name: _argument(docs.get(name, ""), kind, written[name]) for name, kind in layer.kinds.items()}
    needed = [item.name for item in layer.arguments.values() if item.required and item.name not in inferred(layer.name)]
    sole = layer.sole
    return Callee(
        name=layer.name,
        doc=summary(layer.cls),
        arguments=arguments,
        positional=layer.positional,
        needed=tuple(needed),
        sole=sole if isinstance(sole, str) else None,
    )


def callee_of_operation(operation: Operation) -> Callee:
    """An operation; what its arguments take is what its Pydantic model says."""
    model = operation.model.model_json_schema()
    written = model["properties"]
    arguments = {name: _argument("", item.kind, written[name]) for name, item in operation.arguments.items()}
    # What a variadic operation needs may come as one tensor more: `{add: , from: [a, b]}`.
    needed = [] if operation.variadic else [item.name for item in operation.arguments.values() if item.required]
    sole = sole_operation_argument(operation)
    return Callee(
        name=operation.name,
        doc=_sentence(operation.doc),
        arguments=arguments,
        positional=operation.positional,
        needed=tuple(needed),
        sole=sole if isinstance(sole, str) else None,
        others=model["additionalProperties"],
    )


def callee_of_transform(transform: Transform) -> Callee:
    """A transform; the transforms that another one applies are the definition `transforms`."""
    written = transform.model.model_json_schema()["properties"] if transform.arguments else {}
    held = Argument(doc="The transforms that are applied.", definition=HELD, values={})
    arguments = {
        name: held if name == HELD else _argument("", item.kind, written[name])
        for name, item in transform.arguments.items()
    }
    sole = transform.sole
    return Callee(
        name=transform.name,
        doc=_sentence(transform.doc),
        arguments=arguments,
        needed=tuple(item.name for item in transform.arguments.values() if item.required),
        sole=sole if isinstance(sole, str) and sole != HELD else None,
        positional=None if transform.holds else transform.positional,
    )


def callee_of_initialiser(name: str) -> Callee:
    """An initialiser of torch.nn.init."""
    parameters = initialiser_parameters(name)
    arguments = {name: _initialiser_argument(parameter) for name, parameter in parameters.items()}
    return Callee(
        name=name,
        doc="",
        arguments=arguments,
        needed=tuple(item.name for item in parameters.values() if item.default is Parameter.empty),
        sole=next(iter(arguments), None),
        positional=None,
    )


def _initialiser_argument(parameter: Parameter) -> Argument:
    kind = kind_of_hint(parameter.annotation)
    default = {} if parameter.default is Parameter.empty else {"default": parameter.default}
    return _argument("", kind, kind.json_schema() | default)


def _argument(doc: str, kind: Kind, written: Schema) -> Argument:
    """An argument with its schema in a Pydantic model.

    The default goes into the text: editors would write a `default` into the file wherever they complete a layer.
    """
    default = f"Default: {json.dumps(written['default'])}" if "default" in written else ""
    sentences = [_sentence(part) for part in (doc, str(kind), default) if part]
    values = {keyword: value for keyword, value in written.items() if keyword != "default"}
    if "type" in values:  # text first: for it editors leave the value open, where for a number they would write 0
        values["type"] = sorted(values["type"], key=lambda name: name != "string")
    if values.get("pattern") == EXPRESSION:
        values["patternErrorMessage"] = _NO_EXPRESSION
    if "items" in values and set(values["type"]) != {"array", "string"}:
        values = or_list(values)
    is_module = isinstance(kind, ModuleValue)
    words = _SEPARATORS.sub("_", str(kind)).strip("_")
    return Argument(
        doc=" ".join(sentences),
        definition="module" if is_module else f"value.{words}",
        values={} if is_module else {"description": _sentence(str(kind)), **values},
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
