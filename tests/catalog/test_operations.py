"""The table of operations holds together: names, targets, defaults, forms of call, and the argument a value fills."""

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import MISSING

import pytest

from archspec.catalog import operation_table, operation_table_math, operation_table_nn
from archspec.catalog.operation import Operation
from archspec.catalog.operation_calls import FORMS, resolve
from archspec.catalog.operations import OPERATIONS, OPERATORS, operation_of, sole_operation_argument

HIDING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
TABLES = (operation_table.TABLE, operation_table_math.TABLE, operation_table_nn.TABLE)
every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))


def test_every_line_of_the_tables_is_read() -> None:
    """No operation is lost because its line is written in another way, and none is there twice."""
    written = [name for table in TABLES for name in re.findall(r"^(\w+)\(", table, re.MULTILINE)]
    assert list(OPERATIONS) == written
    assert len(OPERATIONS) == len(set(written)) == len(written)


@pytest.mark.parametrize(
    "group", [group for table in TABLES for group in table.split("\n# ")], ids=lambda group: group[:20]
)
def test_groups_are_sorted(group: str) -> None:
    """A person finds an operation in its group by the alphabet."""
    names = re.findall(r"^(\w+)\(", group, re.MULTILINE)
    assert names == sorted(names)


def test_an_unknown_name_is_no_operation() -> None:
    """The table is a mapping like any other: `in`, `get` and a `KeyError`."""
    assert "flatten" in OPERATIONS
    assert "flaten" not in OPERATIONS
    assert OPERATIONS.get("flaten") is None
    with pytest.raises(KeyError, match=r"^'flaten'$"):
        OPERATIONS["flaten"]


@every_operation
def test_an_operation_is_complete(operation: Operation) -> None:
    """Every operation has a name in snake_case, a target that exists, a known form of call and a line of help."""
    assert re.fullmatch(r"[a-z][a-z0-9_]*", operation.name)
    assert re.match(r"torch\.|einops\.", operation.target)
    assert callable(resolve(operation.target))
    assert operation.call in FORMS
    assert operation.required_tensors >= 1
    assert re.fullmatch(r"\S.*[^\s.]", operation.doc)


@every_operation
def test_only_methods_are_called_as_methods(operation: Operation) -> None:
    """A list that is spread over positional arguments goes to a method of the tensor, from one argument."""
    if operation.call == "star":
        assert operation.target.startswith("torch.Tensor.")
        assert [item.type for item in operation.arguments.values()] in (
            ["list[int]"],
            ["list[size]"],
            ["list[free_size]"],
        )


@every_operation
def test_names_and_defaults_are_torchs_own(operation: Operation) -> None:
    """Where torch's function has a signature, the names and the defaults of the table are those of torch."""
    theirs = _signature(operation)
    for name, parameter in operation.arguments.items() if theirs else ():
        assert name in theirs
        if parameter.default not in (None, MISSING):
            assert parameter.default == theirs[name].default
    assert not theirs or operation.variadic or set(operation.tensors) <= set(theirs)


def _signature(operation: Operation) -> Mapping[str, inspect.Parameter]:
    """The parameters of torch's function; none where it is builtin or hides them behind `*args`."""
    try:
        found = inspect.signature(resolve(operation.target)).parameters
    except ValueError:
        return {}
    hidden = operation.call == "slice" or any(item.kind in HIDING for item in found.values())
    return {} if hidden else found


def test_signatures_are_compared() -> None:
    """Enough of torch's functions have a signature for the comparison to mean something."""
    assert sum(bool(_signature(operation)) for operation in OPERATIONS.values()) > 50


@every_operation
def test_defaults_are_values_that_a_spec_could_write(operation: Operation) -> None:
    """A default that is shown is one that the argument takes."""
    shown = {name: item.default for name, item in operation.arguments.items() if item.default not in (None, MISSING)}
    assert set(operation.validate(shown)) == set(shown)


@every_operation
def test_null_can_be_written_only_where_torch_takes_none(operation: Operation) -> None:
    """`None` as a default without `| None` in the type means that the argument is left out, not that it may be null."""
    for name, parameter in operation.arguments.items():
        members = parameter.type.replace("[int | None]", "").split(" | ")
        if "None" in members:
            assert operation.validate({name: None}) == {name: None}
            assert parameter.default is None


def test_operators_are_those_of_python() -> None:
    """Every operation that is written as an operator has one, and Python can read it."""
    assert set(OPERATORS) == {name for name, item in OPERATIONS.items() if item.call == "operator"}
    for symbol in OPERATORS.values():
        assert isinstance(ast.parse(f"a {symbol} b", mode="eval").body, ast.BinOp)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("flatten", "start_dim"),
        ("unsqueeze", "dim"),
        ("softmax", "dim"),
        ("mul", "other"),
        ("add", "other"),
        ("pow", "exponent"),
        ("rearrange", "pattern"),
        ("to", "dtype"),
        ("topk", "k"),
        ("arange", "end"),
        ("masked_fill", "value"),
        ("relu", "inplace"),
        ("dropout", "p"),
        ("adaptive_avg_pool2d", "output_size"),
        ("max_pool2d", "kernel_size"),
        ("transpose", ["dim0", "dim1"]),
        ("reduce", ["pattern", "reduction"]),
        ("maximum", None),
    ],
)
def test_one_value_fills_one_argument(name: str, argument: str | list[str] | None) -> None:
    """A single value is the only required argument, or the first where none is; several required are named."""
    assert sole_operation_argument(OPERATIONS[name]) == argument


def test_the_registry_finds_everything_here() -> None:
    """The function that reads registered functions is part of this room's door."""
    assert operation_of(lambda x: x, "same").name == "same"


def test_reading_the_table_does_not_import_torch() -> None:
    """Listing operations and their arguments is quick: torch and einops are imported when one is run."""
    script = (
        "import sys; from archspec.catalog.operations import OPERATIONS; "
        "[item.model for item in OPERATIONS.values()]; "
        "print([name for name in ('torch', 'einops') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert found.stdout == "[]\n"
