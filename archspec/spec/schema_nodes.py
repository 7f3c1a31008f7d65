"""The JSON Schema of nodes: in come the layers and operations, out go definitions of what a node of a spec may be."""

from collections.abc import Sequence

from archspec.catalog.operation_kinds import DTYPES
from archspec.spec.document import WiringKeys
from archspec.spec.reader import ALSO_OPERATIONS, BLOCK_KEYS
from archspec.spec.schema_callees import EXPRESSION, Callee, Schema, any_of_words, or_list, reference, suggestions
from archspec.spec.wiring import MODES, OF_A_CALL, WIRING_KEYS

__all__ = ["choose", "definition_name", "flat", "node_definitions", "properties_of"]

_TYPE_NAME = rf"^[A-Z]|^{EXPRESSION}"
# Words of Python can name no node, so these keys are wiring wherever they stand.
_NEVER_A_NAME = ("from", "with", "else", "for")
_DTYPES = dict.fromkeys(DTYPES, "")


def node_definitions(callees: Sequence[Callee]) -> dict[str, Schema]:
    """The definitions `node`, `nodes`, `children`, `model` and `module`; `callees` are what a node can name."""
    return {
        "node": _node(callees),
        "nodes": {"type": "object", "additionalProperties": reference("node")},
        "children": {
            "type": ["array", "object"],
            "items": reference("node"),
            "additionalProperties": reference("node"),
        },
        "model": _model(),
        "module": choose(({"type": "null"}, {}), otherwise=reference("node")),
    }


def definition_name(callee: Callee) -> str:
    """The name of the definition of a layer or operation."""
    return f"{'operation' if callee.name.islower() else 'layer'}.{callee.name}"


def choose(*cases: tuple[Schema, Schema], otherwise: Schema) -> Schema:
    """The schema beside the first condition that holds. Unlike `anyOf` it reports what is wrong with that one alone."""
    schema = otherwise
    for condition, consequence in reversed(cases):
        schema = {"if": condition, "then": consequence, "else": schema}
    return schema


def properties_of(schema: Schema, own: dict[str, Schema]) -> dict[str, Schema]:
    """The properties in the schema of a Pydantic model of `document`; `own` says more about some of them."""
    return {
        name: {"description": written["description"]} | own[name] if name in own else flat(written)
        for name, written in schema["properties"].items()
    }


def flat(schema: Schema) -> Schema:
    """Pydantic's schema of a field without titles and defaults, and its `anyOf` of plain types made one list of types.

    >>> flat({"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Max", "default": None})
    {'type': ['integer', 'null']}
    """
    parts = schema.get("anyOf", [schema])
    types = [part["type"] for part in parts if "type" in part]
    keywords = {keyword: value for part in (schema, *parts) for keyword, value in part.items()}
    kept = {
        keyword: value for keyword, value in keywords.items() if keyword not in ("anyOf", "default", "title", "type")
    }
    return kept | ({"type": types[0] if len(types) == 1 else types} if types else {})


def _node(callees: Sequence[Callee]) -> Schema:
    operations = [callee.name for callee in callees if callee.name.islower()]
    wiring = _wiring()
    named = {callee.name: reference(definition_name(callee)) for callee in callees}
    also = {callee.name: _also_wiring(callee, wiring) for callee in callees if callee.name in ALSO_OPERATIONS}
    return {
        "description": "A node: a layer, block or operation by name, a mapping of one to its arguments, or a list.",
        "type": ["object", "string", "array"],
        "pattern": rf"{any_of_words(operations)}|{_TYPE_NAME}",
        "patternErrorMessage": "There is no such operation. (Layers and blocks are written in PascalCase.)",
        "properties": wiring | _language() | named | also,
        "patternProperties": {_TYPE_NAME: {}},
        "additionalProperties": False,
        "dependencies": _modes(),
        "allOf": [or_list({"items": reference("node")}), _some_type(), _one_type(), _group(), _held()],
        "anyOf": suggestions({callee.name: callee.doc for callee in callees if not callee.needed}),
    }


def _wiring() -> dict[str, Schema]:
    """The keys beside the type of a node."""
    names: Schema = {"type": "string"}
    own: dict[str, Schema] = {
        "from": or_list({"type": ["string", "array", "object"], "items": names, "additionalProperties": names}),
        "with": {"type": "object", "additionalProperties": {"type": ["number", "string", "boolean", "array", "null"]}},
        "for": {"type": "string", "pattern": r"\bin\b", "patternErrorMessage": "Expected `name in expression`."},
        "do": reference("children"),
    }
    properties = properties_of(WiringKeys.model_json_schema(by_alias=True), own)
    return {name: schema if name == "else" else _not_null(schema) for name, schema in properties.items()}


def _not_null(schema: Schema) -> Schema:
    """A key that is written has a value, though the models let all of them be left out."""
    types = schema.get("type")
    if not isinstance(types, list):
        return schema
    others = [name for name in types if name != "null"]
    return schema | {"type": others[0] if len(others) == 1 else others}


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _also_wiring(callee: Callee, wiring: dict[str, Schema]) -> Schema:
    """A key that is an operation when it stands alone, and wiring beside a type."""
    operation, beside = callee.schema(), wiring[callee.name]
    types = [*operation["type"], *(name for name in _listed(beside["type"]) if name not in operation["type"])]
    return operation | {"description": f"{beside['description']} Alone: {operation['description']}", "type": types}


