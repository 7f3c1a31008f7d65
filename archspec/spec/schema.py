"""The JSON Schema of spec files: in come the models of the language, layers and operations, out goes one schema.

An editor with the YAML language server completes and checks specs by it. It refuses no spec that archspec accepts,
except where a block hides a layer of torch.nn (W0104): it takes the block's arguments for the layer's. What depends on
other parts of a file it cannot know: the names of blocks, params and nodes, expressions, shapes.
"""

import json
from typing import Any

from archspec.catalog.initialisers import INITIALISERS
from archspec.catalog.modules import torch_layers
from archspec.catalog.operations import OPERATIONS
from archspec.catalog.registry import Registry
from archspec.spec.document import LANGUAGE_VERSION, BlockKeys, InputKeys, ParamKeys, SpecKeys, UsedKeys, WeightsKeys
from archspec.spec.dtypes import DTYPES
from archspec.spec.names import LABEL
from archspec.spec.params import TYPES
from archspec.spec.patch import EDITS
from archspec.spec.schema_callees import (
    Callee,
    Schema,
    any_of_words,
    callee_of_initialiser,
    callee_of_layer,
    callee_of_operation,
    or_list,
    reference,
    suggestions,
)
from archspec.spec.schema_nodes import choose, definition_name, node_definitions, properties_of
from archspec.spec.schema_transforms import pipelines, transform_callees, transform_definitions
from archspec.spec.weights import DIGEST, NAME, URL

__all__ = ["schema", "schema_text"]

# The YAML language server knows this draft best; in later ones it passes over some keywords.
_DRAFT = "http://json-schema.org/draft-07/schema#"
_WIDTH = 120
_NAME = r"^[A-Za-z][A-Za-z0-9_]{0,63}$"
_BLOCK_NAME = r"^[A-Z][A-Za-z0-9_]{0,63}$"
_PARAM_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


def schema(registry: Registry | None = None) -> dict[str, object]:
    """The JSON Schema of a spec file, in draft 7.

    Args:
        registry: names the layers and operations beside those of torch.nn and of the table; by default there are none.
    """
    import torch

    version = torch.__version__.partition("+")[0]
    return {
        "$schema": _DRAFT,
        "$comment": f"Made by `archspec schema` with the layers of torch {version}.",
        "title": "archspec",
        "description": "A neural network that archspec compiles to a PyTorch module.",
        **_spec(),
        "definitions": _definitions(_callees(registry)),
    }


def schema_text(registry: Registry | None = None) -> str:
    """The schema as the text of a file; the same text in every run."""
    return _text(schema(registry), "") + "\n"


def _text(value: object, indent: str) -> str:
    """JSON on as few lines as are short."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, dict | list):
        return line
    inner = f"{indent}  "
    if isinstance(value, list):
        parts = [_text(item, inner) for item in value]
    else:
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_text(item, inner)}" for key, item in value.items()]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{last}"


def _callees(registry: Registry | None) -> list[Callee]:
    """Every layer, then every operation, each by name."""
    layers, operations = dict(torch_layers()), dict(OPERATIONS)
    if registry is not None:
        layers |= {name: layer for name in registry.layer_names() if (layer := registry.layer(name)) is not None}
        operations |= {name: item for name in registry.operation_names() if (item := registry.operation(name))}
    return [
        *(callee_of_layer(layers[name]) for name in sorted(layers)),
        *(callee_of_operation(operations[name]) for name in sorted(operations)),
    ]


def _definitions(callees: list[Callee]) -> dict[str, Schema]:
    initialisers = [callee_of_initialiser(name) for name in INITIALISERS]
    transforms = transform_callees()
    return {
        **node_definitions(callees),
        "block": _block(),
        "initialiser": _initialiser(initialisers),
        "patch": _patch(),
        "weights": _published(),
        **transform_definitions(transforms),
        **_values([*callees, *initialisers, *transforms]),
        **{definition_name(callee): callee.schema() for callee in callees},
    }


def _values(callees: list[Callee]) -> dict[str, Schema]:
    """What arguments take, once for each kind of value."""
    values: dict[str, Schema] = {}
    for argument in (argument for callee in callees for argument in callee.arguments.values()):
        known = values.setdefault(argument.definition, argument.values)
        assert known == argument.values, f"two kinds of value are called {argument.definition}"
    del values["module"], values["transforms"]  # these are no values, and are defined elsewhere
    return dict(sorted(values.items()))


def _initialiser(callees: list[Callee]) -> Schema:
    """An initialiser: its name, or a mapping of its name to its arguments."""
    bare = {callee.name: "" for callee in callees if not callee.needed}
    return {
        "description": "An initialiser of torch.nn.init: zeros, or {normal: {std: 0.02}}.",
        "type": ["object", "string"],
        "pattern": any_of_words(bare),
        "patternErrorMessage": f"Expected one of {', '.join(bare)}, or a mapping such as {{normal: {{std: 0.02}}}}.",
        "properties": {callee.name: callee.schema() for callee in callees},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
        "anyOf": suggestions(bare),
    }


def _spec() -> Schema:
    """The keys of a file."""
    model = SpecKeys.model_json_schema()
    own: dict[str, Schema] = {
        "archspec": {"type": "integer", "const": LANGUAGE_VERSION},
        "name": {"type": ["string", "null"], "pattern": _NAME},
        "blocks": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": _BLOCK_NAME},
            "additionalProperties": reference("block"),
        },
        "use": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": _BLOCK_NAME},
            "additionalProperties": choose(({"type": "object"}, _used()), otherwise={"type": "string"}),
        },
        "patch": {"type": ["object", "null"], "additionalProperties": reference("patch")},
        "presets": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": LABEL},
            "additionalProperties": {"type": "object"},
        },
        "transforms": pipelines(),
        "weights": _weights(),
    }
    return {
        **_object(model, _block_values() | own),
        "dependencies": {"patch": ["extends"]},
        **choose(({"required": ["extends"]}, {"properties": {"model": False}}), otherwise={"required": ["model"]}),
    }


def _weights() -> Schema:
    """Published checkpoints by name, or by preset and name: the former have one of the keys of a checkpoint."""
    is_one: Schema = {"anyOf": [{"required": [name]} for name in WeightsKeys.model_fields]}
    by_name = {"type": "object", "propertyNames": {"pattern": NAME}, "additionalProperties": reference("weights")}
    return {
        "type": ["object", "null"],
        "additionalProperties": choose((is_one, reference("weights")), otherwise=by_name),
    }


def _published() -> Schema:
    """One published checkpoint."""
    patterns = {"url": {"type": "string", "pattern": URL}, "sha256": {"type": "string", "pattern": DIGEST}}
    return _object(WeightsKeys.model_json_schema(), patterns)


def _used() -> Schema:
    """A spec that stands in place under `use`."""
    model, values = UsedKeys.model_json_schema(), _block_values()
    own = {name: values[name] for name in ("params", "output", "init")}
    own["name"] = {"type": ["string", "null"], "pattern": _NAME}
    own["patch"] = {"type": ["object", "null"], "additionalProperties": reference("patch")}
    return _object(model, own)


def _block() -> Schema:
    """The keys of a block."""
    return _object(BlockKeys.model_json_schema(), _block_values())


def _object(model: Schema, own: dict[str, Schema]) -> Schema:
    """A mapping with the keys of one of `document`'s models."""
    return {
        "type": "object",
        "properties": properties_of(model, own),
        "required": model["required"],
        "additionalProperties": False,
    }


