"""PyTorch's words in ours: in comes the message of a kernel or a constructor, out goes what it expected."""

import re
from collections.abc import Callable, Iterable
from math import prod

from archspec.diagnostic import Note
from archspec.graph.types import DictType, ListType, TensorType, TupleType, Type

__all__ = ["expected_by", "explained", "one_of_several", "said"]

OPERATORS = ("add", "sub", "mul", "div")


def expected_by(reason: str) -> str:
    """What PyTorch expected, or nothing when its message is none of the usual ones.

    >>> expected_by("embed_dim must be divisible by num_heads")
    '`embed_dim` divisible by `num_heads`'
    """
    for pattern, words in _REASONS:
        match = pattern.search(reason)
        if match is not None:
            return words(match)
    return ""


def said(reason: str) -> tuple[Note, ...]:
    """PyTorch's own words as a note, where ours do not say it all."""
    return () if expected_by(reason) else (Note(message=f"PyTorch says: {_readable(reason)}"),)


def _readable(reason: str) -> str:
    """PyTorch's words without what only Python programmers know."""
    for pattern, plain in _PYTHON:
        reason = pattern.sub(plain, reason)
    return reason


def explained(operation: str, kinds: Iterable[Type | None], reason: str) -> tuple[str, tuple[Note, ...]]:
    """What an operation expected of its inputs, and PyTorch's own words where ours do not say it."""
    tensors = [kind for kind in kinds if isinstance(kind, TensorType)]
    expected = (_same_sizes(tensors) if operation in OPERATORS else "") or expected_by(reason)
    return expected, (() if expected else said(reason))


def one_of_several(kinds: Iterable[Type | None], sources: Iterable[str]) -> str:
    """A hint where something other than a tensor is handed on whole, as what recurrent layers and attention give."""
    for kind, source in zip(kinds, sources, strict=False):
        if isinstance(kind, (TupleType, ListType)):
            return f"`{source}` gives several: name the one that is meant, such as `from: '{source}[0]'`"
        if isinstance(kind, DictType):
            return f"`{source}` gives several: name the one that is meant, such as `from: '{source}[key]'`"
    return ""


def _same_sizes(kinds: list[TensorType]) -> str:
    """The first dimension in which tensors that are combined element by element disagree, or nothing."""
    rank = max((len(kind.shape) for kind in kinds), default=0)
    padded = [(1,) * (rank - len(kind.shape)) + kind.shape for kind in kinds]
    for axis, sizes in enumerate(zip(*padded, strict=True)):
        different = list(dict.fromkeys(size for size in sizes if size != 1))
        if len(different) > 1:
            return f"sizes that are equal or 1; in dimension {axis} they are {_listed(different)}"
    return ""


def _listed(sizes: list[int]) -> str:
    *first, last = map(str, sizes)
    return f"{', '.join(first)} and {last}"


def _shape(text: str) -> str:
    return "×".join(re.findall(r"-?\d+", text))


def _broadcast(match: re.Match[str]) -> str:
    return f"sizes that are equal or 1; {_shape(match[1])} and {_shape(match[2])} are neither"


def _product(match: re.Match[str]) -> str:
    sizes = [int(size) for size in re.findall(r"-?\d+", match[1])]
    total = int(match[2])
    known = prod(size for size in sizes if size != -1)
    if -1 in sizes:
        return f"sizes that divide the {total:,} elements; {_shape(match[1].replace('-1', ''))} makes {known:,}"
    return f"sizes whose product is {total:,}, the number of elements; {_shape(match[1])} makes {known:,}"


def _dtype(match: re.Match[str]) -> str:
    names = {"Long": "int64", "Int": "int32", "Float": "float32", "Double": "float64", "Bool": "bool", "Byte": "uint8"}
    wanted = [names.get(name.strip(), name.strip()) for name in match[1].split(",")]
    return f"a tensor of {' or '.join(wanted)}, not of {match[2]}"


_Words = Callable[[re.Match[str]], str]

_PYTHON: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"torch\.Size\(\[(.*?)\]\)"), lambda match: _shape(match[1]) or "a scalar"),
    (re.compile(r"<class '(?:\w+\.)*(\w+)'>"), r"\1"),
    (re.compile(r"<[^<>]* at 0x[0-9a-f]+>"), "…"),
    (re.compile(r"\bNoneType\b"), "None"),
)

