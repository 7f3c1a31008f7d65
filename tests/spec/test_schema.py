"""The JSON Schema: it is fresh, takes every spec that archspec takes, and marks mistakes where they stand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from jsonschema import Draft7Validator
from torch import nn

import archspec
from archspec.catalog.registry import Registry
from archspec.codes import CODES
from archspec.source import Source
from archspec.spec.schema import schema, schema_text
from archspec.syntax.parse import parse
from archspec.syntax.tree import plain

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "schemas" / "archspec.schema.json"
SHIPPED = sorted([*(ROOT / "architectures").glob("*.yaml"), *(ROOT / "examples").glob("*.yaml")])
FIXTURES = ROOT / "tests" / "fixtures" / "errors"

MODELINE = "# yaml-language-server: $schema=../schemas/archspec.schema.json"
MOST_BYTES = 600_000

CAUGHT_CODES = {"E0201", "E0203", "E0302", "E0304", "E0306"}
NOT_CAUGHT = {
    "buffer_compute_gives_several": "what a formula gives shows when it is run",
    "buffer_value_and_shape": "one argument contradicts another",
    "held_in_a_sequential": "whether `mode: hold` may stand there depends on the container around the node",
    "mode_beside_a_layer": "whether a key means anything depends on the type that it stands beside",
    "select_beside_branch": "one key contradicts another",
    "with_beside_an_operation": "whether a key means anything depends on the type that it stands beside",
    "else_has_no_value": "JSON knows no difference between nothing and null",
    "else_without_when": "what `else` needs beside it is one key or another",
    "module_where_a_number_stands": "the value comes from an expression",
    "compute_cannot_be_read": "the argument stands inside an expression",
    "from_in_a_sequential": "whether `from` may stand there depends on the container around the node",
    "limit_parameters": "the size comes from an expression",
    "module_param_with_a_typo_inside": "what a param holds may be a node or a value, and a mapping is either",
    "module_param_with_wrong_arguments_on_top": "which arguments there are depends on the node that the param holds",
    "not_finite": "JSON Schema knows no infinity",
    "preset_with_a_typo_in_a_node": "what a preset sets may be a node or a value, and a mapping is either",
    "shape_embed_dim_not_divisible": "one argument contradicts another",
    "shape_group_norm": "an argument contradicts the input",
    "shape_groups": "one argument contradicts another",
    "transform_expressions": "the value comes from an expression",
    "use_with_errors_in_the_used_file": "the fault is in another file",
    "wrong_value_from_an_expression": "the value comes from an expression",
}
"""Fixtures with one of the codes above, each with the reason why no schema can catch it."""


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """A validator of the committed schema."""
    return Draft7Validator(json.loads(COMMITTED.read_text(encoding="utf-8")))


def read(text: str, name: str = "spec.yaml") -> object:
    """A spec as plain data, as YAML 1.2 reads it."""
    return plain(parse(Source(name=name, text=text)))


def faults(validator: Draft7Validator, spec: object) -> list[tuple[str, str]]:
    """What the schema refuses: the path, and the message."""
    found = validator.iter_errors(spec)
    return sorted((".".join(map(str, fault.absolute_path)), fault.message) for fault in found)


def without_layers(document: Any) -> Any:
    """The schema without what depends on torch's release."""
    definitions = {
        name: part
        for name, part in document["definitions"].items()
        if not name.startswith(("layer.", "value.")) and name != "initialiser"
    }
    node = dict(definitions["node"])
    node["properties"] = {name: part for name, part in node["properties"].items() if name[0].islower()}
    node["anyOf"] = [part for part in node["anyOf"] if part.get("const", "x")[0].islower()]
    return {**document, "$comment": "", "definitions": {**definitions, "node": node}}


def test_the_committed_schema_is_fresh() -> None:
    """`make schema` was run after the last change of the language, the layers or the operations.

    The layers are compared where torch is the release that the schema was made with.
    """
    committed = COMMITTED.read_text(encoding="utf-8")
    release = torch.__version__.partition("+")[0]
    if f"torch {release}." in json.loads(committed)["$comment"]:
        assert schema_text() == committed
    else:
        assert without_layers(schema()) == without_layers(json.loads(committed))