def _modes() -> dict[str, Schema]:
    """What `mode` may be, by the container that it stands beside; that it is a known mode at all is said elsewhere."""
    known = sorted({mode for modes in MODES.values() for mode in modes})
    return {
        kind: {"properties": {"mode": {"if": {"enum": known}, "then": {"enum": list(modes)}}}}
        for kind, modes in MODES.items()
    }


def _some_type() -> Schema:
    """A node has a type: wiring alone is none, but for a group (`do`) and the keys that are operations too."""
    wiring = [key for key in WIRING_KEYS if key not in ("do", *ALSO_OPERATIONS)]
    message = "This node has no type: a layer, block or operation beside the other keys."
    return {"if": {"propertyNames": {"enum": wiring}}, "then": {"required": ["do"], "errorMessage": message}}


def _one_type() -> Schema:
    """A node has one type: two layers in one mapping are most often two items of a list without their dash."""
    return {"if": {"propertyNames": {"pattern": _TYPE_NAME}}, "then": {"maxProperties": 1}}


def _group() -> Schema:
    """A group has no type: beside `do` stands wiring alone."""
    message = "`do` cannot stand beside a type."
    wiring = {"propertyNames": {"enum": list(WIRING_KEYS)}, "errorMessage": message}
    return {"if": {"type": "object", "required": ["do"]}, "then": wiring}


def _held() -> Schema:
    """A module that is only registered has no keys that say how it is run."""
    held = {"properties": {"mode": {"const": "hold"}}, "required": ["mode"]}
    return {"if": held, "then": {"properties": dict.fromkeys(OF_A_CALL, False)}}


def _language() -> dict[str, Schema]:
    """The types that are the language's own."""
    node = reference("node")
    held = {"type": ["object", "array", "null"], "items": node, "additionalProperties": node}
    block = {"required": ["model"], "propertyNames": {"enum": list(BLOCK_KEYS)}}
    value = {"description": "What it holds, instead of `shape` and `init`: a number, or nested lists of numbers."}
    compute = {"description": "A formula over `value` that is worked out once, at the start.", "type": "string"}
    persistent = {"description": "Whether it is saved.", "type": ["boolean", "string"], "pattern": EXPRESSION}
    return {
        "Sequential": {"description": "Modules in a chain, numbered (a list) or named (a mapping).", **held},
        "ModuleList": {"description": "A list of modules; `mode` says how it is run.", **held},
        "ModuleDict": {
            "description": "Modules by name; `select` picks one, `mode: branch` runs all.",
            "type": ["object", "null"],
            "additionalProperties": node,
        },
        "Graph": {
            "description": "Named nodes wired together in place, or a block.",
            **choose((block, reference("block")), otherwise=reference("nodes")),
        },
        "Parameter": _tensor("A parameter of the model.", ["shape", "init"], {}),
        "Buffer": _tensor("A buffer of the model.", [], {"value": value, "compute": compute, "persistent": persistent}),
        "compute": {"description": "An arithmetic expression over nodes: `bn2 + relu(x) * 2`.", "type": "string"},
        "call": {"description": "Runs an existing module again, with the same weights.", "type": "string"},
    }


def _tensor(description: str, required: Sequence[str], others: dict[str, Schema]) -> Schema:
    """A `Parameter` or a `Buffer`."""
    size = {"type": ["integer", "string"], "minimum": 0, "pattern": EXPRESSION}
    properties = {
        "shape": {"description": "Its sizes.", **size, "type": ["array", "integer", "string"], "items": size},
        "init": reference("initialiser"),
        "dtype": {"description": "Its dtype, float32 by default.", "type": "string", "anyOf": suggestions(_DTYPES)},
    }
    return {
        "description": description,
        "type": "object",
        "properties": properties | others,
        "required": list(required),
        "additionalProperties": False,
    }


def _model() -> Schema:
    """`model:`: one node, or named nodes.

    A mapping is a node when its one key beside the wiring is written in PascalCase; the keys show which it is, except
    where a graph has nodes in PascalCase and one that is called as a key of wiring.
    """
    keys = "|".join(WIRING_KEYS)
    may_be_node = {"propertyNames": {"pattern": rf"^(?:{keys})$|{_TYPE_NAME}"}}
    wired = {"anyOf": [{"required": [key]} for key in _NEVER_A_NAME]}
    return {
        "description": "A node, a list of nodes (Sequential), or named nodes (a graph).",
        **choose(
            ({"not": {"type": "object"}}, reference("node")),
            ({"not": may_be_node}, reference("nodes")),
            ({"anyOf": [{"maxProperties": 1}, *wired["anyOf"]]}, reference("node")),
            ({"propertyNames": {"not": {"enum": list(WIRING_KEYS)}}}, reference("nodes")),
            otherwise={"anyOf": [reference("node"), reference("nodes")]},
        ),
    }
