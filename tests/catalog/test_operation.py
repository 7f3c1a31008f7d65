"""An operation checks its arguments: one mistake is one error with its place, and what has no value yet passes."""

from dataclasses import dataclass

import jsonschema
import pytest
from pydantic import ValidationError

from archspec.catalog.operation import Operation
from archspec.catalog.operations import OPERATIONS
from archspec.limits import DEFAULT_LIMITS
from archspec.source import Source
from archspec.syntax.expression import parse_written
from archspec.syntax.parse import parse

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
DTYPES = (
    "one of `bfloat16`, `bool`, `complex64`, `complex128`, `float16`, `float32`, `float64`, `int8`, `int16`, `int32`, "
    "`int64`, `uint8`"
)


@dataclass(frozen=True)
class ReadAtRunTime:
    """Stands for a size that is read at run time."""

    value: int


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("flatten", {"start_dim": 1}, {"start_dim": 1}),
        ("flatten", {}, {}),
        ("permute", {"dims": [0, 2, 1]}, {"dims": (0, 2, 1)}),
        ("mul", {"other": 2}, {"other": 2}),
        ("mul", {"other": 0.5}, {"other": 0.5}),
        ("masked_fill", {"value": float("-inf")}, {"value": float("-inf")}),
        ("dropout", {"p": 0}, {"p": 0.0}),
        ("squeeze", {"dim": 0}, {"dim": 0}),
        ("squeeze", {"dim": [0, 1]}, {"dim": (0, 1)}),
        ("to", {"dtype": "float16"}, {"dtype": "float16"}),
        ("max_pool2d", {"stride": None}, {"stride": None}),
        ("rearrange", {"h": 4, "pattern": "(h w) -> h w"}, {"h": 4, "pattern": "(h w) -> h w"}),
        ("adaptive_avg_pool2d", {"output_size": [None, 7]}, {"output_size": (None, 7)}),
    ],
)
def test_values_pass_as_torch_takes_them(name: str, values: dict[str, object], expected: dict[str, object]) -> None:
    """What is given comes back in the order given, and nothing else: lists as tuples, integers as they are."""
    found = OPERATIONS[name].validate(values)
    assert found == expected
    assert list(found) == list(values)
    assert [type(value) for value in found.values()] == [type(value) for value in expected.values()]


@pytest.mark.parametrize(
    ("name", "values", "location", "message"),
    [
        ("flatten", {"start_dim": "one"}, ("start_dim",), "Input should be an integer"),
        ("flatten", {"start_dim": True}, ("start_dim",), "Input should be an integer"),
        ("flatten", {"start_dim": 1.0}, ("start_dim",), "Input should be an integer"),
        ("flatten", {"start_din": 1}, ("start_din",), "Extra inputs are not permitted"),
        ("flatten", {"start_dim": None}, ("start_dim",), "Input should be an integer"),
        ("squeeze", {"dim": "a"}, ("dim",), "Input should be an integer or a list of items"),
        ("squeeze", {"dim": [0, "a"]}, ("dim", 1), "Input should be an integer"),
        ("reshape", {"shape": [2, -2]}, ("shape", 1), "Input should be at least -1"),
        ("zeros", {"size": [-1]}, ("size", 0), "Input should be at least 0"),
        ("mul", {"other": float("inf")}, ("other",), "Input should be a finite number"),
        ("mul", {"other": 2**63}, ("other",), "Input should be a finite number"),
        ("mul", {"other": True}, ("other",), "Input should be a finite number"),
        ("masked_fill", {"value": float("nan")}, ("value",), "Input should be a number or an infinity"),
        ("softmax", {"dim": 1, "dtype": "float23"}, ("dtype",), f"Input should be {DTYPES}"),
        ("gelu", {"approximate": "tan"}, ("approximate",), "Input should be one of `none`, `tanh`"),
        ("conv2d", {"padding": "sane"}, ("padding",), "Input should be one of `valid`, `same`"),
        (
            "conv2d",
            {"padding": 1.5},
            ("padding",),
            "Input should be an integer or a list of items or one of `valid`, `same`",
        ),
        ("rearrange", {"pattern": 1}, ("pattern",), "Input should be text"),
        ("rearrange", {"pattern": "a -> a", "h": "4"}, ("h",), "Input should be an integer of at least 0"),
        ("relu", {"inplace": 1}, ("inplace",), "Input should be true or false"),
    ],
)
def test_one_mistake_is_one_error(
    name: str, values: dict[str, object], location: tuple[str | int, ...], message: str
) -> None:
    """A wrong value gives one error, which says what is expected and where in the value it is wrong."""
    with pytest.raises(ValidationError) as caught:
        OPERATIONS[name].validate(values)
    assert [(error["loc"], error["msg"]) for error in caught.value.errors()] == [(location, message)]


def test_two_mistakes_are_two_errors() -> None:
    """All wrong arguments are reported together."""
    with pytest.raises(ValidationError) as caught:
        OPERATIONS["conv2d"].validate({"stride": "a", "groups": None, "dilation": 1})
    assert [error["loc"] for error in caught.value.errors()] == [("stride",), ("groups",)]


def test_what_has_no_value_yet_passes() -> None:
    """An expression passes unseen, and so does a size that is read at run time, alone or in a list."""
    expression = parse_written(parse(Source.of_text("$(width // 2)")), DEFAULT_LIMITS)
    size = ReadAtRunTime(3)
    for value in (expression, size):
        assert OPERATIONS["mul"].validate({"other": value}) == {"other": value}
        assert OPERATIONS["expand"].validate({"sizes": [value, -1]}) == {"sizes": (value, -1)}
        assert OPERATIONS["to"].validate({"dtype": value}) == {"dtype": value}
        assert OPERATIONS["rearrange"].validate({"pattern": value, "h": value}) == {"pattern": value, "h": value}


@every_operation
def test_json_schema_is_valid_and_names_every_argument(operation: Operation) -> None:
    """An editor can complete and check the arguments of every operation."""
    schema = operation.model.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(schema.get("properties", {})) == list(operation.arguments)
    assert "required" not in schema
    assert schema["description"] == operation.doc


def test_json_schema_says_what_the_model_says() -> None:
    """The schema shows the choices and the defaults, takes expressions, and refuses what the model refuses."""
    schema = OPERATIONS["rearrange"].model.model_json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"pattern": "a (b c) -> a b c", "b": 4, "c": "$size"})
    assert not validator.is_valid({"pattern": "a (b c) -> a b c", "b": -1})
    assert OPERATIONS["flatten"].model.model_json_schema() == {
        "title": "flatten",
        "type": "object",
        "description": "merges the dimensions from `start_dim` to `end_dim` into one",
        "additionalProperties": False,
        "properties": {
            "start_dim": {"type": ["integer", "string"], "pattern": "\\$", "default": 0},
            "end_dim": {"type": ["integer", "string"], "pattern": "\\$", "default": -1},
        },
    }


def test_the_model_is_made_once() -> None:
    """A model costs time to make, so an operation keeps its own."""
    assert OPERATIONS["flatten"].model is OPERATIONS["flatten"].model


def test_a_dtype_may_be_torchs_own(run_operation: object) -> None:
    """The function takes a dtype as text or as torch has it, so that generated code may write either."""
    import torch

    assert callable(run_operation)
    tensor = torch.zeros(2)
    assert OPERATIONS["to"].function()(tensor, dtype=torch.int64).dtype is torch.int64  # type: ignore[attr-defined]
    assert OPERATIONS["to"].function()(tensor, dtype="int64").dtype is torch.int64  # type: ignore[attr-defined]