def test_the_schema_is_a_valid_one_and_small() -> None:
    """Editors load it at every start: it keeps to draft 7, and to a size that costs nothing."""
    Draft7Validator.check_schema(json.loads(COMMITTED.read_text(encoding="utf-8")))
    assert COMMITTED.stat().st_size < MOST_BYTES


def test_every_reference_leads_somewhere() -> None:
    """A definition that is missing would turn all checks below it off."""
    document = schema()
    definitions = document["definitions"]
    assert isinstance(definitions, dict)
    references = set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(document)))
    assert references - set(definitions) == set()
    assert set(definitions) - references == {f"operation.{name}" for name in ("repeat", "select")}


def test_items_never_lead_in_a_circle() -> None:
    """The YAML language server follows `items` without end when it completes a value, and then offers nothing."""
    definitions: Any = schema()["definitions"]
    for name in definitions:
        seen: list[str] = []
        while isinstance(items := definitions[name].get("items"), dict) and "$ref" in items:
            assert name not in seen, f"the items of {name} are {name} again"
            seen.append(name)
            name = items["$ref"].removeprefix("#/definitions/")  # noqa: PLW2901 - the walk goes on from there


def test_editors_offer_bare_names_and_what_must_be_written() -> None:
    """What needs no arguments is offered as a word; of a layer that needs some, those are filled in with its name."""
    definitions: Any = schema()["definitions"]
    offered = {part.get("const"): part.get("description") for part in definitions["node"]["anyOf"]}
    assert offered["ReLU"] == "Applies the rectified linear unit function element-wise."
    assert offered["flatten"] == "Merges the dimensions from `start_dim` to `end_dim` into one."
    assert not {"Conv2d", "Linear", "permute"} & set(offered)
    assert definitions["layer.Conv2d"]["required"] == ["out_channels", "kernel_size"]
    assert "required" not in definitions["layer.BatchNorm2d"]


def test_arguments_are_described() -> None:
    """An editor shows what an argument does, what it takes and its default."""
    definitions: Any = schema()["definitions"]
    stride = definitions["layer.Conv2d"]["properties"]["stride"]
    assert (
        stride["description"] == "Stride of the convolution. An integer of at least 1 or a list of 2 items. Default: 1."
    )
    assert '"default"' not in json.dumps(definitions["layer.Conv2d"]), "editors would write defaults into the file"


class Gate(nn.Module):
    """Lets a share of its input pass."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The input."""
        return x


def halve(x: torch.Tensor, *, times: int = 1) -> torch.Tensor:
    """Halves a tensor."""
    return x / 2**times


def test_registered_names_are_in_the_schema_of_their_registry() -> None:
    """Somebody who registers classes and functions can make a schema that knows them, and the shipped one does not."""
    registry = Registry()
    registry.register(Gate)
    registry.register(halve)
    own = Draft7Validator(schema(registry))
    spec = read("archspec: 1\nmodel:\n  a: {Gate: {widht: 3}}\n  b: {halve: {times: two}}\n")
    assert [path for path, _ in faults(own, spec)] == ["model.a.Gate", "model.a.Gate", "model.b.halve.times"]
    shipped = Draft7Validator(schema())
    assert [path for path, _ in faults(shipped, spec)] == ["model.b"]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_specs_name_the_schema_and_keep_to_it(path: Path, validator: Draft7Validator) -> None:
    """Whoever opens a shipped spec in an editor has completion at once, and no false alarm."""
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == MODELINE
    assert faults(validator, read(text)) == []


