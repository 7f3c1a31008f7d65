"""The operations a spec can name: in comes a name or a function, out goes an `Operation`. The tables are in text."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache

from archspec.catalog import operation_table, operation_table_math, operation_table_nn
from archspec.catalog.function_operations import operation_of
from archspec.catalog.operation import MISSING, Operation, Parameter, sole_operation_argument
from archspec.catalog.operation_calls import OPERATORS
from archspec.catalog.operation_kinds import DTYPES, kind_of_type

__all__ = [
    "DTYPES",
    "MISSING",
    "OPERATIONS",
    "OPERATORS",
    "Operation",
    "Parameter",
    "operation_of",
    "sole_operation_argument",
]

_RECORD = re.compile(r"^(\w+)(\(.*?\))\n {4}([\w.]+)(?:, (\w+))?: ([^\n]+)$", re.MULTILINE | re.DOTALL)


class _Table(Mapping[str, Operation]):
    """The operations by name, each read when it is first asked for."""

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}

    def __getitem__(self, name: str) -> Operation:
        operation = self._operations.get(name)
        if operation is None:
            operation = self._operations.setdefault(name, _read(_records()[name]))
        return operation

    def __contains__(self, name: object) -> bool:
        return name in _records()

    def __iter__(self) -> Iterator[str]:
        return iter(_records())

    def __len__(self) -> int:
        return len(_records())


@cache
def _records() -> dict[str, re.Match[str]]:
    """The operations' two lines by name."""
    tables = (operation_table.TABLE, operation_table_math.TABLE, operation_table_nn.TABLE)
    found = [match for table in tables for match in _RECORD.finditer(table)]
    records = {match[1]: match for match in found}
    assert len(records) == len(found), "two operations have one name"
    return records


def _read(record: re.Match[str]) -> Operation:
    name, signature, target, call, doc = record.groups()
    (definition,) = ast.parse(f"def operation{signature}: ...").body
    assert isinstance(definition, ast.FunctionDef)
    written = definition.args
    variadic = written.vararg is not None
    tensors = tuple(item.arg for item in written.args) if written.vararg is None else (written.vararg.arg,)
    parameters = map(_parameter, written.kwonlyargs, written.kw_defaults)
    return Operation(
        name=name,
        target=target.replace("F.", "torch.nn.functional.", 1) if target.startswith("F.") else target,
        tensors=tensors,
        required_tensors=len(tensors) - len(written.defaults),
        variadic=variadic,
        arguments={parameter.name: parameter for parameter in parameters},
        call=call or "function",
        doc=doc,
        extra=None if written.kwarg is None else _parameter(written.kwarg, None),
    )


def _parameter(written: ast.arg, default: ast.expr | None) -> Parameter:
    assert written.annotation is not None, f"{written.arg} has no type"
    text = ast.unparse(written.annotation)
    value = MISSING if default is None else ast.literal_eval(default)
    return Parameter(name=written.arg, type=text, default=value, kind=kind_of_type(text))


OPERATIONS: Mapping[str, Operation] = _Table()
"""Every operation of torch, `torch.nn.functional`, tensors and einops that a spec can name."""