def _block_values() -> dict[str, Schema]:
    """What the keys of a block take, beyond what their model says."""
    names: Schema = {"type": "string"}
    return {
        "params": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": _PARAM_NAME},
            "additionalProperties": _param(),
        },
        "input": choose(({"type": "object"}, _input_mapping()), otherwise=_shape()),
        "inputs": {"type": ["object", "null"], "propertyNames": {"pattern": _NAME}, "additionalProperties": _input()},
        "model": reference("model"),
        "output": or_list(
            {"type": ["string", "array", "object", "null"], "items": names, "additionalProperties": names}
        ),
        "init": {"type": ["array", "null"], "items": _init_rule()},
    }


def _param() -> Schema:
    """A param: a default, the name of a type, or a mapping, the only form in which something can be wrong by itself."""
    names = "|".join(TYPES)
    part = rf" *(?:{names}|list *\[ *(?:{names}) *\]) *"
    kind = {
        "type": "string",
        "pattern": rf"^{part}(?:\|{part})*$",
        "patternErrorMessage": f"Expected {', '.join(TYPES)}, list[…] of one of them but module, or several with `|`.",
    }
    mapping = _object(ParamKeys.model_json_schema(), {"type": kind})
    return {keyword: value for keyword, value in mapping.items() if keyword != "type"}


def _shape() -> Schema:
    """The shape of an input: numbers, names, names with a size, expressions."""
    return {"type": "array", "items": {"type": ["integer", "string"], "minimum": 0, "minLength": 1}}


def _input() -> Schema:
    """One of several inputs: a shape, a mapping, or a word."""
    words = {"type": "string", "enum": ["str", "optional", "any"]}
    return choose(({"type": "array"}, _shape()), ({"type": "object"}, _input_mapping()), otherwise=words)


def _input_mapping() -> Schema:
    """An input written as a mapping."""
    return _object(InputKeys.model_json_schema(), {"shape": _shape(), "dtype": {"enum": list(DTYPES)}})


def _init_rule() -> Schema:
    """A rule of `init:`: what it is for, and what fills which parameter."""
    return {
        "type": "object",
        "properties": {
            "match": {
                "description": "The type or path of the modules: Conv2d, or features.*.conv.",
                "type": "string",
            }
        },
        "required": ["match"],
        "additionalProperties": reference("initialiser"),
        "minProperties": 2,
    }


def _patch() -> Schema:
    """A change at one path: a new node, null to delete, or edits of a container's children."""
    edits: dict[str, Any] = {
        "append": reference("model"),
        "extend": reference("children"),
        "insert": {
            "type": "array",
            "items": [{"type": ["integer", "string"]}, reference("model")],
            "additionalItems": False,
            "minItems": 2,
        },
        "pop": {"type": ["integer", "string"]},
    }
    described = {verb: {"description": f"PyTorch's own `{verb}`."} | edits[verb] for verb in EDITS}
    only_edits = {"type": "object", "propertyNames": {"enum": list(EDITS)}, "minProperties": 1}
    return choose((only_edits, {"properties": described}), otherwise=reference("module"))