VALID = {
    "bare": "model: ReLU",
    "list": "model: [ReLU, {Linear: 4}, [Tanh, Sigmoid]]",
    "keywords": "model: {Linear: {out_features: 4, bias: false}}",
    "one_value": "model: [{Linear: 4}, {Dropout: 0.5}, {GELU: tanh}, {BatchNorm1d: 4}]",
    "positional": "model: [{Linear: [3, 4]}, {Linear: [4, 5, false]}]",
    "nothing_written": "model: {a: {ReLU: }, b: {add: , from: [a, input]}}",
    "named_nodes": "model: {a: ReLU, b: {flatten: {start_dim: 1}}, c: {Linear: 4}}",
    "one_named_node": "model: {features: [ReLU]}",
    "named_nodes_in_pascal_case": "model: {First: ReLU, Second: {Linear: 4}}",
    "one_named_node_in_pascal_case": "model: {First: ReLU}",
    "a_node_called_select": (
        "model: {First: {Unflatten: [1, [1, 3]]}, select: {select: {dim: 1, index: 0}}, Last: ReLU}"
    ),
    "containers": "model: {Sequential: {a: ReLU, b: {Sequential: [Tanh, {Linear: 2}]}}}",
    "module_list": "model: {a: {ModuleList: [ReLU, Tanh], mode: branch}, b: {add: , from: ['a[0]', 'a[1]']}}",
    "module_dict": "model: {a: {ModuleDict: {one: ReLU, two: Tanh}, select: two}}",
    "graph": "model: {g: {Graph: {a: ReLU, b: {add: , from: [a, input]}}}}",
    "graph_as_a_block": "model: {g: {Graph: {let: {w: 3}, model: [{Linear: $w}], output: '0'}}}",
    "expressions": (
        "params: {w: 4}\nmodel: [{Linear: {out_features: $w}}, {Linear: $(w * 2)}, {Dropout: {p: $(w / 8)}}]"
    ),
    "operations_that_are_wiring": (
        "model: {a: {repeat: {pattern: n f -> n c f, c: 2}}, b: {select: {dim: 1, index: 0}}}"
    ),
    "repeat": "model: [{Linear: 3, repeat: 2}, {Tanh: , repeat: $(1 + 1)}]",
    "loops": "model: [{for: i in range(2), do: [{Linear: 3}, ReLU]}, {Tanh: , for: 'a, b in [(1, 2)]'}]",
    "named_loop": "model: {a: {for: i in range(2), do: {linear$i: {Linear: 3}}}}",
    "wiring": (
        "model:\n  a: {Linear: 3}\n  b: {ReLU: , when: 1 == 1}\n  c: {add: , from: [a, b], when: false, else: a}\n"
    ),
    "train_only": (
        "model: {a: {Linear: 3}, aux: {Linear: {out_features: 2}, only: train}, b: {ReLU: , from: a}}\noutput: [b, aux]"
    ),
    "attention": (
        "input: [N, T=4, 8]\nmodel:\n  a:\n    MultiheadAttention: {num_heads: 2, batch_first: true}\n"
        "    from: {query: input, key: input, value: input}\n    with: {need_weights: false}\noutput: {y: 'a[0]'}\n"
    ),
    "compute_and_call": "model: {a: {Linear: 3}, b: {call: a}, c: {compute: a + relu(b) * 2}}",
    "tensors": (
        "model:\n  w: {Parameter: {shape: [3], init: {normal: {std: 0.02}}}}\n"
        "  s: {Parameter: {shape: 3, init: ones}}\n  b: {Buffer: {value: [1, 2.5, 3], persistent: false}}\n"
        "  y: {compute: input * w + s * b}\n"
    ),
    "blocks_and_params": (
        "params:\n  n: {type: int | null, default: 3, min: 1, doc: Width.}\n"
        "  norm: {type: module, default: Tanh}\n  sizes: [1, 2]\n"
        "presets: {small: {n: 2}}\nmodel: [{Unit: {width: $n}}, $norm, {Unit: 5}]\n"
        "blocks: {Unit: {params: {width: int, act: {type: module, default: {ReLU: {inplace: true}}}}, "
        'model: [{Linear: $width}, {$act: {inplace: false}}]}}\nlet: {s: "$(sizes[0])"}\n'
    ),
    "layer_as_an_argument": (
        "input: [N, T=4, 8]\nmodel:\n  - TransformerEncoder:\n"
        "      encoder_layer: {TransformerEncoderLayer: {nhead: 2, batch_first: true}}\n"
        "      num_layers: 2\n      norm: null\n"
    ),
    "inputs": (
        "inputs: {x: [N, T=4], y: {shape: [N, 4], dtype: float32}, act: str, z: optional}\n"
        "model: {a: {Linear: 4, from: x}, b: {add: , from: [a, y]}, c: {ModuleDict: {r: ReLU, t: Tanh}, select: act}}"
    ),
    "init_and_tie": (
        "model: {a: {Linear: {out_features: 3}}, b: {Linear: 3}}\ntie: {b.weight: a.weight}\ninit:\n"
        "  - {match: Linear, weight: {kaiming_normal: {mode: fan_out, nonlinearity: relu}}, bias: {constant: 0.5}}\n"
        "  - {match: a, bias: zeros}\n"
    ),
    "transforms": (
        "params: {s: 224}\nmodel: Flatten\ntransforms:\n  train:\n    - {Resize: $s, when: s > 3}\n"
        "    - RandomHorizontalFlip\n    - RandomApply: {transforms: [{ColorJitter: [0.4, 0.4]}], p: 0.8}\n"
        "    - RandomOrder: [ToImage, {Pad: [1, 2]}]\n    - {ToDtype: [float32, true]}\n"
        "    - Normalize: {mean: [0.5], std: [$(1 / 255)]}\n    - Identity:\n  eval: []\n"
    ),
    "dtype": "model: {a: {to: {dtype: float64}}, b: {to: float32}}",
}
"""Every form of the language, each in a spec that archspec itself accepts."""

