"""The transforms a spec can name: in comes a name, out go its arguments. The table is text, in `transform_table`."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Annotated, Any, cast

from pydantic import BaseModel, create_model

from archspec.catalog.argument_model import ArgumentModel
from archspec.catalog.kinds import Items, ModuleValue, OneOf
from archspec.catalog.operation import MISSING, Parameter
from archspec.catalog.operation_kinds import kind_of_type
from archspec.catalog.transform_table import ALIASES, LEFT_OUT, TABLE

__all__ = ["CROPS", "HELD", "LEFT_OUT", "OWN", "TRANSFORMS", "Transform"]

CROPS = ("FiveCrop", "TenCrop")
"""The transforms that make several images of one."""

HELD = "transforms"
"""The argument of a transform that applies others."""

OWN = ("PCALighting",)
"""The transforms that torchvision does not have."""

_RECORD = re.compile(r"^(\w+)(\([^\n]*?(?:\n {7,}[^\n]+)*\))\n {4}(\S[^\n]*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, eq=False)
class Transform:
    """One transform of images.

    Attributes:
        name: the name in a spec, and of the class.
        arguments: by name, in order.
        doc: what it does, in one line.
    """

    name: str
    arguments: dict[str, Parameter]
    doc: str

    @property
    def holds(self) -> bool:
        """Whether it applies other transforms, its argument `transforms`."""
        return HELD in self.arguments

    @property
    def positional(self) -> tuple[str, ...]:
        """The arguments that a list can give, in order; where it holds transforms, a list is the list of these."""
        return () if self.holds else tuple(self.arguments)

    @cached_property
    def defaults(self) -> dict[str, object]:
        """The default of every argument, lists as tuples; that of a required one is `MISSING`."""
        return {
            name: tuple(item.default) if isinstance(item.default, list) else item.default
            for name, item in self.arguments.items()
        }

    @cached_property
    def sole(self) -> str | list[str] | None:
        """The argument that a single value fills: the only required one; where none is required, the first.

        The names of all required ones when they are several; None when there are no arguments.
        """
        required = [parameter.name for parameter in self.arguments.values() if parameter.required]
        return required if len(required) > 1 else next(iter(required or self.arguments), None)

    @cached_property
    def model(self) -> type[BaseModel]:
        """The Pydantic model of the arguments: none of them required, no other allowed."""
        fields: dict[str, Any] = {
            name: (Annotated[Any, item.kind], None if item.required else item.default)
            for name, item in self.arguments.items()
        }
        return create_model(self.name, __base__=ArgumentModel, __doc__=self.doc, **fields)

    def validate(self, values: Mapping[str, object]) -> dict[str, object]:
        """The given values, checked; lists become tuples. Expressions that are not evaluated yet pass as they are.

        >>> TRANSFORMS["CenterCrop"].validate({"size": [224, 200]})
        {'size': (224, 200)}

        Raises:
            pydantic.ValidationError: some values are refused; each error's `loc` is the argument's name and, in a
                list, the position.
        """
        checked = self.model.model_validate(dict(values)).__dict__
        return {name: checked[name] for name in values}


class _Table(Mapping[str, Transform]):
    """The transforms by name, each read when it is first asked for."""

    def __init__(self) -> None:
        self._transforms: dict[str, Transform] = {}

    def __getitem__(self, name: str) -> Transform:
        transform = self._transforms.get(name)
        if transform is None:
            transform = self._transforms.setdefault(name, _read(_records()[name]))
        return transform

    def __contains__(self, name: object) -> bool:
        return name in _records()

    def __iter__(self) -> Iterator[str]:
        return iter(_records())

    def __len__(self) -> int:
        return len(_records())


@cache
def _records() -> dict[str, re.Match[str]]:
    """The transforms' lines by name."""
    return {match[1]: match for match in _RECORD.finditer(TABLE)}


def _read(record: re.Match[str]) -> Transform:
    name, signature, doc = record.groups()
    (definition,) = ast.parse(f"def transform{signature}: ...").body
    assert isinstance(definition, ast.FunctionDef)
    written = definition.args
    required = len(written.args) - len(written.defaults)
    parameters = map(_parameter, written.args, [None] * required + list[ast.expr | None](written.defaults))
    return Transform(name=name, arguments={item.name: item for item in parameters}, doc=doc)


def _parameter(written: ast.arg, default: ast.expr | None) -> Parameter:
    assert written.annotation is not None, f"{written.arg} has no type"
    text = re.sub(r"\w+", lambda match: ALIASES.get(match[0], match[0]), ast.unparse(written.annotation))
    value = MISSING if default is None else ast.literal_eval(default)
    kind = ModuleValue() if text == HELD else _settled(cast("OneOf", kind_of_type(text)))
    return Parameter(name=written.arg, type=text, default=value, kind=kind)


def _settled(kind: OneOf) -> OneOf:
    """The same kind for values that all are known when a spec is compiled: what is no plain value then is refused."""
    items = (
        replace(item, item=_settled(cast("OneOf", item.item))) if isinstance(item, Items) else item
        for item in kind.kinds
    )
    return OneOf(tuple(items))


TRANSFORMS: Mapping[str, Transform] = _Table()
"""Every transform that a spec can name."""