_REASONS: tuple[tuple[re.Pattern[str], _Words], ...] = (
    (
        re.compile(r"same reduction dim, but got \[(.+?)\] X \[(.+?)\]"),
        lambda match: (
            f"inner dimensions that are equal; in {_shape(match[1])} times {_shape(match[2])} they are "
            f"{match[1].split(', ')[-1]} and {match[2].split(', ')[0]}"
        ),
    ),
    (
        re.compile(r"had torch\.Size\(\[(.*?)\]\); but expected shape should be broadcastable to \[(.*?)\]"),
        _broadcast,
    ),
    (
        re.compile(r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at .*dimension (\d+)"),
        lambda match: f"sizes that are equal or 1; in dimension {match[3]} they are {match[1]} and {match[2]}",
    ),
    (
        re.compile(
            r"except in dimension (\d+)\. Expected (?:size )?(\d+) (?:in dimension (\d+) )?but got (?:size )?(\d+)"
        ),
        lambda match: (
            f"equal sizes in every dimension but {match[1]}"
            + (f"; in dimension {match[3]} they are {match[2]} and {match[4]}" if match[3] else "")
        ),
    ),
    (
        re.compile(r"input size per channel: \((.+?)\)\. Kernel size: \((.+?)\)\. Kernel size can't be greater"),
        lambda match: (
            f"an input no smaller than the kernel: padded it is {_shape(match[1])}, the kernel {_shape(match[2])}"
        ),
    ),
    (
        re.compile(r"Given input size: \((.+?)\)\. Calculated output size: \((.+?)\)\. Output size is too small"),
        lambda match: f"an input large enough: from {_shape(match[1])} the output would be {_shape(match[2])}",
    ),
    (re.compile(r"following scalar types: ([\w, ]+); but got torch\.(\w+)"), _dtype),
    (re.compile(r"shape '\[(.*?)\]' is invalid for input of size (\d+)"), _product),
    (
        re.compile(r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)"),
        lambda match: f"a dimension from {match[1]} to {match[2]}, not {match[3]}",
    ),
    (
        re.compile(r"^(\w+) \((\d+)\) must be divisible by (\w+) \((\d+)\)"),
        lambda match: f"`{match[1]}` divisible by `{match[3]}`; {match[2]} is not divisible by {match[4]}",
    ),
    (re.compile(r"^(\w+) must be divisible by (\w+)$"), lambda match: f"`{match[1]}` divisible by `{match[2]}`"),
    (
        re.compile(r"can't divide axis of length (\d+) in chunks of (\d+)"),
        lambda match: f"a size divisible by {match[2]}, not {match[1]}",
    ),
    (
        re.compile(r"Expected (\d)D \(unbatched\) or (\d)D \(batched\) input to \w+, but got input of size: \[(.*?)\]"),
        lambda match: f"an input of {match[2]} dimensions, not {_shape(match[3])}",
    ),
    (
        re.compile(r"[Ee]xpected (\d)D(?: or (\d)D)? input \(got (\d)D input\)"),
        lambda match: f"an input of {match[1]}{f' or {match[2]}' if match[2] else ''} dimensions, not {match[3]}",
    ),
    (
        re.compile(r"^it returns (\w+), and only"),
        lambda match: f"tensors, or tuples, lists and dictionaries of them, as the result, not {match[1]}",
    ),
    (re.compile(r"^\w+ takes (two tensors, or one tensor and a number)$"), lambda match: match[1]),
    (
        re.compile(r"^\w+ would give ([\d,]+) tensors, more than ([\d,]+)"),
        lambda match: f"at most {match[2]} tensors as the result, not {match[1]}",
    ),
    (re.compile(r"Need attn_mask if specifying the is_causal hint"), lambda _: "a mask beside `is_causal: true`"),
    (re.compile(r"^division by zero$"), lambda _: "no division by zero"),
    (re.compile(r"Storage size calculation overflowed"), lambda _: "sizes whose product can be counted in 63 bits"),
)