PATCHED = """
extends: lenet
params: {num_classes: 3}
patch:
  classifier.fc3: {Linear: 7}
  classifier.relu3: GELU
  features.relu1: null
  features: {append: {last: ReLU}, insert: [0, {first: {Identity: }}], pop: relu2}
  classifier: {extend: {a: ReLU, b: {Linear: 2}}}
"""


def spec_of(body: str) -> str:
    """A whole spec: the version, and an input where the body has none."""
    inputs = "" if re.search(r"^(inputs?|extends):", body, re.MULTILINE) else "input: [N, 3]\n"
    return f"archspec: 1\n{inputs}{body}"


@pytest.mark.parametrize("body", [*VALID.values(), PATCHED], ids=[*VALID, "patch"])
def test_every_form_of_the_language_is_taken(body: str, validator: Draft7Validator) -> None:
    """The schema refuses nothing that archspec accepts; that archspec does is checked here too."""
    text = spec_of(body)
    assert [item.message for item in archspec.check(text) if item.code.startswith("E")] == []
    assert faults(validator, read(text)) == []


WRONG = {
    "top_level_key": ("nme: X\nmodel: ReLU", [("", "'nme'")]),
    "top_level_value": ("name: [X]\nmodel: ReLU", [("name", "['X'] is not of type")]),
    "no_model": ("name: X", [("", "'model' is a required property")]),
    "block_key": ("model: A\nblocks: {A: {modle: ReLU, model: Tanh}}", [("blocks.A", "'modle'")]),
    "block_name": ("model: a\nblocks: {a: {model: ReLU}}", [("blocks", "'a'"), ("model", "'a'")]),
    "param_key": ("params: {n: {type: int, defalt: 3}}\nmodel: ReLU", [("params.n", "'defalt'")]),
    "param_type": ("params: {n: {type: itn}}\nmodel: ReLU", [("params.n.type", "'itn' does not match")]),
    "input_dimension": ("input: [N, 2.5]\nmodel: ReLU", [("input.1", "2.5 is not of type")]),
    "input_dtype": ("inputs: {x: {shape: [N], dtype: flot}}\nmodel: ReLU", [("inputs.x.dtype", "'flot' is not")]),
    "input_word": ("inputs: {x: [N], y: string}\nmodel: ReLU", [("inputs.y", "'string' is not one of")]),
    "argument": ("model: {Linear: {out_features: 4, bais: false}}", [("model.Linear", "'bais'")]),
    "argument_in_a_list": ("model: [ReLU, {Dropout: {prob: 0.5}}]", [("model.1.Dropout", "'prob'")]),
    "argument_in_a_graph": ("model: {a: ReLU, b: {Dropout: {prob: 0.5}}}", [("model.b.Dropout", "'prob'")]),
    "argument_in_a_container": (
        "model: {a: {Sequential: {b: {Dropout: {prob: 0.5}}}}}",
        [("model.a.Sequential.b.Dropout", "'prob'")],
    ),
    "argument_in_a_block": (
        "model: A\nblocks: {A: {model: [{Dropout: {prob: 0.5}}]}}",
        [("blocks.A.model.0.Dropout", "'prob'")],
    ),
    "argument_in_a_loop": (
        "model: [{for: i in range(2), do: [{Dropout: {prob: 0.5}}]}]",
        [("model.0.do.0.Dropout", "'prob'")],
    ),
    "argument_in_a_whole_model": (
        "model: {ModuleList: [{Dropout: {prob: 0.5}}], mode: chain}",
        [("model", "is not valid under any of the given schemas")],
    ),
    "argument_of_an_operation": ("model: {a: {flatten: {strt_dim: 1}}}", [("model.a.flatten", "'strt_dim'")]),
    "text_for_a_number": ("model: {Linear: {out_features: four}}", [("model.Linear.out_features", "'four' does")]),
    "bool_for_a_number": ("model: {Linear: {out_features: true}}", [("model.Linear.out_features", "True is not")]),
    "number_for_a_bool": ("model: {ReLU: {inplace: 1}}", [("model.ReLU.inplace", "1 is not of type")]),
    "out_of_range": ("model: {Dropout: {p: 1.5}}", [("model.Dropout.p", "1.5 is greater than the maximum")]),
    "out_of_range_as_one_value": ("model: {Dropout: 1.5}", [("model.Dropout", "1.5 is greater than the maximum")]),
    "float_for_an_integer": ("model: {Linear: 4.5}", [("model.Linear", "4.5 is not of type")]),
    "choice": ("model: {GELU: {approximate: tnh}}", [("model.GELU.approximate", "'tnh' is not valid")]),
    "choice_as_one_value": ("model: {GELU: tnh}", [("model.GELU", "'tnh' does not match")]),
    "length_of_a_list": ("model: {MaxPool2d: {kernel_size: [2, 2, 2]}}", [("model.MaxPool2d.kernel_size", "too long")]),
    "item_of_a_list": ("model: {MaxPool2d: {kernel_size: [2, 0]}}", [("model.MaxPool2d.kernel_size.1", "0 is less")]),
    "too_many_by_position": ("model: {Linear: [3, 4, true, 5]}", [("model.Linear", "Additional items")]),
    "wrong_by_position": ("model: {Linear: [3, four]}", [("model.Linear.1", "'four' does not match")]),
    "no_arguments_taken": ("model: {Identity: 3}", [("model.Identity", "3 is not of type")]),
    "no_positional_arguments_taken": ("model: {Identity: [3]}", [("model.Identity", "[3] is")]),
    "one_value_for_two": ("model: {Conv2d: 64}", [("model.Conv2d", "64 is not of type")]),
    "operation": ("model: {a: {flaten: {}}}", [("model.a", "'flaten'")]),
    "operation_as_a_word": ("model: {a: flaten}", [("model.a", "'flaten' does not match")]),
    "wiring_key": ("model: {a: ReLU, b: {Tanh: , form: a}}", [("model.b", "'form'")]),
    "argument_beside_the_type": ("model: [{Linear: , out_features: 4}]", [("model.0", "'out_features'")]),
    "two_types": ("model: [{Linear: 4, ReLU: }]", [("model.0", "has too many properties")]),
    "no_type": ("model: {a: {from: input}}", [("model.a", "'do' is a required property")]),
    "mode": ("model: {a: {ModuleList: [ReLU], mode: brunch}}", [("model.a.mode", "'brunch' is not one of")]),
    "mode_of_another_container": ("model: {a: {ModuleDict: {r: ReLU}, mode: zip}}", [("model.a.mode", "'zip' is not")]),
    "only": ("model: {a: {ReLU: , only: test}}", [("model.a.only", "'train' was expected")]),
    "from": ("model: {a: {ReLU: , from: 3}}", [("model.a.from", "3 is not of type")]),
    "for": ("model: [{ReLU: , for: i of range(3)}]", [("model.0.for", "does not match")]),
    "module_dict_as_a_list": ("model: {a: {ModuleDict: [ReLU]}}", [("model.a.ModuleDict", "is not of type")]),
    "node": ("model: [ReLU, 3]", [("model.1", "3 is not of type")]),
    "tensor": ("model: {w: {Parameter: {shpe: [3], shape: [3], init: ones}}}", [("model.w.Parameter", "'shpe'")]),
    "initialiser": ("model: {Linear: 4}\ninit: [{match: Linear, bias: zero}]", [("init.0.bias", "'zero' does")]),
    "initialiser_argument": (
        "model: {Linear: 4}\ninit: [{match: Linear, bias: {normal: {sd: 0.1}}}]",
        [("init.0.bias.normal", "'sd'")],
    ),
    "extends_and_model": ("extends: lenet\nmodel: ReLU", [("", "False schema does not allow 'ReLU'")]),
    "patch_alone": ("model: ReLU\npatch: {a: null}", [("", "'extends' is a dependency of 'patch'")]),
    "used_in_place_key": ("use: {A: {extends: lenet, inputs: {x: any}}}\nmodel: A", [("use.A", "'inputs'")]),
    "used_in_place_patch": (
        "use: {A: {extends: lenet, patch: {features: {apend: ReLU}}}}\nmodel: A",
        [("use.A.patch.features", "'apend'")],
    ),
    "used_list": ("use: {A: [lenet]}\nmodel: A", [("use.A", "['lenet'] is not of type")]),
    "transform": ("model: ReLU\ntransforms: {eval: [Resise]}", [("transforms.eval.0", "'Resise' does not match")]),
    "transform_with_arguments": (
        "model: ReLU\ntransforms: {eval: [{Lambda: 3}]}",
        [("transforms.eval.0", "'Lambda' was unexpected")],
    ),
    "transform_argument": (
        "model: ReLU\ntransforms: {eval: [{Resize: {sise: 3, size: 3}}]}",
        [("transforms.eval.0.Resize", "'sise'")],
    ),
    "transform_value": (
        "model: ReLU\ntransforms: {eval: [{Resize: {size: 3, interpolation: cubic}}]}",
        [("transforms.eval.0.Resize.interpolation", "is not valid under")],
    ),
    "transforms_that_are_applied": (
        "model: ReLU\ntransforms: {eval: [{RandomApply: {transforms: [{Resize: 0}]}}]}",
        [("transforms.eval.0.RandomApply.transforms.0.Resize", "0 is less")],
    ),
    "transform_of_two_types": (
        "model: ReLU\ntransforms: {eval: [{Resize: 3, CenterCrop: 3}]}",
        [("transforms.eval.0", "too many properties")],
    ),
    "patch_verb": ("extends: lenet\npatch: {features: {apend: ReLU}}", [("patch.features", "'apend'")]),
    "patch_node": (
        "extends: lenet\npatch: {features: {append: {a: {Dropout: {prob: 1}}}}}",
        [("patch.features.append.a.Dropout", "'prob'")],
    ),
}
"""Mistakes: the body of a spec, and where the schema refuses what."""


