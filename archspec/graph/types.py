"""What flows along an edge of a graph: tensors by shape and dtype, and the tuples, lists and dictionaries of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

__all__ = ["DictType", "ListType", "NoneType", "TensorType", "TextType", "TupleType", "Type", "describe", "tensors"]

ITEM_SIZE = {"float64": 8, "int64": 8, "complex64": 8, "complex128": 16, "float32": 4, "int32": 4, "int16": 2}
ITEM_SIZE |= {"float16": 2, "bfloat16": 2, "bool": 1, "int8": 1, "uint8": 1}


@dataclass(frozen=True, slots=True)
class TensorType:
    """A tensor: its shape, as the check ran it, and the name of its dtype, such as `float32`."""

    shape: tuple[int, ...]
    dtype: str = "float32"

    @property
    def bytes(self) -> int:
        """How much memory such a tensor takes."""
        return prod(self.shape) * ITEM_SIZE.get(self.dtype, 4)


@dataclass(frozen=True, slots=True)
class TupleType:
    """A tuple, such as the two results of `MultiheadAttention`."""

    items: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class ListType:
    """A list, such as the results of a `ModuleList` with `mode: branch`."""

    items: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class DictType:
    """A dictionary, such as the results of a `ModuleDict` with `mode: branch`."""

    items: tuple[tuple[str, "Type"], ...]


@dataclass(frozen=True, slots=True)
class TextType:
    """A run-time string that selects in a `ModuleDict`; `origin` is the input of the model it came from."""

    origin: str


@dataclass(frozen=True, slots=True)
class NoneType:
    """An optional input that is left out."""


Type = TensorType | TupleType | ListType | DictType | TextType | NoneType


def describe(kind: Type) -> str:
    """A type in words, as errors and tables show it.

    >>> describe(TensorType((2, 3, 32, 32)))
    '2×3×32×32'
    """
    match kind:
        case TensorType(shape=()):
            return "a scalar" if kind.dtype == "float32" else f"a scalar {kind.dtype}"
        case TensorType():
            shape = "×".join(str(size) for size in kind.shape)
            return shape if kind.dtype == "float32" else f"{shape} {kind.dtype}"
        case TupleType():
            return f"({', '.join(describe(item) for item in kind.items)})"
        case ListType():
            return f"[{', '.join(describe(item) for item in kind.items)}]"
        case DictType():
            return "{" + ", ".join(f"{key}: {describe(item)}" for key, item in kind.items) + "}"
        case TextType():
            return "a string"
        case NoneType():
            return "None"


def tensors(kind: Type) -> Iterator[TensorType]:
    """Every tensor within a type, in order."""
    match kind:
        case TensorType():
            yield kind
        case TupleType() | ListType():
            for item in kind.items:
                yield from tensors(item)
        case DictType():
            for _, item in kind.items:
                yield from tensors(item)
