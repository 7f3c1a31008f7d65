"""What arguments of operations and transforms take: in comes a type as a table writes it, out goes the kind of value.

The types are Python's own `int`, `float`, `bool`, `str`, `list[…]`, `Literal[…]`, `None` and unions of them, and:

| type | takes |
|---|---|
| `number` | an integer or a float, kept as it is written |
| `fill` | a number, or an infinity: what masks are filled with |
| `size` | an integer of at least 0 |
| `free_size` | an integer of at least -1, which stands for "what is left" or "as it is" |
| `dtype` | the name of one of torch's dtypes |
| `interpolation` | how an image is resampled, by torchvision's name |
| `int[1, 9]`, `float[0]` | a number with a least and, when it has two, a greatest value |
| `list[int, 2]`, `list[int, 1, 2]` | a list of two items, of one or two |
"""

import ast
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic_core import PydanticCustomError

from archspec.catalog.kinds import (
    BOOLEAN,
    NULL,
    TEXT,
    Alternative,
    Bounds,
    Choice,
    Integer,
    Items,
    JsonSchema,
    Kind,
    Number,
    OneOf,
)

__all__ = ["DTYPES", "INTERPOLATIONS", "deferring", "kind_of_type"]

DTYPES = (
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
)
"""The dtypes that a spec can name."""

INTERPOLATIONS = ("nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos")
"""The ways to resample an image that a spec can name."""

_PLAIN = (type(None), bool, int, float, str, list, tuple, dict)
_GREATEST_INTEGER = 2**63 - 1


class _Deferring(OneOf):
    """Alternatives that let pass what is no plain value yet: an expression, or a size that is read at run time."""

    __slots__ = ()

    def check(self, value: Any) -> object:
        """The value as the kind of its type takes it."""
        return OneOf.check(self, value) if isinstance(value, _PLAIN) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scalar(Alternative):
    """A number that stays an integer when it is one; NaN is none."""

    infinite: bool = False

    def claims(self) -> Iterable[type]:
        """Both kinds of number."""
        return (int, float)

    def check(self, value: float) -> float:
        """The number itself."""
        if isinstance(value, int):
            known = abs(value) <= _GREATEST_INTEGER
        else:
            known = math.isfinite(value) or (self.infinite and math.isinf(value))
        if not known:
            raise PydanticCustomError("not_finite", "Input should be {expected}", {"expected": str(self), "hint": ""})
        return value

    def json_schema(self) -> JsonSchema:
        """A number."""
        return {"type": "number"}

    def __str__(self) -> str:
        """In a few words."""
        return "a number or an infinity" if self.infinite else "a finite number"


_NAMED: dict[str, Alternative] = {
    "bool": BOOLEAN,
    "dtype": Choice(values=DTYPES),
    "fill": _Scalar(infinite=True),
    "float": Number(),
    "free_size": Integer(bounds=Bounds(low=-1)),
    "int": Integer(),
    "interpolation": Choice(values=INTERPOLATIONS),
    "number": _Scalar(),
    "size": Integer(bounds=Bounds(low=0)),
    "str": TEXT,
}


@cache
def kind_of_type(text: str) -> Kind:
    """The kind of value that a type of the table takes.

    >>> str(kind_of_type("int | list[int]"))
    'an integer or a list of items'
    """
    return _kind(ast.parse(text, mode="eval").body)


def _kind(tree: ast.expr) -> Kind:
    return _Deferring(tuple(_alternatives(tree)))


def _alternatives(tree: ast.expr) -> Iterator[Alternative]:
    match tree:
        case ast.BinOp(left=left, right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case ast.Constant(value=None):
            yield NULL
        case ast.Name(id=name):
            yield _NAMED[name]
        case ast.Subscript(value=ast.Name(id="list"), slice=ast.Tuple(elts=[item, *lengths])):
            yield Items(item=_kind(item), lengths=tuple(map(ast.literal_eval, lengths)))
        case ast.Subscript(value=ast.Name(id="list"), slice=item):
            yield Items(item=_kind(item))
        case ast.Subscript(value=ast.Name(id="int" | "float" as name), slice=bounds):
            yield (Integer if name == "int" else Number)(bounds=_bounds(ast.literal_eval(bounds)))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=choices):
            values = ast.literal_eval(choices)
            yield Choice(values=values if isinstance(values, tuple) else (values,))
        case _:
            raise AssertionError(f"{ast.unparse(tree)} is no type of the table")


def _bounds(written: float | tuple[float, float]) -> Bounds:
    low, high = written if isinstance(written, tuple) else (written, math.inf)
    return Bounds(low=low, high=high)


def deferring(kind: Kind) -> Kind:
    """The same kind, and it lets pass what is no plain value yet, in lists too."""
    if not isinstance(kind, OneOf):
        return kind
    return _Deferring(tuple(_deferring_items(item) for item in kind.kinds))


def _deferring_items(kind: Alternative) -> Alternative:
    return replace(kind, item=deferring(kind.item)) if isinstance(kind, Items) else kind