@pytest.mark.parametrize(("body", "expected"), WRONG.values(), ids=WRONG)
def test_mistakes_are_marked_where_they_stand(
    body: str, expected: list[tuple[str, str]], validator: Draft7Validator
) -> None:
    """One mistake is one mark, at the value or at the mapping with the wrong key; archspec refuses the same specs."""
    text = spec_of(body)
    assert [item for item in archspec.check(text) if item.code.startswith("E")] != []
    found = faults(validator, read(text))
    assert [path for path, _ in found] == [path for path, _ in expected]
    for (_, message), (_, part) in zip(found, expected, strict=True):
        assert part in message


def fixtures(codes: set[str], *, others: bool) -> list[Path]:
    """The error fixtures whose expected text has one of some codes; `others`: and no code of another kind."""
    found = []
    for path in sorted(FIXTURES.glob("*.txt")):
        said = set(re.findall(r"(?:error|warning)\[([EW]\d{4})\]", path.read_text(encoding="utf-8")))
        if said & codes and (others or said <= codes) and path.with_suffix(".yaml").exists():
            found.append(path.with_suffix(".yaml"))
    return found


@pytest.mark.parametrize("path", fixtures(CAUGHT_CODES, others=True), ids=lambda path: path.stem)
def test_error_fixtures_are_refused(path: Path, validator: Draft7Validator) -> None:
    """What the schema can know of archspec's own errors, an editor shows."""
    refused = faults(validator, read(path.read_text(encoding="utf-8"))) != []
    assert refused == (path.stem not in NOT_CAUGHT), NOT_CAUGHT.get(path.stem, "")


@pytest.mark.parametrize(
    "path", fixtures({code for code in CODES if code.startswith("W")}, others=False), ids=lambda path: path.stem
)
def test_warning_fixtures_are_taken(path: Path, validator: Draft7Validator) -> None:
    """A spec that archspec builds, with a warning or not, has no mark from the schema."""
    assert faults(validator, read(path.read_text(encoding="utf-8"))) == []
